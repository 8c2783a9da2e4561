package ui

import (
	"context"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/hotkey"
)

// fakeKeyboard is what hotkey.Watch is on a desktop.
type fakeKeyboard struct {
	watched chan string // the keys, whenever there are others
	taken   map[string]bool
	no      error
	press   func(id account.Field)
}

func (k *fakeKeyboard) watch(ctx context.Context, bindings []hotkey.Binding, told func(hotkey.Binding, error), pressed func(hotkey.Binding)) error {
	var keys []string
	for _, b := range bindings {
		keys = append(keys, b.ID+"="+b.Key.String())
	}
	k.press = func(id account.Field) { pressed(hotkey.Binding{ID: string(id)}) }
	k.watched <- strings.Join(keys, " ")
	if k.no != nil {
		return k.no
	}
	for _, b := range bindings {
		if k.taken[b.Key.String()] {
			told(b, hotkey.ErrTaken)
		} else {
			told(b, nil)
		}
	}
	<-ctx.Done()
	return nil
}

// withKeys is a UI with hotkeys, and the keyboard.
func withKeys(t *testing.T, k *fakeKeyboard, change func(*account.Settings)) *fixture {
	k.watched = make(chan string, 10)
	f := newFixture(t, func(c *Config) {
		c.Hotkeys = k.watch
		change(&c.Settings)
	})
	f.ui.alive = true
	f.ui.hotkeys.bind()
	t.Cleanup(func() {
		if f.ui.hotkeys.end != nil {
			f.ui.hotkeys.end()
		}
	})
	return f
}

func (k *fakeKeyboard) expect(t *testing.T, want string) {
	t.Helper()
	if got := <-k.watched; got != want {
		t.Errorf("the keys are %q, want %q", got, want)
	}
}

// One's own hotkey asks as everybody does, or not if the settings say so: but about what is out of the ordinary it does.
func TestHotkeyDials(t *testing.T) {
	for _, tt := range []struct {
		selected string
		at       bool   // once, without asking
		calls    string // "" asks first
	}{
		{"22 33 44 55", false, ""},
		{"Tlf. 22 33 44 55", true, "call 22334455"},
		{"90 12 34 56", true, ""},
		{"*21*22334455#", true, ""},
		{"112", true, ""},
	} {
		k := &fakeKeyboard{}
		f := withKeys(t, k, func(s *account.Settings) { s.DialWithoutAsking = tt.at })
		k.expect(t, "hotkey_dial=Ctrl+Alt+K")
		f.online()
		f.desk.selected = tt.selected
		k.press(account.FieldHotkeyDial)
		if tt.calls != "" {
			f.until("it calls", func() bool { return len(f.phone.asked) > 0 })
			if got := f.asked(); got != tt.calls || f.ui.asks.shown {
				t.Errorf("%q: the phone was asked to %q", tt.selected, got)
			}
			continue
		}
		f.until("it asks", func() bool { return f.ui.asks.shown })
		f.notAsked("the key")
	}
}

// While offline the number is asked about, since it has to wait; without a number, and with two, the user is told.
func TestHotkeyThatCannotDial(t *testing.T) {
	k := &fakeKeyboard{}
	f := withKeys(t, k, func(s *account.Settings) { s.DialWithoutAsking = true })
	k.expect(t, "hotkey_dial=Ctrl+Alt+K")
	f.show(csta.Offline, nil)
	f.desk.selected = "22 33 44 55"
	k.press(account.FieldHotkeyDial)
	f.until("it asks", func() bool { return f.ui.asks.shown })
	f.look()
	f.ui.asks.key(fyne.KeyEscape)
	f.desk.selected = "no number"
	k.press(account.FieldHotkeyDial)
	f.until("it tells", func() bool { return strings.Contains(f.ui.window.message, "no telephone number") })
	f.desk.selected = "22 33 44 55 og 66 77 88 99"
	k.press(account.FieldHotkeyDial)
	f.until("it offers both", func() bool { return len(f.ui.window.choices) == 2 && f.ui.window.shown })
}

func TestHotkeyActs(t *testing.T) {
	k := &fakeKeyboard{}
	f := withKeys(t, k, func(s *account.Settings) { s.HotkeyAnswer, s.HotkeyHangUp, s.HotkeyShow = "F8", "Ctrl+F9", "Super+C" })
	k.expect(t, "hotkey_dial=Ctrl+Alt+K hotkey_answer=F8 hotkey_hang_up=Ctrl+F9 hotkey_show=Super+C")
	f.online()
	k.press(account.FieldHotkeyHangUp)
	f.until("it says that there is nothing to hang up", func() bool { return f.ui.window.message != "" })
	ringing := csta.Call{ID: csta.ConnectionID{CallID: "1", DeviceID: "200"}, Phase: csta.Ringing, Remote: csta.Party{Number: "22334455"}}
	f.online(ringing)
	k.press(account.FieldHotkeyAnswer)
	f.until("it answers", func() bool { return len(f.phone.asked) > 0 })
	if got := f.asked(); got != "answer 1" {
		t.Errorf("the phone was asked to %q", got)
	}
	f.until("that is over", func() bool { return len(f.ui.busy) == 0 })
	ringing.Phase = csta.Active
	f.online(ringing)
	k.press(account.FieldHotkeyHangUp)
	f.until("it hangs up", func() bool { return len(f.phone.asked) > 0 })
	if got := f.asked(); got != "clear 1" {
		t.Errorf("the phone was asked to %q", got)
	}
	k.press(account.FieldHotkeyShow)
	f.until("the window opens", func() bool { return f.ui.window.shown })
}

// A key that another program has is told in one sentence, and in its row; new settings have other keys.
func TestHotkeyTaken(t *testing.T) {
	k := &fakeKeyboard{taken: map[string]bool{"F8": true, "Ctrl+Alt+K": true}}
	f := withKeys(t, k, func(s *account.Settings) {})
	k.expect(t, "hotkey_dial=Ctrl+Alt+K")
	f.until("it knows", func() bool { return f.ui.hotkeys.why[account.FieldHotkeyDial] != nil })
	if f.ui.window.message != "" {
		t.Errorf("a default that does not work bothers the user: %q", f.ui.window.message)
	}
	f.ui.window.open(pageSettings)
	f.ui.window.showHotkeys()
	row := f.ui.window.settings.form.of(account.FieldHotkeyDial)
	if !strings.Contains(row.below.Text, "another program") {
		t.Errorf("the row says %q", row.below.Text)
	}
	s := f.ui.settings
	s.HotkeyDial, s.HotkeyAnswer = account.HotkeyOff, "F8"
	f.ui.SetSettings(s)
	f.settle()
	k.expect(t, "hotkey_answer=F8")
	f.until("it tells", func() bool { return strings.HasPrefix(f.ui.window.message, "F8 belongs to another program") })
}

// Where programs have no hotkeys, the rows show the commands, and copy them.
func TestNoHotkeys(t *testing.T) {
	k := &fakeKeyboard{no: hotkey.ErrUnsupported}
	f := withKeys(t, k, func(s *account.Settings) {})
	f.until("it knows", func() bool { return f.ui.hotkeys.no != nil })
	f.ui.window.open(pageSettings)
	f.ui.window.showHotkeys()
	row := f.ui.window.settings.form.of(account.FieldHotkeyAnswer)
	c := row.control.(*hotkeyControl)
	if !strings.Contains(row.below.Text, "“calltray answer”") || !c.copy.Visible() {
		t.Errorf("the row says %q", row.below.Text)
	}
	c.copy.OnTapped()
	if f.desk.clipboard != "calltray answer" {
		t.Errorf("copied %q", f.desk.clipboard)
	}
}

// A hotkey is set by pressing it: while the field has the keyboard no hotkey works.
func TestHotkeyIsPressed(t *testing.T) {
	k := &fakeKeyboard{}
	f := withKeys(t, k, func(s *account.Settings) { s.HotkeyShow = "F8" })
	<-k.watched
	f.ui.window.open(pageSettings)
	p := f.ui.window.settings
	c := p.form.of(account.FieldHotkeyHangUp).control.(*hotkeyControl)
	press := func(names ...fyne.KeyName) {
		for _, n := range names {
			c.keys.KeyDown(&fyne.KeyEvent{Name: n})
		}
		for _, n := range names {
			c.keys.KeyUp(&fyne.KeyEvent{Name: n})
		}
	}
	p.focusAt(p.form.of(account.FieldHotkeyHangUp))
	if len(f.ui.hotkeys.have) != 0 {
		t.Error("the hotkeys work while one is being set")
	}
	for _, tt := range []struct {
		keys []fyne.KeyName
		want string
	}{
		{[]fyne.KeyName{desktop.KeyControlLeft, desktop.KeyShiftLeft, fyne.KeyH}, "Ctrl+Shift+H"},
		{[]fyne.KeyName{fyne.KeyA}, "Ctrl+Shift+H"},                      // nobody could type that any more
		{[]fyne.KeyName{desktop.KeyAltRight, fyne.KeyE}, "Ctrl+Shift+H"}, // €
		{[]fyne.KeyName{fyne.KeyTab, fyne.KeyEscape}, "Ctrl+Shift+H"},
		{[]fyne.KeyName{desktop.KeySuperRight, fyne.KeyPageDown}, "Super+PageDown"},
		{[]fyne.KeyName{fyne.KeyF9}, "F9"},
		{[]fyne.KeyName{fyne.KeyDelete}, account.HotkeyOff},
		{[]fyne.KeyName{fyne.KeyF8}, "F8"},
	} {
		if press(tt.keys...); c.value() != tt.want || c.keys.Text != strings.ReplaceAll(tt.want, account.HotkeyOff, "") {
			t.Errorf("%v: the value is %q, the field says %q; want %q", tt.keys, c.value(), c.keys.Text, tt.want)
		}
	}
	c.keys.TypedRune('x')
	p.onSave(false)
	if !strings.Contains(p.form.of(account.FieldHotkeyShow).below.Text, "used above already") {
		t.Errorf("a key for two things: %q", p.form.of(account.FieldHotkeyShow).below.Text)
	}
	f.ui.window.close()
	if len(f.ui.hotkeys.have) != 2 {
		t.Error("the hotkeys do not work again")
	}
}
