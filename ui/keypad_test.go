package ui

import (
	"context"
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"calltray/cstasession/csta"
)

// slowPhone plays a digit when it is told how that ends.
type slowPhone struct {
	fakePhone
	playing chan string
	end     chan error
}

func (p *slowPhone) GenerateDigits(_ context.Context, c csta.ConnectionID, digits string) error {
	p.playing <- c.CallID + ":" + digits
	return <-p.end
}

func newKeypadFixture(t *testing.T) (*fixture, *slowPhone) {
	p := &slowPhone{playing: make(chan string), end: make(chan error)}
	f := newFixture(t, func(c *Config) { c.Phone = func() (Phone, error) { return p, nil } })
	f.openWindow()
	return f, p
}

// Every key can be read: on the keypad, and in the list of the keys.
func TestKeysAreNotCut(t *testing.T) {
	f, _ := newKeypadFixture(t)
	t.Cleanup(func() { f.ui.app.Settings().SetTheme(test.Theme()) })
	f.ui.app.Settings().SetTheme(theme.DefaultTheme()) // the test's own has other letters
	for _, key := range []fyne.KeyName{fyne.KeyF4, fyne.KeyF1} {
		f.online(call("1", csta.Active, "22334455", "Bo"))
		f.press(key)
		root, texts := f.ui.window.keypad.root, 0
		if key == fyne.KeyF1 {
			root = f.ui.window.help.root
		}
		for _, o := range test.LaidOutObjects(root) {
			if text, ok := o.(*canvas.Text); ok {
				texts++
				if strings.HasSuffix(text.Text, "…") {
					t.Errorf("%s: %q is cut", key, text.Text)
				}
			}
		}
		if texts < len(dtmf) || !root.Visible() {
			t.Errorf("%s: %d texts", key, texts)
		}
	}
}

// Digits are typed faster than they are played: each goes out alone, in order, and none is lost, also
// when the keypad is closed meanwhile.
func TestDigitsInOrder(t *testing.T) {
	f, p := newKeypadFixture(t)
	k := f.ui.window.keypad
	f.online(call("1", csta.Active, "22334455", "Ærø Bageri"))
	f.press(fyne.KeyF4)
	if !k.root.Visible() || k.title.Text != "Keypad · Ærø Bageri" {
		t.Fatalf("the keypad is shown: %v, %q", k.root.Visible(), k.title.Text)
	}
	f.typed("12x#*")
	if k.played.Text != "12#*" || f.ui.window.number != "" {
		t.Errorf("shown as played: %q, in the entry %q", k.played.Text, f.ui.window.number)
	}
	f.press(fyne.KeyEscape)
	if k.root.Visible() || !f.ui.window.shown {
		t.Error("Esc does not close the keypad, and nothing else")
	}
	var got []string
	for range 4 {
		got = append(got, <-p.playing)
		p.end <- nil
		f.until("the answer came", func() bool { return len(k.waiting) == 4-len(got) })
	}
	if want := "1:1 1:2 1:# 1:*"; strings.Join(got, " ") != want {
		t.Errorf("played %v, want %v", got, want)
	}
}

// A digit that fails is said so, and those behind it are not played.
func TestDigitThatFails(t *testing.T) {
	f, p := newKeypadFixture(t)
	k := f.ui.window.keypad
	f.online(call("1", csta.Active, "1", ""))
	f.press(fyne.KeyF4)
	f.typed("123")
	<-p.playing
	p.end <- nil
	f.until("the first one is played", func() bool { return len(k.waiting) == 2 })
	<-p.playing
	p.end <- errors.New("x")
	f.until("it is said", func() bool { return strings.HasPrefix(f.ui.window.message, "23 was not played. ") })
	if k.played.Text != "1" || len(k.waiting) != 0 {
		t.Errorf("shown as played: %q, %d wait", k.played.Text, len(k.waiting))
	}
	f.typed("4")
	if got := <-p.playing; got != "1:4" {
		t.Errorf("played %s", got)
	}
	p.end <- nil
	f.until("the answer came", func() bool { return len(k.waiting) == 0 })
}

func TestKeypadFollowsItsCall(t *testing.T) {
	f, _ := newKeypadFixture(t)
	k, w := f.ui.window.keypad, &f.ui.window
	f.online(call("1", csta.Active, "1", ""))
	f.press(fyne.KeyF4)
	f.online(call("1", csta.Held, "1", ""), call("2", csta.Active, "2", ""))
	f.typed("1")
	if !k.root.Visible() || k.digits != "" || w.message != "Digits can be played while talking only." {
		t.Errorf("on hold: shown %v, played %q, message %q", k.root.Visible(), k.digits, w.message)
	}
	f.online(ended("1", csta.Answered, "1", ""), call("2", csta.Active, "2", ""))
	if k.root.Visible() || !w.side.root.Visible() {
		t.Error("the keypad outlives its call")
	}
	f.press(fyne.KeyF4)
	if k.call.CallID != "2" {
		t.Errorf("the keypad is for %q", k.call.CallID)
	}
	f.press(fyne.KeyF4)
	if k.root.Visible() {
		t.Error("F4 does not close the keypad")
	}
}
