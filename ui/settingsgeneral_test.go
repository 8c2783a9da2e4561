package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// pick chooses a value in a list of the settings.
func (p *settingsPage) pick(key account.Field, value string) {
	c := p.form.of(key).control.(*choiceControl)
	for i, v := range c.values {
		if v == value {
			c.list.SetSelectedIndex(i)
		}
	}
}

// Another language is spoken as soon as it is saved: in the window, on every page, and in the tray.
func TestLanguageAtOnce(t *testing.T) {
	f := newFixture(t)
	t.Cleanup(func() { text.Use(text.English) })
	f.online()
	p := f.openSettings()
	p.pick(account.FieldLanguage, text.Danish)
	f.ui.window.number = "22334455"
	test.Tap(p.save)
	if got := <-f.saved; got.settings.Language != text.Danish {
		t.Fatalf("saved %+v", got)
	}
	f.until("it is back at the calls", func() bool { return f.ui.window.page == pageCalls })
	w := &f.ui.window
	if w.settings == p || w.settings.save.Text != "Gem" || w.settings.tabs[0].button.Text != "Konto" {
		t.Errorf("the settings' buttons are %q and %q", w.settings.save.Text, w.settings.tabs[0].button.Text)
	}
	if w.calls.entry.Text != "22334455" {
		t.Errorf("the number %q was typed", w.calls.entry.Text)
	}
	if got := f.ui.tray.look.menu[entryQuit].title; f.ui.tray.looks != nil && got != "Afslut" {
		t.Errorf("the tray says %q", got)
	}
	if got := text.Explain(account.ErrNoPassword); !strings.Contains(got, "adgangskode") {
		t.Errorf("an error is told as %q", got)
	}

	// Elsewhere, too; and as long as something is typed, nothing of it is lost.
	f.openSettings().fill(account.FieldDevice, "209")
	s := f.ui.settings
	s.Language = text.English
	f.ui.SetSettings(s)
	f.settle()
	if got := f.ui.window.settings.entry(account.FieldDevice).Text; got != "209" {
		t.Errorf("the field holds %q", got)
	}
	f.ui.window.settings.edits = false
	f.ui.window.open(pageCalls)
	if got := f.ui.window.settings.save.Text; got != "Save" {
		t.Errorf("the button is %q", got)
	}
}

// Light and dark are as the user wishes, at once, and as the desktop wishes if the user does not.
func TestThemeAtOnce(t *testing.T) {
	f := newFixture(t)
	t.Cleanup(func() { widgets.Choose(f.ui.app, account.Auto) })
	f.dress(0)
	before := widgets.OnDark()
	p := f.openSettings()
	for _, c := range []struct {
		theme string
		dark  bool
	}{{"light", false}, {"dark", true}, {account.Auto, before}} {
		p.pick(account.FieldTheme, c.theme)
		test.Tap(p.save)
		<-f.saved
		f.until("it is saved", func() bool { return f.ui.settings.Theme == c.theme })
		if widgets.OnDark() != c.dark {
			t.Errorf("%s: drawn on dark %v", c.theme, widgets.OnDark())
		}
		p = f.openSettings()
	}
}

// What the switch shows is what the computer does, not what was once wished.
func TestAutostartShowsWhatIs(t *testing.T) {
	on := true
	f := newFixture(t, func(c *Config) {
		c.Autostarts = func() bool { return on }
		c.Settings.Autostart = "off"
	})
	p := f.openSettings()
	tick := p.form.of(account.FieldAutostart).control.(*tickControl).box
	if !tick.Checked {
		t.Error("it starts with the computer, and is shown as if it did not")
	}
	if got := p.read(); got != f.ui.settings {
		t.Errorf("nobody touched it, and it becomes %q", got.Autostart)
	}
	test.Tap(tick)
	if got := p.read().Autostart; got != "off" {
		t.Errorf("switched off it becomes %q", got)
	}
}

// What the desktop has started opens no window: not for an account, and not where there is no tray yet.
func TestHiddenStart(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Hidden = true; c.Settings = account.Settings{} })
	f.ui.trayShown(false)
	f.settle()
	if f.ui.window.wanted || f.ui.window.shown {
		t.Error("a window opens")
	}
}
