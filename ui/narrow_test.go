package ui

import (
	"image"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/dialplan"
)

// drag gives the window a size, as the user does at its edge.
func (f *fixture) drag(width, height float32) {
	f.ui.window.window.Resize(fyne.NewSize(width, height))
	f.settle()
}

// openNarrow opens the window in its narrow form, with colleagues.
func (f *fixture) openNarrow(calls ...csta.Call) *callsPage {
	f.t.Helper()
	f.ui.settings.Popup = account.PopupOff // the test driver knows the places of one window only
	f.openOffice(calls...)
	f.tells(colleague("202", "Bo Lund"), colleague("205", "Maja Holm"))
	f.drag(narrowWidth, 690)
	return f.ui.window.calls
}

// below says what is seen below the calls.
func (p *callsPage) below() string {
	switch {
	case p.recentArea.Visible() && p.choices.Visible():
		return "choices"
	case p.recentArea.Visible() && p.ui.window.side.root.Visible():
		return "colleagues"
	case p.recentArea.Visible() && p.recent.Visible():
		return "recent calls"
	}
	return ""
}

// The user drags the window narrow and wide again: everything is where it was, and says what it said.
func TestFormByDragging(t *testing.T) {
	f := newFixture(t)
	f.ui.settings.Popup = account.PopupOff // the test driver knows the places of one window only
	f.openOffice(call("1", csta.Active, "203", "Bo"), call("2", csta.Held, "204", "Åse"))
	p, side := f.ui.window.calls, f.ui.window.side
	side.open(sideQueues)
	side.open(sideColleagues)
	want, places := f.everyPlace(), f.places()
	for _, width := range []float32{wideFrom - 1, 500, narrowWidth} {
		f.drag(width, 690)
		if !p.narrow || p.below() != "recent calls" || p.right.Visible() || side.root.Visible() || p.column.Size().Width != width-2*sidesGap {
			t.Errorf("%v wide, it is narrow: %v, with %q below, the side seen: %v, a column of %v", width, p.narrow, p.below(), side.root.Visible(), p.column.Size())
		}
		if least := f.ui.window.window.Canvas().Content().MinSize(); least.Width > width {
			t.Errorf("%v wide, the window needs %v", width, least)
		}
		if got := f.ui.window.window.Canvas().Size(); got != fyne.NewSize(width, 690) {
			t.Errorf("dragged to %v it is %v", width, got)
		}
	}
	for _, width := range []float32{wideFrom, windowSize.Width} {
		f.drag(width, windowSize.Height)
		if p.narrow || !p.right.Visible() || !side.root.Visible() || !side.bar.Visible() || p.below() == "choices" || p.look.Visible() {
			t.Errorf("%v wide, it is narrow: %v, the side seen: %v", width, p.narrow, side.root.Visible())
		}
	}
	if got := f.everyPlace(); got != want || f.places() != places {
		t.Errorf("there and back, it is\n%s\nand was\n%s", got, want)
	}
}

// Another form has other things in the same places: what was clicked just then was not meant.
func TestFormIgnoresClicksForAMoment(t *testing.T) {
	f := newFixture(t)
	p := f.openNarrow(call("1", csta.Active, "203", "Bo"))
	f.drag(960, 690)
	lasting(t, &p.rows[0].moved)
	f.row(1).press("Hang up")
	f.notAsked("a click on a call just when the form changes")
	lasting(t, &p.sideMoved)
	row := f.ui.window.side.colleagues.rows()[0]
	row.Tapped(&fyne.PointEvent{Position: row.icons[buttonCall].Position().AddXY(5, 5)})
	f.notAsked("a click on a colleague just when the form changes")
	if time.Since(p.grown) > time.Minute {
		t.Error("the recent calls accept clicks at once")
	}
	f.typed("204")
	lasting(t, &p.formed)
	test.Tap(p.transfer)
	f.notAsked("a click on Transfer just when the form changes")
	f.press(fyne.KeyEscape)

	f.drag(narrowWidth, 690)
	p.sideMoved, p.grown = time.Time{}, time.Time{}
	test.Tap(p.look)
	lasting(t, &p.sideMoved)
	lasting(t, &p.grown)
	p.sideMoved = time.Time{}
	f.inOffice(call("1", csta.Active, "203", "Bo"), call("2", csta.Ringing, "204", ""))
	lasting(t, &p.sideMoved) // the call has moved the colleagues, who are below it here
	row.Tapped(&fyne.PointEvent{Position: row.icons[buttonCall].Position().AddXY(5, 5)})
	f.notAsked("a click on a colleague whom a call has just moved")
	p.sideMoved = time.Time{}
	f.drag(960, 690)
	p.sideMoved = time.Time{}
	f.inOffice(call("1", csta.Active, "203", "Bo"))
	if !p.sideMoved.IsZero() {
		t.Error("in the wide form, a call does not move the colleagues")
	}
}

// In the narrow form, the colleagues come while the user says whom to call, and nobody is called who is not seen.
func TestNarrowFormShowsWhomItCalls(t *testing.T) {
	f := newFixture(t)
	p := f.openNarrow()
	side := f.ui.window.side
	sees := func(when, below, chosen string) {
		t.Helper()
		if got, _ := side.chosen(); p.below() != below || got != chosen {
			t.Errorf("%s: %q is seen and %q is chosen, want %q and %q", when, p.below(), got, below, chosen)
		}
	}
	sees("at first", "recent calls", "")
	f.typed("2")
	sees("a digit", "recent calls", "")
	f.press(fyne.KeyEscape)
	f.typed("maj")
	sees("a name", "colleagues", "205")
	test.Tap(p.look)
	sees("the user asks for the recent calls", "recent calls", "")
	if f.press(fyne.KeyReturn); f.ui.window.message == "" {
		t.Error("it does not say that a name alone cannot be called")
	}
	f.notAsked("Enter while nobody is seen")
	test.Tap(p.look)
	sees("and back", "colleagues", "205")
	test.Tap(p.look)
	f.typed("a")
	sees("something else is typed", "colleagues", "205")
	f.press(fyne.KeyReturn)
	if got := f.asked(); got != "call 205" {
		t.Errorf("the phone was asked to %q", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 && p.entry.Text == "" })
	sees("it is called", "recent calls", "")

	f.press(fyne.KeyDown)
	sees("Down", "colleagues", "202")
	f.press(fyne.KeyEscape)
	sees("Esc", "recent calls", "")
	test.Tap(p.look)
	sees("the user asks for the colleagues", "colleagues", "")
	f.ui.window.choose([]dialplan.Number{{Dial: "1", Shown: "1"}})
	sees("there are numbers to choose from", "choices", "")
	f.press(fyne.KeyEscape)
	sees("and no more", "colleagues", "")
	if f.press(fyne.KeyEscape); !f.ui.window.shown {
		t.Error("Esc hid the window, not the colleagues")
	}
	sees("Esc again", "recent calls", "")

	f.inOffice(call("1", csta.Active, "203", "Bo"))
	f.ui.window.open(pageSettings)
	f.press(fyne.KeyF8)
	sees("a call is to be transferred", "colleagues", "")
	f.press(fyne.KeyEscape)
	sees("or not", "recent calls", "")
}

// The keyboard is never where nothing is seen.
func TestNarrowFormKeepsTheKeyboard(t *testing.T) {
	f := newFixture(t)
	p := f.openNarrow(ended("1", csta.Missed, "203", ""))
	row, c := f.past("203", ""), f.ui.window.window.Canvas()
	c.Focus(row.dial)
	f.press(fyne.KeyDown)
	if p.below() != "colleagues" || c.Focused() != p.entry {
		t.Errorf("%q is seen, and %T has the keyboard", p.below(), c.Focused())
	}
	f.press(fyne.KeyEscape)
	c.Focus(p.history.text)
	if f.typed("ærø"); p.history.text.Text != "ærø" || c.Focused() != p.history.text {
		t.Errorf("the search for calls holds %q", p.history.text.Text)
	}
}

// Keypad and keys take the place of everything, and typing leads back.
func TestNarrowFormCovered(t *testing.T) {
	f := newFixture(t)
	p := f.openNarrow(call("1", csta.Active, "203", "Bo"))
	w := &f.ui.window
	f.press(fyne.KeyF4)
	if p.column.Visible() || !p.right.Visible() || !w.keypad.root.Visible() || w.keypad.root.Size().Width < narrowWidth-2*sidesGap-1 {
		t.Errorf("the keypad has %v", w.keypad.root.Size())
	}
	f.typed("1")
	if got := f.asked(); got != "play 1 into 1" {
		t.Errorf("the phone was asked to %q", got)
	}
	f.until("the service is over", func() bool { return len(w.keypad.waiting) == 0 })
	f.inOffice()
	if w.keypad.root.Visible() || !p.column.Visible() || p.right.Visible() {
		t.Error("the call is over, and the keypad stays")
	}
	f.press(fyne.KeyF1)
	if p.column.Visible() || !w.help.root.Visible() {
		t.Error("F1 does not show the keys")
	}
	w.window.Canvas().Focus(p.entry)
	f.typed("m")
	if !p.column.Visible() || w.help.root.Visible() || p.below() != "colleagues" {
		t.Errorf("typing leads to %q", p.below())
	}
}

// A button without room for its label says it beside the pointer.
func TestNarrowButtonsTellTheirLabels(t *testing.T) {
	f := newFixture(t)
	f.openNarrow(call("1", csta.Active, "203", "Bo"))
	hold, hint := f.row(1).button("Hold"), f.ui.window.hint
	if hold.Text != "" || f.row(1).button("Hang up").Text != "Hang up" {
		t.Errorf("Hold says %q", hold.Text)
	}
	hold.MouseIn(nil)
	f.until("it is told", hint.bubble.Visible)
	if hint.words.Text != "Hold" {
		t.Errorf("it says %q", hint.words.Text)
	}
	hold.MouseOut()
	f.drag(960, 690)
	if hold.Text != "Hold" {
		t.Errorf("with room for it, it says %q", hold.Text)
	}
	f.ui.window.calls.rows[0].moved, f.ui.window.calls.rows[0].changed = time.Time{}, time.Time{}
	f.drag(narrowWidth, 690)
	f.ui.window.calls.rows[0].moved = time.Time{}
	f.row(1).press("Hold")
	if got := f.asked(); got != "hold 1" {
		t.Errorf("the phone was asked to %q", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
}

// A question fits the window, and goes when the form changes: it does nothing unasked.
func TestNarrowQuestion(t *testing.T) {
	f := newFixture(t)
	f.openNarrow()
	q, done := &f.ui.window.question, false
	f.ui.window.ask("Do it, although it is a rather long sentence that has more than one line?", "Do it", func() bool { return true }, func() { done = true })
	if size := q.over.Content.Size(); size.Width > narrowWidth || q.sentence.Cut() {
		t.Errorf("it is %v large", size)
	}
	if f.drag(960, 690); q.open() || done {
		t.Errorf("it is open: %v, done: %v", q.open(), done)
	}
}

// moved is where the window was last put.
func (f *fixture) moved() (at image.Point) {
	if places := f.ui.window.window.(*desktopWindow).places; len(places) > 0 {
		last := places[len(places)-1]
		at = image.Pt(last[0], last[1])
	}
	return at
}

// A page that does not fit the narrow form makes the window wide, on its screen; afterwards it is as it was.
func TestPagesMakeTheWindowWide(t *testing.T) {
	corner, left := image.Pt(1280-narrowWidth-4, 60), image.Pt(1280-960-4, 60)
	narrow, wide := fyne.NewSize(narrowWidth, 690), windowSize
	pages := map[string]func(f *fixture){
		"settings": func(f *fixture) { f.ui.window.open(pageSettings) },
		"contacts": func(f *fixture) { f.ui.window.open(pageBook) },
		"telephone": func(f *fixture) {
			f.ui.Show(csta.State{Status: csta.Online, Trunk: csta.On, Telephone: csta.Telephone{DoNotDisturb: csta.Off}})
			f.settle()
			f.ui.setForwarding(true) // to a number that is yet to be typed
		},
	}
	for name, open := range pages {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, (&ownBook{}).config)
			p := f.openNarrow()
			f.desk.window = corner
			size := func() fyne.Size { return f.ui.window.window.Canvas().Size() }
			back := func() {
				f.ui.window.open(pageCalls)
				f.ui.window.side.open(sideColleagues)
				f.settle()
			}
			open(f)
			if size() != wide || f.moved() != left {
				t.Errorf("it is %v large at %v, want %v at %v", size(), f.moved(), wide, left)
			}
			if name == "telephone" && !f.ui.window.side.telephone.root.Visible() {
				t.Error("the telephone is not seen")
			}
			f.desk.window = left.Add(image.Pt(3, -20)) // give or take a frame
			if back(); size() != narrow || f.moved() != corner || !p.narrow {
				t.Errorf("afterwards it is %v large at %v, want %v at %v", size(), f.moved(), narrow, corner)
			}
			f.desk.window = corner
			open(f)
			f.desk.window = image.Pt(40, 60)
			f.drag(900, 660) // as a window manager may have it
			if back(); size() != narrow || f.moved() != left {
				t.Errorf("dragged away meanwhile, it is %v large and was put at %v", size(), f.moved())
			}
			open(f)
			f.drag(1100, 700)
			if back(); size() != fyne.NewSize(1100, 700) || p.narrow {
				t.Errorf("made wider meanwhile, it is %v large", size())
			}
			open(f)
			if back(); size() != fyne.NewSize(1100, 700) {
				t.Errorf("a wide window became %v", size())
			}
		})
	}
}

// On a small screen, the window becomes no wider than that.
func TestPagesOnASmallScreen(t *testing.T) {
	f := newFixture(t)
	f.desk.corner = [2]int{800, 600}
	f.openNarrow()
	f.drag(narrowWidth, 500)
	f.ui.window.open(pageSettings)
	got, least := f.ui.window.window.Canvas().Size(), f.ui.window.settings.root.MinSize()
	if want := fyne.NewSize(800, 600).Subtract(windowFrame).Max(least); got != want {
		t.Errorf("it is %v large, want %v", got, want)
	}
	if f.ui.window.open(pageCalls); f.ui.window.window.Canvas().Size() != fyne.NewSize(narrowWidth, 500) {
		t.Errorf("afterwards it is %v", f.ui.window.window.Canvas().Size())
	}
}

// The narrow window is remembered, not what a page made of it.
func TestNarrowWindowIsRemembered(t *testing.T) {
	var told chan account.Remembered
	f := newFixture(t, func(c *Config) {
		told = remembering(c)
		c.Remembered = account.Remembered{Introduced: true, Closed: true, Width: narrowWidth, Height: 600, X: 850, Y: 60, Placed: true}
	})
	w := &f.ui.window
	f.ui.ShowSettings()
	f.settle()
	size := func() fyne.Size { return w.window.Canvas().Size() }
	if size() != windowSize || f.moved() != image.Pt(1280-960-4, 60) {
		t.Errorf("the settings open %v large at %v", size(), f.moved())
	}
	f.desk.window = f.moved()
	w.close()
	if len(told) > 0 {
		t.Errorf("remembered is %+v", <-told)
	}
	f.openWindow()
	if size() != fyne.NewSize(narrowWidth, 600) || f.moved() != image.Pt(850, 60) || !w.calls.narrow {
		t.Errorf("afterwards it opens %v large at %v", size(), f.moved())
	}
	f.desk.window = image.Pt(100, 80)
	f.drag(400, 620)
	w.open(pageSettings)
	w.close()
	if got := <-told; got.Width != 400 || got.Height != 620 || got.X != 100 || got.Y != 80 {
		t.Errorf("remembered is %+v", got)
	}
	f.ui.keeping.Wait()
}

// In a low window, the user still sees whom a name chooses: then fewer calls are seen at once, the active one among them.
// Colleagues for whom there is no room even so are not chosen.
func TestNarrowAndLow(t *testing.T) {
	f := newFixture(t)
	p := f.openNarrow()
	f.drag(narrowWidth, 400)
	f.inOffice(call("1", csta.Held, "203", ""), call("2", csta.Active, "204", "Åse"), call("3", csta.Held, "205", ""))
	f.typed("maj")
	if _, chosen := f.ui.window.side.chosen(); chosen || p.recentArea.Visible() {
		t.Errorf("somebody is chosen: %v, colleagues have room: %v", chosen, p.recentArea.Visible())
	}
	if least := p.root.MinSize(); least.Height > 560 {
		t.Errorf("the page needs %v", least)
	}
	f.press(fyne.KeyEscape)
	f.drag(narrowWidth, 500)
	if p.below() != "" {
		t.Errorf("%q is below three calls, where there is no room", p.below())
	}
	f.typed("maj")
	if number, _ := f.ui.window.side.chosen(); number != "205" || p.below() != "colleagues" {
		t.Errorf("%q is chosen, %q is seen", number, p.below())
	}
	if least := p.root.MinSize(); least.Height > 500 {
		t.Errorf("the page needs %v", least)
	}
	active := p.rows[1]
	if active.first.Text != "Åse" {
		t.Fatalf("the second call is with %q", active.first.Text)
	}
	if top := active.box.Position().Y - p.scroll.Offset.Y; top < 0 || top+active.box.Size().Height > p.scroll.Size().Height+1 {
		t.Errorf("of the calls, %v is seen from %v, and the active one is at %v", p.scroll.Size().Height, p.scroll.Offset.Y, active.box.Position().Y)
	}
	f.press(fyne.KeyEscape)
	if p.below() != "" || p.scroll.Size().Height < 3*p.rowHeight() {
		t.Errorf("afterwards %q is below %v of calls", p.below(), p.scroll.Size().Height)
	}
}

// A long name is shown whole in the narrow form, unless a call that can be picked up there takes its room.
func TestNarrowNames(t *testing.T) {
	f := newFixture(t)
	f.openNarrow()
	side := f.ui.window.side.colleagues
	f.tells(colleague("207", "Cecilie Bang-Østergaard"))
	f.typed("cec")
	row := side.rows()[0]
	apart := func() bool { return row.name.Position().X+row.name.Size().Width < row.extension.Position().X }
	if row.name.Cut() || row.extension.Cut() || !apart() {
		t.Errorf("%q is cut: %v, %q is cut: %v", row.name.Text, row.name.Cut(), row.extension.Text, row.extension.Cut())
	}
	f.tells(colleague("207", "Cecilie Bang-Østergaard", call("x", csta.Ringing, "1", "")))
	if icon := row.icons[buttonPickUp]; !icon.Visible() || row.extension.Position().X+row.extension.Size().Width > icon.Position().X || !apart() {
		t.Errorf("the number ends at %v, the button is at %v", row.extension.Position().X+row.extension.Size().Width, icon.Position().X)
	}
	f.tells(colleague("207", "Cecilie Bang-Østergaard"))
	if row.name.Cut() {
		t.Errorf("%q is cut once the call is gone", row.name.Text)
	}
}
