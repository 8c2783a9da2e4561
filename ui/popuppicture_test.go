package ui

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/theme"

	"calltray/cstasession/csta"
	"calltray/internal/attention"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// middle is the middle of a button of the popup, in pixels of its picture.
func (f *fixture) middle(b *widgets.Action) image.Point {
	f.t.Helper()
	at, ok := placeIn(f.ui.popup.root, b)
	if !ok {
		f.t.Fatalf("there is no button %q in the popup", b.Text)
	}
	scale := f.ui.popup.stand.(*picture).scale
	return image.Pt(int((at.X+b.Size().Width/2)*scale), int((at.Y+b.Size().Height/2)*scale))
}

// point tells of the pointer, as the desktop does.
func (f *fixture) point(at image.Point, on, pressed bool) {
	f.desk.pointer(at, f.desk.at.Add(at), on, pressed)
	f.settle()
}

// A click is a press and a release on one button. What is pressed down elsewhere, or released elsewhere, is none.
func TestPopupPointer(t *testing.T) {
	for _, scale := range []float32{1, 1.5, 2} {
		f := newFixture(t)
		f.desk.scale = scale
		c := call("1", csta.Ringing, "22334455", "Ærø Bageri")
		c.Since = c.Since.Add(time.Hour) // its clock stands at zero
		f.online(c)
		card := f.ui.popup.cards[0]
		answer, hangUp := f.middle(card.answer), f.middle(card.hangUp)
		outside := image.Pt(-20, 5)
		f.ui.popup.moved = time.Time{}
		for what, moves := range map[string][]image.Point{
			"from another button": {hangUp, answer},
			"to another button":   {answer, hangUp},
			"to the outside":      {answer, outside},
			"from the outside":    {outside, answer},
		} {
			f.point(moves[0], moves[0] != outside, true)
			f.point(moves[1], moves[1] != outside, false)
			f.notAsked(what)
		}
		f.point(outside, false, false)
		plain := f.desk.picture
		f.point(answer, true, false)
		if difference(plain, f.desk.picture).Empty() {
			t.Error("the button under the pointer looks like the others")
		}
		f.point(outside, false, false)
		if r := difference(plain, f.desk.picture); !r.Empty() {
			t.Errorf("the pointer has left, and %v looks as if it had not", r)
		}
		f.point(answer, true, false)
		f.point(answer, true, true)
		f.notAsked("pressing without releasing")
		f.point(answer, true, false)
		if got := f.asked(); got != "answer 1" {
			t.Errorf("at scale %v: a click on Answer asked the phone to %q", scale, got)
		}
	}
}

// A clock that is painted alone looks as if all had been painted.
func TestPopupClockIsPaintedAlone(t *testing.T) {
	for _, scale := range []float32{1, 1.3, 2} {
		f := newFixture(t)
		f.desk.scale = scale
		c := call("1", csta.Ringing, "22334455", "Ærø Bageri")
		f.online(c, call("2", csta.Ringing, "203", "Bo"))
		before := f.desk.picture
		for _, card := range f.ui.popup.cards[:2] {
			card.call.Since = card.call.Since.Add(-71*time.Second - 500*time.Millisecond)
		}
		f.ticksAlone(before)
	}
}

// whole returns the popup painted anew, as a whole and by Fyne alone.
func (f *fixture) whole() *image.NRGBA {
	p := &f.ui.popup
	s := p.stand.(*picture)
	c := software.NewTransparentCanvas()
	c.SetPadded(false)
	c.SetScale(s.scale)
	c.Resize(p.size()) // first: it would be narrower meanwhile
	c.SetContent(p.body)
	painted := c.Capture()
	all := image.NewNRGBA(painted.Bounds())
	fill(opaque(all), all.Rect, widgets.ColorEdge)
	fill(opaque(all), all.Rect.Inset(int(math.Round(float64(s.scale)))), widgets.ColorCard)
	draw.Draw(opaque(all), all.Rect, painted, image.Point{}, draw.Over)
	return all
}

// paintedSince returns how many pieces of the popup have been painted since it had these.
func (f *fixture) paintedSince(before map[fyne.CanvasObject]piece) (n int) {
	for o, now := range f.ui.popup.stand.(*picture).pieces.kept {
		if before[o].picture != now.picture {
			n++
		}
	}
	return n
}

// ticksAlone has the popup paint its clocks, and compares that with the whole popup painted anew.
func (f *fixture) ticksAlone(before *image.NRGBA) {
	f.t.Helper()
	kept := f.ui.popup.stand.(*picture).pieces.kept
	f.ui.popup.tick()
	if n := f.paintedSince(kept); n == 0 || n > 2 {
		f.t.Errorf("%d pieces were painted", n)
	}
	part := f.desk.picture
	whole := f.whole()
	if difference(before, part).Empty() {
		f.t.Error("the clock stands still")
	}
	if r := difference(part, whole); !r.Empty() {
		f.t.Errorf("at scale %v: %v differs", f.desk.scale, r)
	}
}

// After a quiet time, in which Fyne forgets how widgets look, a call's popup is as complete as before.
func TestPopupAfterAQuietTime(t *testing.T) {
	const marker = "CALLTRAY_QUIET_TIME"
	if os.Getenv(marker) == "" { // Fyne's clock must not have run yet
		child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		child.Env = append(os.Environ(), marker+"=1")
		if out, err := child.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		c := func() csta.Call {
			c := call("1", csta.Ringing, "22334455", "Ærø Bageri")
			c.Since = time.Now()
			return c
		}
		f.online(c())
		first := f.desk.picture
		for _, quiet := range []time.Duration{70 * time.Second, time.Hour} {
			f.online()
			f.online(call("2", csta.Ringing, "203", "Bo"))
			f.online()
			time.Sleep(quiet)
			f.online(c())
			if r := difference(first, f.desk.picture); !r.Empty() {
				t.Errorf("after %v %v is missing", quiet, r)
			}
			f.online()
			time.Sleep(quiet)
			f.ui.popup.root = nil
			f.online(c())
			if r := difference(first, f.desk.picture); !r.Empty() {
				t.Errorf("built after %v, %v is missing", quiet, r)
			}
			f.ui.popup.tick()
			time.Sleep(quiet) // it rings all the time
			f.ui.popup.tick()
			f.ui.popup.cards[0].call.Since = time.Now()
			f.ui.popup.tick()
			if r := difference(first, f.desk.picture); !r.Empty() {
				t.Errorf("having rung for %v, %v is missing", quiet, r)
			}
		}
	})
}

// Light, dark and the user's scale are those of the present.
func TestPopupFollowsTheTheme(t *testing.T) {
	f := newFixture(t)
	f.online(call("1", csta.Ringing, "203", ""))
	f.dress(theme.VariantDark)
	f.ui.restyle()
	ground := func() color.NRGBA { return f.desk.picture.NRGBAAt(f.desk.picture.Rect.Dx()-3, 3) }
	if got, want := ground(), widgets.ThemeColor(widgets.ColorCard); want != got {
		t.Errorf("on dark the popup's ground is %v, want %v", got, want)
	}
	width := f.desk.picture.Rect.Dx()
	f.online()
	t.Setenv("FYNE_SCALE", "2")
	f.online(call("1", csta.Ringing, "203", ""))
	if got := f.desk.picture.Rect.Dx(); got != 2*width {
		t.Errorf("at twice the size it is %d wide, want %d", got, 2*width)
	}
}

// Where no window can be opened, its place is taken by a sentence, and the rest goes on.
func TestWithoutWindows(t *testing.T) {
	f := newFixture(t)
	f.ui.app, f.ui.opens, f.desk.noWindows = nil, untried, errors.New("no OpenGL")
	f.ui.window.open(pageCalls)
	f.until("it is told", func() bool { return f.reads("OpenGL") })
	if f.ui.window.wanted || f.ui.wantsFyne() {
		t.Error("a window is still waited for")
	}
	f.ui.popup.endNotice()
	f.online(call("1", csta.Ringing, "203", ""))
	f.tap(f.card(1).button("Answer"))
	if got := f.asked(); got != "answer 1" {
		t.Errorf("Answer asked the phone to %q", got)
	}
	f.ui.askToQuit()
	if !f.ui.loop.hasEnded() {
		t.Error("Quit waits for a window")
	}
}

// And where one can, it comes once that is known.
func TestWindowComesOnceItIsKnownToBePossible(t *testing.T) {
	f := newFixture(t)
	f.ui.opens = untried
	f.ui.window.open(pageCalls)
	if f.ui.window.shown {
		t.Error("the window was not tried first")
	}
	f.until("the window", func() bool { return f.ui.window.shown })
}

// In no state and no language is anything cut but what others have written, or does one thing lie upon another.
func TestPopupPictures(t *testing.T) {
	folder := os.Getenv(picturesIn)
	looks := map[string]fyne.ThemeVariant{"light": theme.VariantLight}
	if folder != "" {
		looks["dark"] = theme.VariantDark
	}
	at := func(c csta.Call) csta.Call { c.Since = began; return c }
	queue := at(call("q", csta.Ringing, "22334455", "Ærø Bageri"))
	queue.Via, queue.ViaName = "400", "Reception"
	long := at(call("l", csta.Ringing, "+4586121314", strings.Repeat("Ærøskøbing Bageri og Konditori ", 4)))
	moved := at(call("m", csta.Ringing, "203", "Bo Østergaard"))
	moved.Cause = "singleStepTransfer"
	hidden := at(call("h", csta.Ringing, "", ""))
	scenes := map[string]func(f *fixture){
		"ringing": func(f *fixture) { f.online(queue) },
		"known": func(f *fixture) {
			f.ui.cfg.Known = func(string) Known {
				return Known{Name: "Anna Holm", Company: "Ærøskøbing Bageri og Konditori", Label: "mobile", Last: "Answered yesterday at 14:02", Note: "wants the offer"}
			}
			f.online(queue)
		},
		"nameless": func(f *fixture) {
			f.ui.cfg.Attention = func(csta.Call) attention.Channels { return attention.Channels{Popup: true, Nameless: true} }
			f.online(queue, moved)
		},
		"withheld":    func(f *fixture) { f.online(hidden) },
		"long":        func(f *fixture) { f.online(long) },
		"three":       func(f *fixture) { f.online(queue, moved, hidden) },
		"five":        func(f *fixture) { f.online(queue, moved, hidden, long, at(call("5", csta.Ringing, "45454545", ""))) },
		"notice":      func(f *fixture) { f.ui.popup.note(text.Explain(csta.ErrNoEffect)) },
		"with-notice": func(f *fixture) { f.online(queue); f.ui.popup.note(text.Explain(csta.ErrNoEffect)) },
		"no-window":   func(f *fixture) { f.ui.opens = cannot; f.ui.withoutWindow() },
		"refused": func(f *fixture) {
			f.ui.Show(csta.State{Status: csta.Online, Calls: []csta.Call{queue}, Refused: map[string]string{"DeflectCall": "serviceNotSupported"}})
			f.settle()
			f.point(f.middle(f.ui.popup.cards[0].passOn), true, false)
		},
		"in-call":         func(f *fixture) { f.talks(inPhase(queue, csta.Active)) },
		"in-call-held":    func(f *fixture) { f.talks(inPhase(long, csta.Held)) },
		"in-call-ringing": func(f *fixture) { f.talks(inPhase(queue, csta.Active), moved) },
		"in-call-five": func(f *fixture) {
			f.talks(inPhase(queue, csta.Active), moved, hidden, long, at(call("5", csta.Ringing, "45454545", "")))
		},
		"pointed": func(f *fixture) { f.online(queue); f.point(f.middle(f.ui.popup.cards[0].answer), true, false) },
	}
	for _, language := range []string{"en", "da"} {
		for look, variant := range looks {
			for name, show := range scenes {
				t.Run(strings.Join([]string{name, language, look}, "-"), func(t *testing.T) {
					speak(t, language)
					f := newFixture(t)
					f.dress(variant)
					if f.desk.scale = 1; folder != "" && variant == theme.VariantDark {
						f.desk.scale = 2
					}
					f.desk.corner = [2]int{1024, 600}
					if f.desk.scale == 2 {
						f.desk.corner = [2]int{2560, 1600}
					}
					show(f)
					for _, wrong := range measure(f.ui.popup.root) {
						t.Error(wrong)
					}
					if at := f.desk.at; at.X < 0 || at.Y < 0 || at.Y+f.desk.picture.Rect.Dy() > f.desk.corner[1]-popupMargin {
						t.Errorf("at %v a popup of %v is not on the screen", at, f.desk.picture.Rect.Size())
					}
					if folder != "" {
						write(t, filepath.Join(folder, fmt.Sprintf("popup-%s-%s-%s.png", name, language, look)), f.desk.picture)
					}
				})
			}
		}
	}
}

func write(t *testing.T, name string, img image.Image) {
	t.Helper()
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, img); err != nil {
		t.Fatal(err)
	}
}
