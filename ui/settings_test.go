package ui

import (
	"context"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// openSettings opens the settings.
func (f *fixture) openSettings() *settingsPage {
	f.t.Helper()
	f.ui.ShowSettings()
	f.settle()
	return f.ui.window.settings
}

// entry returns the entry of a setting.
func (p *settingsPage) entry(key account.Field) *widgets.Input {
	return p.form.of(key).control.(*textControl).entry
}

// popup returns the list of the popup's setting.
func (p *settingsPage) popup() *widgets.Selection {
	return p.form.of(account.FieldPopup).control.(*choiceControl).list
}

func (p *settingsPage) fill(key account.Field, text string) { p.entry(key).SetText(text) }

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
		before := p.entry(c.field).Text
		p.fill(c.field, c.text)
		test.Tap(p.save)
		f.settle()
		for _, row := range p.form.rows {
			wrong := row.below.Text != row.help
			if wrong != (row.key == c.field) {
				t.Errorf("%s = %q: the line under %s says %q", c.field, c.text, row.title, row.below.Text)
			}
		}
		if p.working {
			t.Errorf("%s = %q was saved", c.field, c.text)
		}
		if got := f.ui.window.window.Canvas().Focused(); got != p.entry(c.field) {
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
	p.popup().SetSelectedIndex(2)
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
	if p.working || p.password.setting.below.Text == p.password.setting.help {
		t.Errorf("saved without a password; under it stands %q", p.password.setting.below.Text)
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
	if !p.plain.Visible() || p.plain.Checked || !strings.Contains(p.form.of(account.FieldURL).below.Text, "can read the password") {
		t.Errorf("tick visible %v, set %v, and under the address stands %q", p.plain.Visible(), p.plain.Checked, p.form.of(account.FieldURL).below.Text)
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

// A certificate that nobody vouches for can be trusted from the test, and is saved with what was typed.
func TestTrustingACertificate(t *testing.T) {
	met := unknownCertificate()
	f := newFixture(t, func(c *Config) {
		c.Check = func(_ context.Context, s account.Settings, _, _ string, _ func(Step)) error {
			if s.PinFor() == "" {
				return met
			}
			return nil
		}
	})
	p := f.openSettings()
	p.fill(account.FieldDevice, "201")
	p.password.entry.SetText("hunter2")
	test.Tap(p.test)
	check := f.ui.window.check
	f.until("the certificate is shown", func() bool { return check.trust.Visible() && strings.Contains(check.end.Text, "SHA-256") })
	test.Tap(check.trust)
	f.until("it is trusted", func() bool { return !check.running && !check.trust.Visible() })
	f.press(fyne.KeyEscape)
	test.Tap(p.save)
	if got := <-f.saved; got.settings.PinFor() == "" || got.settings.Device != "201" || got.password != "hunter2" {
		t.Errorf("saved %+v", got)
	}
	f.until("it is back at the calls", func() bool { return f.ui.window.page == pageCalls })

	// It was for that address.
	p = f.openSettings()
	test.Tap(p.test)
	f.until("the test is over", func() bool { return !check.running })
	f.press(fyne.KeyEscape)
	p.fill(account.FieldURL, "tls://other.example.dk:7001")
	if got := p.read().PinFor(); got != "" {
		t.Errorf("another address has the certificate %s", got)
	}
}

// What the administrator has set can be seen, and not changed.
func TestLockedSettings(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		c.Locks = func(key account.Field) bool { return key == account.FieldURL || key == account.FieldPopup }
	})
	p := f.openSettings()
	for _, row := range p.form.rows {
		locked := row.key == account.FieldURL || row.key == account.FieldPopup
		if told := strings.Contains(row.below.Text, "administrator"); row.locked != locked || told != locked {
			t.Errorf("%s: locked %v, and under it stands %q", row.title, row.locked, row.below.Text)
		}
	}
	if !p.entry(account.FieldURL).Disabled() || !p.popup().Disabled() || p.entry(account.FieldDevice).Disabled() {
		t.Error("the wrong rows are out of use")
	}
	p.entry(account.FieldURL).SetText("tls://other.example.dk:1")
	if got := p.read().URL; got != goodSettings.URL {
		t.Errorf("the address is %s", got)
	}
}

// Every row shows a setting by its key in the file, and every setting that people choose has a row.
func TestEveryRowHasAKeyInTheFile(t *testing.T) {
	f := newFixture(t)
	p := f.openSettings()
	seen := map[account.Field]bool{}
	for _, row := range p.form.rows {
		switch row.control.(type) {
		case *secret, *pressControl, *tryControl, *rulesControl, *linkControl, *alertPreview, *noteControl, *signInControl:
			if row.key != "" {
				t.Errorf("%s has the key %s", row.title, row.key)
			}
			continue
		}
		if !row.key.Known() || seen[row.key] {
			t.Errorf("%s: %q is no key of the settings file, or that of another row", row.title, row.key)
		}
		seen[row.key] = true
		if row.help == "" || row.title == "" {
			t.Errorf("%s: no title or no help", row.key)
		}
	}
	// What else the file has, for addresses that the user has agreed to and for PBXs out of the ordinary.
	for _, key := range []account.Field{account.FieldTrunkID, account.FieldPin, "declare_vendor_data", "plain_accepted_for", "pinned_for", "trusted_host", "trusted_host_for"} {
		seen[key] = true
	}
	for _, key := range account.Keys() {
		if !seen[key] {
			t.Errorf("the setting %s has no row", key)
		}
	}
}

// A row that is not touched leaves the setting as it is, also if what it shows is not in its list.
func TestUntouchedRowsChangeNothing(t *testing.T) {
	for _, s := range []account.Settings{{}, goodSettings, {Popup: account.PopupAuto}, {Popup: "sometimes"}} {
		f := newFixture(t, func(c *Config) { c.Settings = s })
		if got := f.openSettings().read(); got != s {
			t.Errorf("%+v becomes %+v", s, got)
		}
	}
}

// Whoever leaves the settings with something changed is asked, and with nothing changed is not.
func TestLeavingTheSettings(t *testing.T) {
	f := newFixture(t)
	p := f.openSettings()
	p.fill(account.FieldDevice, "209")
	f.press(fyne.KeyEscape)
	if !f.ui.window.question.open() || f.ui.window.page != pageSettings {
		t.Fatal("it does not ask")
	}
	f.press(fyne.KeyEscape)
	if f.ui.window.question.open() || p.entry(account.FieldDevice).Text != "209" {
		t.Error("Esc does more than to take the question away")
	}
	p.fill(account.FieldDevice, goodSettings.Device)
	f.press(fyne.KeyEscape)
	if f.ui.window.page != pageCalls {
		t.Error("it asks, and nothing is changed")
	}
}

// What gets the keyboard is scrolled to, in its section.
func TestFieldsAreScrolledTo(t *testing.T) {
	f := newFixture(t)
	p := f.openSettings()
	f.ui.window.window.Resize(fyne.NewSize(900, 420))
	for _, row := range p.form.rows {
		p.focusAt(row)
		scroll := p.tabs[p.open].scroll
		if top, bottom := row.box.Position().Y-scroll.Offset.Y, row.box.Position().Y+row.box.Size().Height-scroll.Offset.Y; top < -1 || bottom > scroll.Size().Height+1 {
			t.Errorf("%s has the keyboard and is from %v to %v of %v", row.title, top, bottom, scroll.Size().Height)
		}
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
	if !p.agree.Visible() {
		t.Error("the button that keeps it in memory has no room")
	}
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
	if p.entry(account.FieldDevice).Text != "200" || p.password.entry.Text != "" {
		t.Errorf("extension %q, password %q", p.entry(account.FieldDevice).Text, p.password.entry.Text)
	}
}
