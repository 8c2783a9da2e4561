package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"calltray/cstasession/csta"
)

// No key and no click connects two callers who have nothing to do with each other, unless the user says so: the
// user is out of both calls then.
func TestStrangersAreConnectedOnlyWhenTheUserSaysSo(t *testing.T) {
	held, talk := call("h", csta.Held, "22334455", "Ærø Bageri"), call("t", csta.Active, "86121314", "Åse Østergaard")
	for name, try := range map[string]func(f *fixture){
		"F8 in an empty field":     func(f *fixture) { f.press(fyne.KeyF8) },
		"the button at the entry":  func(f *fixture) { f.ui.window.calls.transfer.Tapped(nil) },
		"the button of the row":    func(f *fixture) { f.row(1).press("Transfer") },
		"F8, and Enter at once":    func(f *fixture) { f.press(fyne.KeyF8); f.press(fyne.KeyReturn) },
		"F8, and Space at once":    func(f *fixture) { f.press(fyne.KeyF8); f.press(fyne.KeySpace) },
		"F8 twice":                 func(f *fixture) { f.press(fyne.KeyF8); f.press(fyne.KeyF8) },
		"F8, then another key":     func(f *fixture) { f.press(fyne.KeyF8); f.press(fyne.KeyEscape) },
		"F8 with two held, chosen": func(f *fixture) { f.ui.chosenCall = held.ID; f.ui.render(); f.press(fyne.KeyF8) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.openWindow()
			f.online(held, talk)
			f.ui.window.calls.rows[0].moved, f.ui.window.calls.rows[0].changed = time.Time{}, time.Time{}
			try(f)
			if len(f.ui.busy) > 0 {
				t.Errorf("%s: the phone is asked for %v", name, f.ui.busy)
			}
			f.notAsked(name)
		})
	}
}

// Whoever says yes has the two connected. The question goes away when one of them does.
func TestStrangersAreConnectedWhenTheUserSaysSo(t *testing.T) {
	held, talk := call("h", csta.Held, "22334455", "Ærø Bageri"), call("t", csta.Active, "86121314", "Åse Østergaard")
	f := newFixture(t)
	f.openWindow()
	f.online(held, talk)
	f.press(fyne.KeyF8)
	q := f.question()
	if got := f.ui.window.question.sentence.Text; got != "Connect Ærø Bageri with Åse Østergaard? You leave the call." {
		t.Errorf("it asks %q", got)
	}
	if focused := f.ui.window.window.Canvas().Focused(); focused != q.button("Cancel") {
		t.Errorf("the keyboard is at %T", focused)
	}
	f.online(ended("h", csta.Answered, "22334455", "Ærø Bageri"), talk)
	if f.ui.window.question.open() {
		t.Error("it still asks, though one of them has hung up")
	}
	f.online(held, talk)
	f.ui.subjectMoved = time.Time{}
	f.press(fyne.KeyF8)
	f.question().press("Transfer")
	if got := f.asked(); got != "transfer t and h" {
		t.Errorf("the phone was asked to %s", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
}

// question is what the window asks.
func (f *fixture) question() part {
	f.t.Helper()
	if !f.ui.window.question.open() {
		f.t.Fatal("nothing is asked")
	}
	return part{f.t, "the question", f.ui.window.question.over.Content}
}

// Who was asked about a caller is connected with that caller by one key: that is what was asked for.
func TestConsultationIsCompletedByAKey(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	held := call("h", csta.Held, "22334455", "Ærø Bageri")
	f.online(held, asking("h-att", csta.Active, held, "202", "Bo"))
	f.press(fyne.KeyF8)
	if got := f.asked(); got != "transfer h-att and h" {
		t.Errorf("the phone was asked to %s", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
}

// A key with Alt, Ctrl or Super is another program's, or the window manager's.
func TestKeysWithModifiersAreNotOurs(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	f.online(call("t", csta.Active, "2", ""))
	driver := f.ui.app.(*desktopApp).driver
	for _, m := range []fyne.KeyModifier{fyne.KeyModifierAlt, fyne.KeyModifierControl, fyne.KeyModifierSuper, fyne.KeyModifierShift} {
		driver.modifiers = m
		for _, key := range []fyne.KeyName{fyne.KeyF1, fyne.KeyF2, fyne.KeyF3, fyne.KeyF4, fyne.KeyF5, fyne.KeyF6, fyne.KeyF7, fyne.KeyF8, fyne.KeyF9, fyne.KeyF10} {
			f.ui.tell("")
			f.press(key)
			f.notAsked("a key with a modifier")
			if f.ui.window.keypad.root.Visible() || f.ui.window.help.root.Visible() || f.ui.window.message != "" {
				t.Errorf("%s with modifier %d did something", key, m)
			}
		}
	}
	driver.modifiers = 0
	f.press(fyne.KeyF9)
	if got := f.asked(); got != "clear t" {
		t.Errorf("the phone was asked to %s", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
}

// One action that waits for its effect locks itself, and none of the others.
func TestAnActionLocksOnlyItself(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	f.phone.asked = make(chan string)
	f.online(call("1", csta.Ringing, "203", ""))
	f.tap(f.card(1).button("Answer"))
	for _, p := range []part{f.card(1), f.row(1)} {
		if !p.button("Answer").Disabled() || p.button("Decline").Disabled() || p.button("Transfer").Disabled() {
			t.Errorf("%s: disabled: Answer %v, Decline %v, Transfer %v", p.name, p.button("Answer").Disabled(), p.button("Decline").Disabled(), p.button("Transfer").Disabled())
		}
	}
	f.press(fyne.KeyF9)
	got := []string{f.asked(), f.asked()}
	if all := strings.Join(got, ", "); all != "answer 1, clear 1" && all != "clear 1, answer 1" {
		t.Errorf("the phone was asked to %s", all)
	}
	f.until("the services are over", func() bool { return len(f.ui.busy) == 0 })
}
