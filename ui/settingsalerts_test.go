package ui

import (
	"testing"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/attention"
	"calltray/internal/text"
)

// The preview tells what happens with what stands on the page, before it is saved.
func TestAlertPreview(t *testing.T) {
	f := newFixture(t)
	p := f.openSettings()
	said := func() string { return p.alerts.result.Text }
	if got, want := said(), text.Say("The popup and a notification show the call."); got != want {
		t.Errorf("at first: %q, want %q", got, want)
	}
	p.form.of(account.FieldAlertQueue).control.(*choiceControl).list.SetSelectedIndex(1)
	if got, want := said(), text.Say("The popup and a notification show the call."); got != want {
		t.Errorf("a direct call: %q, want %q", got, want)
	}
	p.alerts.who.SetSelectedIndex(1)
	if got, want := said(), text.Say("A notification shows the call."); got != want {
		t.Errorf("a queue's call: %q, want %q", got, want)
	}
	p.form.of(account.FieldAlertQueueAfter).control.(*choiceControl).list.SetSelectedIndex(2)
	if got, want := said(), "A notification shows the call. In the first 10 seconds only the tray icon rings."; got != want {
		t.Errorf("a queue's call that waits: %q, want %q", got, want)
	}
	p.form.of(account.FieldAlertInCall).control.(*choiceControl).list.SetSelectedIndex(3)
	p.alerts.when.SetSelectedIndex(1)
	if got, want := said(), text.Say("Nothing shows it: the call is in this window and in the tray menu."); got != want {
		t.Errorf("in a call: %q, want %q", got, want)
	}
	if len(callers) != len(p.alerts.who.Options) || len(moments) != len(p.alerts.when.Options) {
		t.Error("the preview offers what it does not know")
	}
}

// Popup and tray icon show what the policy says, and the menu every call.
func TestAttentionInPopupAndTray(t *testing.T) {
	f := newFixture(t)
	by := attention.Channels{}
	f.ui.cfg.Attention = func(csta.Call) attention.Channels { return by }
	c := call("1", csta.Ringing, "203", "Bo")
	for _, step := range []attention.Channels{{}, {Tray: true}, {Popup: true, Tray: true}, {Tray: true}, {}} {
		by = step
		f.online(c)
		if f.ui.popup.shown != step.Popup {
			t.Errorf("%+v: popup shown %v", step, f.ui.popup.shown)
		}
		if got := trayIcon(f.ui.calm()) == trayIcon(f.ui.state); got != step.Tray {
			t.Errorf("%+v: the icon rings %v", step, got)
		}
		if menu := trayMenu(f.ui.state, slots([trayCalls]csta.ConnectionID{}, f.ui.state), "200", nil, nil, ""); menu[entryFirstCall+1].disabled {
			t.Errorf("%+v: the call cannot be answered in the menu", step)
		}
	}
}
