package ui

import (
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/dialplan"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// picturesIn names the folder in which TestPictures leaves a picture of the window in each state, light and
// dark, in English and Danish. Without it the window is only measured.
const picturesIn = "CALLTRAY_PICTURES"

// speak has the sentences of a test in a language.
func speak(t *testing.T, language string) {
	for _, name := range []string{"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"} {
		t.Setenv(name, language)
	}
	text.Load()
	t.Cleanup(func() {
		for _, name := range []string{"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"} {
			t.Setenv(name, "en")
		}
		text.Load()
	})
}

// scene is a state of the window.
type scene struct {
	name string
	show func(f *fixture)
}

// scenes are all of them. Each begins with no calls and an empty entry.
func scenes() []scene {
	began := time.Now().Add(-83 * time.Second)
	at := func(c csta.Call) csta.Call { c.Since = began; return c }
	ring := at(call("r", csta.Ringing, "22334455", "Ærø Bageri"))
	ring.Via, ring.ViaName = "400", "Reception"
	ring2 := at(call("s", csta.Ringing, "", ""))
	talk := at(call("t", csta.Active, "22334455", "Ærø Bageri"))
	held := at(call("h", csta.Held, "22334455", "Ærø Bageri"))
	other := at(call("o", csta.Active, "86121314", "Åse Østergaard"))
	dials := at(asking("h-att", csta.Calling, held, "205", "Maja Holm"))
	asks := at(asking("h-att", csta.Active, held, "205", "Maja Holm"))
	all := at(call("c", csta.Active, "22334455", "Ærø Bageri"))
	all.Conference = true
	long := at(call("l", csta.Active, "+4586121314", strings.Repeat("Ærøskøbing Bageri og Konditori ", 4)))
	long.Via, long.ViaName = "400", "Kundeservice og bestillinger"
	unsure := talk
	unsure.Uncertain = true
	calls := func(calls ...csta.Call) func(f *fixture) {
		return func(f *fixture) { f.inOffice(calls...) }
	}
	refused := map[string]string{}
	for _, a := range actions {
		refused[a.service] = "serviceNotSupported"
	}
	return []scene{
		{"no-calls", calls()},
		{"ringing", calls(ring)},
		{"two-ringing", calls(ring, ring2)},
		{"active", calls(talk)},
		{"active-and-chosen", func(f *fixture) { f.inOffice(talk); f.typed("maj") }},
		{"ringing-and-chosen", func(f *fixture) { f.inOffice(ring); f.press(fyne.KeyDown); f.press(fyne.KeyDown) }},
		{"held-and-active", calls(held, other)},
		{"held", calls(held)},
		{"asking-dials", calls(held, dials)},
		{"asking", calls(held, asks)},
		{"conference", calls(all)},
		{"five-calls", calls(held, other, ring, ring2, talk)},
		{"refused", func(f *fixture) {
			s := csta.State{Status: csta.Online, Since: began, Calls: []csta.Call{held, other, ring}, Trunk: csta.On, Refused: refused}
			f.ui.Show(s)
			f.settle()
			f.ui.window.calls.rows[1].buttons[0].MouseIn(nil)
		}},
		{"offline-with-calls", func(f *fixture) {
			f.inOffice(unsure, ring)
			f.show(csta.Offline, csta.ErrNoAnswer, unsure, ring)
		}},
		{"do-not-disturb", func(f *fixture) {
			f.ui.Show(csta.State{Status: csta.Online, Since: began, Trunk: csta.On, Telephone: csta.Telephone{DoNotDisturb: csta.On}})
			f.settle()
		}},
		{"forwarded", func(f *fixture) {
			f.ui.Show(csta.State{Status: csta.Online, Since: began, Trunk: csta.On,
				Telephone: csta.Telephone{DoNotDisturb: csta.Off, Forwarding: []csta.Forwarding{{Type: "forwardImmediate", Active: true, To: "205"}}}})
			f.settle()
		}},
		{"keypad", func(f *fixture) { f.inOffice(talk); f.press(fyne.KeyF4); f.typed("1234#") }},
		{"keys", func(f *fixture) { f.inOffice(talk); f.press(fyne.KeyF1) }},
		{"choices", func(f *fixture) {
			f.inOffice(talk)
			f.ui.window.choose([]dialplan.Number{{Dial: "22334455", Shown: "22 33 44 55"}, {Dial: "66778899", Shown: "66 77 88 99"}})
		}},
		{"long-names", func(f *fixture) {
			f.inOffice(long, ring)
			f.ui.tell(text.Explain(csta.ErrTooLarge) + " " + text.Explain(errors.New("x")))
		}},
	}
}

// In no state and no language is anything cut, does one thing lie upon another, or move.
func TestPictures(t *testing.T) {
	folder := os.Getenv(picturesIn)
	variants := map[string]fyne.ThemeVariant{"light": theme.VariantLight}
	if folder != "" {
		variants["dark"] = theme.VariantDark
	}
	for _, language := range []string{"en", "da"} {
		for look, variant := range variants {
			t.Run(language+"-"+look, func(t *testing.T) {
				speak(t, language)
				f := newFixture(t)
				f.ui.settings.Popup = account.PopupOff // the test driver knows the places of one window only
				f.dress(variant)
				f.openOffice()
				f.tells(colleague("202", "Bo Lund"), colleague("205", "Maja Holm", call("x", csta.Ringing, "1", "")), colleague("203", "Åse Østergaard og mange flere ord"))
				talked := ended("2", csta.Answered, "86121314", "Åse Østergaard")
				talked.Answered = talked.Since.Add(-247 * time.Second)
				for _, c := range []csta.Call{ended("1", csta.Missed, "22334455", "Ærø Bageri"), talked, ended("3", csta.Busy, "203", "")} {
					f.inOffice(c)
				}
				want := ""
				for _, s := range scenes() {
					f.inOffice()
					f.ui.window.help.root.Hide()
					f.ui.window.keypad.close()
					f.ui.window.choose(nil)
					f.ui.window.clear()
					f.ui.tell("")
					f.ui.window.setHint("")
					f.ui.window.open(pageCalls)
					s.show(f)
					for _, wrong := range overlaps(f.ui.window.window.Canvas().Content()) {
						t.Errorf("%s: %s", s.name, wrong)
					}
					switch got := f.places(); {
					case want == "":
						want = got
					case got != want:
						t.Errorf("%s: moved to\n%s\nfrom\n%s", s.name, got, want)
					}
					if folder != "" {
						f.picture(filepath.Join(folder, fmt.Sprintf("%s-%s-%s.png", s.name, language, look)))
					}
				}
			})
		}
	}
}

// dress draws the window in our colours, light or dark.
func (f *fixture) dress(variant fyne.ThemeVariant) {
	f.ui.app = dressedApp{f.ui.app, &dressedSettings{Settings: f.ui.app.Settings(), variant: variant}}
	fyne.SetCurrentApp(f.ui.app)
	widgets.StartTheme(f.ui.app, false, func() {})
}

// dressedApp is the test's application with a theme, which that of Fyne's test driver cannot change.
type dressedApp struct {
	fyne.App
	settings *dressedSettings
}

func (a dressedApp) Settings() fyne.Settings { return a.settings }

type dressedSettings struct {
	fyne.Settings
	theme   fyne.Theme
	variant fyne.ThemeVariant
}

func (s *dressedSettings) Theme() fyne.Theme                 { return s.theme }
func (s *dressedSettings) SetTheme(t fyne.Theme)             { s.theme = t }
func (s *dressedSettings) ThemeVariant() fyne.ThemeVariant   { return s.variant }
func (s *dressedSettings) AddListener(f func(fyne.Settings)) {}

// picture writes the window to a file.
func (f *fixture) picture(name string) {
	f.t.Helper()
	file, err := os.Create(name)
	if err != nil {
		f.t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, f.ui.window.window.Canvas().Capture()); err != nil {
		f.t.Fatal(err)
	}
}

// overlaps tells of the buttons and entries that are smaller than what they show, outside of what is seen,
// or upon each other.
func overlaps(root fyne.CanvasObject) (wrong []string) {
	type box struct {
		what     string
		min, max fyne.Position
	}
	var boxes []box
	var walk func(o fyne.CanvasObject, at fyne.Position, clip box)
	walk = func(o fyne.CanvasObject, at fyne.Position, clip box) {
		if !o.Visible() {
			return
		}
		at = at.Add(o.Position())
		b := box{min: at, max: at.AddXY(o.Size().Width, o.Size().Height)}
		switch w := o.(type) {
		case *widgets.Action:
			b.what = "the button " + w.Text
		case *widget.Button:
			b.what = "the button " + w.Text
		case *widgets.Input:
			b.what = "the entry"
		case *fyne.Container:
			for _, c := range w.Objects {
				walk(c, at, clip)
			}
			return
		case *container.Scroll:
			b.min.Y, b.max.Y = max(b.min.Y, clip.min.Y), min(b.max.Y, clip.max.Y)
			walk(w.Content, at, box{"", b.min, b.max})
			return
		case *widgets.Line:
			if w.Least != "" && w.Width() > w.Size().Width+0.5 {
				wrong = append(wrong, w.Text+" is cut")
			}
			return
		default:
			return
		}
		if b.min.Y < clip.min.Y || b.max.Y > clip.max.Y {
			if clip.what != "" {
				wrong = append(wrong, b.what+" is outside of the window")
			}
			return // scrolled away
		}
		if least := o.MinSize(); o.Size().Width < least.Width || o.Size().Height < least.Height {
			wrong = append(wrong, fmt.Sprintf("%s is cut: %v, needs %v", b.what, o.Size(), least))
		}
		for _, other := range boxes {
			if b.min.X < other.max.X && other.min.X < b.max.X && b.min.Y < other.max.Y && other.min.Y < b.max.Y {
				wrong = append(wrong, b.what+" lies upon "+other.what)
			}
		}
		boxes = append(boxes, b)
	}
	walk(root, fyne.Position{}, box{"the window", fyne.Position{}, fyne.NewPos(root.Size().Width, root.Size().Height)})
	return wrong
}
