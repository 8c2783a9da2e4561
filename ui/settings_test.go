package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"calltray/internal/account"
	"calltray/internal/text"
)

// openSettings opens the settings.
func (f *fixture) openSettings() *settingsPage {
	f.t.Helper()
	f.ui.ShowSettings()
	f.settle()
	return f.ui.window.settings
}

func (p *settingsPage) fill(key account.Field, text string) { p.fields[key].entry.SetText(text) }

func TestSettingsNameTheWrongField(t *testing.T) {
	f := newFixture(t)
	p := f.openSettings()
	for _, c := range []struct {
		field account.Field
		text  string
	}{
		{account.FieldURL, ""}, {account.FieldURL, "csta.example.dk"}, {account.FieldURL, "ftp://x"},
		{account.FieldUserID, ""}, {account.FieldPBXDomain, "x y"}, {account.FieldDevice, "two"}, {account.FieldDevice, ""},
	} {
		before := p.fields[c.field].entry.Text
		p.fill(c.field, c.text)
		test.Tap(p.save)
		f.settle()
		for key, field := range p.fields {
			wrong := field.below.Text != field.hint
			if wrong != (key == c.field) {
				t.Errorf("%s = %q: the line under %s says %q", c.field, c.text, key, field.below.Text)
			}
		}
		if p.working {
			t.Errorf("%s = %q was saved", c.field, c.text)
		}
		if got := f.ui.window.window.Canvas().Focused(); got != p.fields[c.field].entry {
			t.Errorf("%s = %q: the keyboard is elsewhere", c.field, c.text)
		}
		p.fill(c.field, before)
	}
}

// What is wrong in the file only is told, too.
func TestSettingsThatOnlyTheFileHas(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Settings.TrunkID = "a.b" })
	p := f.openSettings()
	p.password.entry.SetText("x")
	test.Tap(p.save)
	if p.working || !strings.Contains(p.result.Text, "trunk ID") {
		t.Errorf("working %v, and it says %q", p.working, p.result.Text)
	}
}

func TestSettingsSave(t *testing.T) {
	f := newFixture(t)
	p := f.openSettings()
	p.fill(account.FieldDevice, " 201 ")
	p.password.entry.SetText("hunter2")
	p.popup.SetSelectedIndex(2)
	test.Tap(p.save)
	got := <-f.saved
	want := goodSettings
	want.Device, want.Popup = "201", account.PopupOff
	if got.settings != want || got.password != "hunter2" || got.inMemory {
		t.Errorf("saved %+v", got)
	}
	f.until("it is back at the calls", func() bool { return f.ui.window.page == pageCalls })
	if f.ui.settings.Device != "201" || p.password.entry.Text != "" {
		t.Errorf("extension %q, password field %q", f.ui.settings.Device, p.password.entry.Text)
	}

	// The password is not shown again, and an empty field keeps it.
	p = f.openSettings()
	test.Tap(p.save)
	if got := <-f.saved; got.password != "" {
		t.Errorf("saved the password %q, want none, which keeps the present one", got.password)
	}
	f.until("it is back at the calls", func() bool { return f.ui.window.page == pageCalls })
}

func TestFirstAccountNeedsAPassword(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Settings = account.Settings{} })
	p := f.openSettings()
	p.fill(account.FieldURL, goodSettings.URL)
	p.fill(account.FieldUserID, goodSettings.UserID)
	p.fill(account.FieldPBXDomain, goodSettings.PBXDomain)
	p.fill(account.FieldDevice, goodSettings.Device)
	test.Tap(p.save)
	if p.working || p.password.below.Text == p.password.hint {
		t.Errorf("saved without a password; under it stands %q", p.password.below.Text)
	}
	p.password.entry.SetText("x")
	test.Tap(p.save)
	if got := <-f.saved; got.password != "x" {
		t.Errorf("saved %+v", got)
	}
	f.until("it is back at the calls", func() bool { return f.ui.window.page == pageCalls })
}

// The tick is for one address. Another one that is not encrypted asks again.
func TestUnencryptedAddressNeedsATick(t *testing.T) {
	f := newFixture(t)
	p := f.openSettings()
	if p.plain.Visible() {
		t.Error("an encrypted address asks for a tick")
	}
	p.fill(account.FieldURL, "tcp://csta.example.dk:7000")
	if !p.plain.Visible() || p.plain.Checked || !strings.Contains(p.fields[account.FieldURL].below.Text, "can read the password") {
		t.Errorf("tick visible %v, set %v, and under the address stands %q", p.plain.Visible(), p.plain.Checked, p.fields[account.FieldURL].below.Text)
	}
	test.Tap(p.save)
	if p.working {
		t.Fatal("saved without the tick")
	}
	p.plain.SetChecked(true)
	test.Tap(p.save)
	got := <-f.saved
	if got.settings.NeedsConsent() {
		t.Errorf("the consent was not saved: %+v", got.settings)
	}
	f.until("it is back at the calls", func() bool { return f.ui.window.page == pageCalls })

	p = f.openSettings()
	if !p.plain.Checked {
		t.Error("the consent was forgotten")
	}
	p.fill(account.FieldURL, "tcp://other.example.dk:7000")
	if p.plain.Checked {
		t.Error("the consent for one address holds for another")
	}
	p.fill(account.FieldURL, "tcp://127.0.0.1:7000")
	if p.plain.Visible() {
		t.Error("this computer itself asks for a tick")
	}
}

func TestConnectionTest(t *testing.T) {
	f := newFixture(t)
	p := f.openSettings()
	p.password.entry.SetText("hunter2")
	test.Tap(p.test)
	if !p.save.Disabled() || !p.test.Disabled() {
		t.Error("the buttons can be pressed while it is tested")
	}
	if got := <-f.saved; got.password != "hunter2" || got.settings.Device != "200" {
		t.Errorf("tested %+v", got)
	}
	f.until("it says that it works", func() bool { return strings.HasPrefix(p.result.Text, "It works") })
	if p.save.Disabled() {
		t.Error("the buttons are out of use after the test")
	}
	f.fails["test"] = account.ErrNoPassword
	test.Tap(p.test)
	<-f.saved
	f.until("it says why not", func() bool { return p.result.Text == text.Explain(account.ErrNoPassword) })
	if p.password.entry.Text != "hunter2" {
		t.Error("the test emptied the password field")
	}
}

func TestNoKeyringOffersMemory(t *testing.T) {
	f := newFixture(t)
	p := f.openSettings()
	f.fails["save"] = account.ErrKeyringUnavailable
	p.password.entry.SetText("hunter2")
	test.Tap(p.save)
	<-f.saved
	f.until("memory is offered", func() bool { return p.memory.Visible() && p.result.Text == text.Explain(account.ErrKeyringUnavailable) })
	test.Tap(p.memory)
	if got := <-f.saved; !got.inMemory || got.password != "hunter2" {
		t.Errorf("saved %+v, want it in memory", got)
	}
	f.until("it is back at the calls", func() bool { return f.ui.window.page == pageCalls })
}

func TestDemoHasNoSettings(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Demo = true })
	p := f.openSettings()
	if !p.save.Disabled() || !p.test.Disabled() || !p.password.entry.Disabled() {
		t.Error("the demo's account can be changed")
	}
}

// Whoever closes the settings and opens them again finds what is stored, and no password.
func TestSettingsAreReadAnew(t *testing.T) {
	f := newFixture(t)
	p := f.openSettings()
	p.fill(account.FieldDevice, "999")
	p.password.entry.SetText("half a passw")
	f.ui.window.close()
	p = f.openSettings()
	if p.fields[account.FieldDevice].entry.Text != "200" || p.password.entry.Text != "" {
		t.Errorf("extension %q, password %q", p.fields[account.FieldDevice].entry.Text, p.password.entry.Text)
	}
}
