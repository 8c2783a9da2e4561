package ui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/dialplan"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// The self-test tests what stands in the fields, and loses nothing of it.
func TestSelfTestOfWhatStandsInTheFields(t *testing.T) {
	tested := make(chan savedAccount, 2)
	f := newFixture(t, func(c *Config) {
		c.Check = func(_ context.Context, s account.Settings, password, _ string, _ func(Step)) error {
			tested <- savedAccount{settings: s, password: password}
			return nil
		}
	})
	p := f.openSettings()
	p.fill(account.FieldDevice, "209")
	p.password.entry.SetText("hunter2")
	for _, press := range []string{"Test", "Test again"} {
		f.page().press(press)
		if got := <-tested; got.settings.Device != "209" || got.password != "hunter2" {
			t.Errorf("%s tested %+v", press, got)
		}
		f.until("the test is over", func() bool { return !f.ui.window.check.running })
	}
	f.press(fyne.KeyEscape)
	if f.ui.window.page != pageSettings || p.entry(account.FieldDevice).Text != "209" || p.password.entry.Text != "hunter2" {
		t.Errorf("page %d, extension %q, password %q", f.ui.window.page, p.entry(account.FieldDevice).Text, p.password.entry.Text)
	}
	p.fill(account.FieldDevice, "two")
	f.page().press("Test")
	if f.ui.window.page != pageSettings || len(tested) > 0 {
		t.Error("an account that cannot be used is tested")
	}
}

// Tab goes through the fields and ends at Save: what leaves the settings or the program comes before them.
func TestTabEndsAtSave(t *testing.T) {
	f := newFixture(t)
	p := f.openSettings()
	c := f.ui.window.window.Canvas()
	c.Focus(p.entry(account.FieldUserID))
	for n := 0; c.Focused() != p.save; n++ {
		if a, ok := c.Focused().(interface{ Tapped(*fyne.PointEvent) }); ok && n > 0 {
			if fyne.Tappable(a) == fyne.Tappable(f.page().button("Calls")) {
				t.Error("what leaves the settings comes between the fields and Save")
			}
		}
		if c.FocusNext(); n > 20 {
			t.Fatal("Tab does not reach Save")
		}
	}
}

// Nobody ends the program by mistake: not during a call, and not with something typed.
func TestQuitAsksWhenSomethingWouldBeLost(t *testing.T) {
	for name, c := range map[string]struct {
		before func(f *fixture)
		asks   bool
	}{
		"nothing to lose": {func(f *fixture) {}, false},
		"during a call":   {func(f *fixture) { f.online(call("1", csta.Active, "203", "")) }, true},
		"a call on hold":  {func(f *fixture) { f.online(call("1", csta.Held, "203", "")) }, true},
		"a call has ended": {func(f *fixture) {
			f.online(ended("1", csta.Answered, "203", ""))
		}, false},
		"something is typed": {func(f *fixture) { f.openSettings().fill(account.FieldDevice, "209") }, true},
		"typed and given up": {func(f *fixture) {
			f.openSettings().fill(account.FieldDevice, "209")
			f.press(fyne.KeyEscape)
			f.question().press("Leave")
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.openSettings()
			c.before(f)
			f.ui.askToQuit()
			if asks := f.ui.window.question.open(); asks != c.asks || f.ui.loop.hasEnded() == asks {
				t.Errorf("asks %v, want %v; ended %v", asks, c.asks, f.ui.loop.hasEnded())
			}
			if c.asks {
				f.press(fyne.KeySpace)
				if f.ui.loop.hasEnded() || f.ui.window.question.open() {
					t.Error("Space ends the program")
				}
				f.ui.askToQuit()
				f.question().press("Quit Calltray")
				if !f.ui.loop.hasEnded() {
					t.Error("the program goes on")
				}
			}
		})
	}
}

// Ctrl+Q asks as well while a field has the keyboard, to which alone Fyne gives a shortcut. No line of the question is
// empty.
func TestQuitKeyInAField(t *testing.T) {
	f := newFixture(t)
	p := f.openWindow()
	f.online(call("t", csta.Active, "2", ""))
	p.entry.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyQ, Modifier: fyne.KeyModifierShortcutDefault})
	q := &f.ui.window.question
	if !q.open() {
		t.Fatal("Ctrl+Q does not ask")
	}
	line := widgets.NewLine(theme.TextSize(), false, theme.ColorNameForeground).MinSize().Height
	if got := q.sentence.MinSize().Height / line; q.sentence.Cut() || got != 2 {
		t.Errorf("%q has %v lines, cut: %v; want 2", q.sentence.Text, got, q.sentence.Cut())
	}
	q.close()
	p.entry.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyLeft, Modifier: fyne.KeyModifierShortcutDefault})
	if q.open() {
		t.Error("a shortcut of the field's own asks")
	}
}

// The tray's Quit during a call asks, too, also if no window was ever on the screen.
func TestQuitFromTheTrayDuringACall(t *testing.T) {
	f := newFixture(t)
	app := f.ui.app
	f.ui.app = nil
	f.ui.tray.looks = make(chan trayLook, 1)
	f.online(call("1", csta.Active, "203", ""))
	f.choose(entryQuit)
	if f.ui.loop.hasEnded() || !f.ui.wantsFyne() {
		t.Fatal("it did not ask")
	}
	f.ui.app = app
	f.ui.render()
	f.question().press("Quit Calltray")
	if !f.ui.loop.hasEnded() {
		t.Error("the program goes on")
	}
}

// What was said of an account is not left beside another one.
func TestResultGoesWithWhatItWasAbout(t *testing.T) {
	f := newFixture(t)
	p := f.openSettings()
	p.fill(account.FieldDevice, "two")
	f.page().press("Save")
	p.fill(account.FieldDevice, "201")
	if strings.Contains(p.result.Text, "red") {
		t.Error("it speaks of red lines, and none is red")
	}
}

// What is typed while the settings are being saved stays, and is not taken for saved.
func TestTypingWhileSaving(t *testing.T) {
	f := newFixture(t)
	p := f.openSettings()
	gate := make(chan struct{})
	f.ui.cfg.Save = func(context.Context, account.Settings, string, bool) error { <-gate; return nil }
	p.fill(account.FieldDevice, "201")
	f.page().press("Save")
	p.fill(account.FieldUserID, "half-typed")
	close(gate)
	f.until("it is saved", func() bool { return !p.working })
	if p.entry(account.FieldUserID).Text != "half-typed" || f.ui.settings.UserID == "half-typed" || f.ui.window.page != pageSettings {
		t.Errorf("the field holds %q, saved is %q", p.entry(account.FieldUserID).Text, f.ui.settings.UserID)
	}
}

// The self-test's popup is a picture: its clock begins at zero, and its buttons ask nobody for anything.
func TestPopupOfTheSelfTest(t *testing.T) {
	f := newFixture(t)
	f.online()
	f.ui.popup.test(make(chan error, 1))
	f.settle()
	if clock := f.ui.popup.cards[0].clock.Text; !strings.HasPrefix(clock, "0:0") {
		t.Errorf("its clock says %s", clock)
	}
	for _, label := range []string{"Answer", "Decline", "Transfer"} {
		f.tap(f.card(1).button(label))
	}
	f.notAsked("the buttons of the self-test")
	if len(f.ui.busy) > 0 || f.ui.window.shown {
		t.Errorf("on its way: %v; the window is shown: %v", f.ui.busy, f.ui.window.shown)
	}
}

// A window that could not be found again is not hidden.
func TestWindowIsNotLost(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	f.desk.canMini = false
	f.ui.trayShown(false)
	f.ui.window.close()
	if !f.ui.window.shown || !strings.Contains(f.ui.window.message, "Ctrl+Q") {
		t.Errorf("shown %v, and it says %q", f.ui.window.shown, f.ui.window.message)
	}
}

// A message goes away after it could be read, and not before.
func TestMessagesGoAway(t *testing.T) {
	f := newFixture(t)
	f.ui.tell("A sentence.")
	for range 2 * messageSeconds {
		f.ui.window.tick() // while nobody looks
	}
	f.openWindow()
	if f.ui.window.message == "" {
		t.Error("it went away before anybody saw it")
	}
	for range messageSeconds + 1 {
		f.ui.window.tick()
	}
	if f.ui.window.message != "" || f.ui.window.calls.message.Text != "" {
		t.Error("it stays for ever")
	}
}

// What became of the settings goes, too, but not while it is under way.
func TestResultsGoAway(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	f.ui.window.open(pageSettings)
	p := f.ui.window.settings
	minute := func() {
		for range messageSeconds + 1 {
			f.ui.window.tick()
		}
	}
	p.tell("A sentence.", widgets.ColorMuted)
	p.working = true
	if minute(); p.result.Text == "" {
		t.Error("it goes away before it is over")
	}
	p.working = false
	p.tell("Another sentence.", theme.ColorNameSuccess)
	if f.ui.window.tick(); p.result.Text == "" {
		t.Error("it goes away at once")
	}
	if minute(); p.result.Text != "" || p.result.Visible() {
		t.Error("it stays for ever")
	}
}

// A gap within a minute tells how long it was, since its times are the same.
func TestShortGap(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	lost := time.Date(2026, 11, 22, 11, 29, 5, 0, time.Local)
	for _, at := range []struct {
		status csta.Status
		time   time.Time
	}{{csta.Online, lost.Add(-time.Hour)}, {csta.Offline, lost}, {csta.Online, lost.Add(40 * time.Second)}} {
		f.tell(csta.State{Status: at.status, Since: at.time})
	}
	f.past("Offline at 11:29 for 0:40", "were not seen")
}

// Numbers are looked for in a text away from the goroutine that draws, however long that takes.
func TestNumbersAreLookedForElsewhere(t *testing.T) {
	for name, ask := range map[string]func(u *UI){
		"for the menu": func(u *UI) { go u.lookAtClipboard() },
		"to dial":      func(u *UI) { u.dialFromClipboard(false) },
		"where the clipboard is Fyne's": func(u *UI) {
			desk := u.cfg.Desk.(*fakeDesk)
			desk.needsLoop, desk.clipErr = true, errors.ErrUnsupported
			go u.lookAtClipboard()
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.openWindow()
			f.online()
			looking, found := make(chan bool, 10), make(chan bool)
			f.ui.find = func(string) []dialplan.Number {
				looking <- true
				<-found // the goroutine that draws is the test's
				return []dialplan.Number{{Dial: "22334455", Shown: "22 33 44 55"}}
			}
			ask(f.ui)
			for waiting := true; waiting; f.settle() {
				select {
				case <-looking:
					waiting = false
				case <-f.ui.loop.wake:
				case <-time.After(time.Minute):
					t.Fatal("nobody looks for numbers")
				}
			}
			close(found)
			f.until("they are found", func() bool { return len(f.ui.clip.numbers) == 1 || f.ui.window.number != "" })
		})
	}
}

// A click in the tray dials what was shown, and nothing that has only just taken its place; and no code that
// changes the telephone.
func TestClickDialsWhatWasShown(t *testing.T) {
	f := newFixture(t)
	f.ui.tray.looks = make(chan trayLook, 1)
	var p panel
	show := func(number string) {
		f.ui.clip.numbers = []dialplan.Number{{Dial: number, Shown: text.ShownNumber(number), Kind: dialplan.KindOf(number)}}
		f.ui.tray.render(f.ui)
		p.take(<-f.ui.tray.looks)
	}
	long := func() { p.since[entryClip] = time.Now().Add(-menuGuard) }
	f.online()
	show("22334455")
	long()
	e, fresh := p.clicked(entryClip)
	f.ui.clip.numbers = []dialplan.Number{{Dial: "66778899", Shown: "66 77 88 99"}}
	f.ui.tray.render(f.ui) // on its way to the panel, which still shows the old one
	f.ui.chosen(e, fresh)
	if got := f.asked(); got != "call 22334455" {
		t.Errorf("the phone was asked to %s", got)
	}
	f.until("it is done", func() bool { return f.ui.window.number == "" })

	p.take(<-f.ui.tray.looks) // the panel has it, 250 ms before the click
	f.ui.chosen(p.clicked(entryClip))
	f.notAsked("a number that nobody can have read")
	if f.ui.window.number != "66 77 88 99" || !f.ui.window.shown {
		t.Errorf("the window shows %q", f.ui.window.number)
	}

	show("*21*90123456#")
	long()
	if e, _ := p.clicked(entryClip); e.verb == doDial {
		t.Errorf("one click dials %s", e.number)
	}
	f.desk.clipboard = "*21*90123456#"
	f.ui.find = func(string) []dialplan.Number {
		return []dialplan.Number{{Dial: "*21*90123456#", Shown: "*21*90123456#", Kind: dialplan.FeatureCode}}
	}
	test.Tap(f.ui.window.calls.paste)
	f.until("the user reads why it is not taken", func() bool {
		return strings.Contains(f.ui.window.message, "*21*90123456#")
	})
	f.notAsked("a code on the clipboard")
}
