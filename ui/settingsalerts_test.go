package ui

import (
	"strings"
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
		if menu := trayMenu(f.ui.state, slots([trayCalls]csta.ConnectionID{}, f.ui.state), "200", nil, nil, "", false); menu[entryFirstCall+1].disabled {
			t.Errorf("%+v: the call cannot be answered in the menu", step)
		}
	}
}

// Where others may read it, the popup says that somebody calls, and not who; nothing moves when it may tell.
func TestPopupWithoutNames(t *testing.T) {
	f := newFixture(t)
	by := attention.Channels{Popup: true, Tray: true, Nameless: true}
	f.ui.cfg.Attention = func(csta.Call) attention.Channels { return by }
	f.ui.cfg.Known = func(string) Known { return Known{Company: "Ærø Bageri", Last: "Last: yesterday", Note: "owes us"} }
	var calls []csta.Call
	for i, number := range []string{"22334455", "86121314", "44556677", "70101010", "33445566"} {
		c := call(string(rune('1'+i)), csta.Ringing, number, "Anna Holm")
		c.Via, c.ViaName = "900", "Sales"
		calls = append(calls, c)
	}
	f.online(calls...)
	words := func() string {
		list := f.cardTexts()
		for _, l := range f.ui.popup.more {
			list = append(list, l.Text)
		}
		return strings.Join(list, "|")
	}
	for _, secret := range []string{"Anna", "22 33", "22334455", "70101010", "70 10", "Ærø", "yesterday", "owes", "900", "Sales"} {
		if strings.Contains(words(), secret) {
			t.Errorf("the popup tells %q: %s", secret, words())
		}
	}
	if !strings.Contains(words(), text.Say("Incoming call")) || f.ui.popup.cards[0].copy.Visible() {
		t.Errorf("the popup says %s", words())
	}
	size, button := f.ui.popup.size(), f.ui.popup.cards[0].answer.Position()
	by.Nameless = false
	f.online(calls...)
	if !strings.Contains(words(), "Anna") || f.ui.popup.size() != size || f.ui.popup.cards[0].answer.Position() != button {
		t.Errorf("then it says %s, at %v instead of %v", words(), f.ui.popup.size(), size)
	}
}
