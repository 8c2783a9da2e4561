package ui

import (
	"context"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"calltray/cstasession/csta"
	"calltray/internal/account"
)

// The password goes to another host only after the user has agreed to that host, by name; they are asked once, and
// never by a window that opens by itself.
func TestConsentToAnotherHost(t *testing.T) {
	other := &csta.OtherHostError{Entered: "csta.example.dk", Host: "hub.elsewhere.example"}
	offline := csta.State{Status: csta.Offline, Err: other, Since: time.Now()}
	sentence := "csta.example.dk wants to send your login, with the password, to another server: hub.elsewhere.example."

	f := newFixture(t)
	f.ui.Show(offline)
	f.settle()
	if f.ui.window.shown || f.ui.window.question.open() {
		t.Fatal("a window opened by itself")
	}
	f.openWindow()
	f.settle()
	if !f.ui.window.question.open() || !strings.HasPrefix(f.ui.window.question.sentence.Text, sentence) {
		t.Fatal("the window does not ask")
	}
	f.question().press("Cancel")
	f.ui.Show(offline) // the next attempt
	f.settle()
	if f.ui.window.question.open() {
		t.Error("asked twice")
	}

	f = newFixture(t)
	f.openWindow()
	f.ui.Show(offline)
	f.settle()
	f.question().press("Allow it")
	if saved := <-f.saved; saved.settings != goodSettings.WithTrustedHost(other.Host) || saved.password != "" {
		t.Errorf("saved %+v", saved)
	}
}

// The self-test asks as well, goes on with the consent, and the settings keep it for Save.
func TestConsentInTheSelfTest(t *testing.T) {
	other := &csta.OtherHostError{Entered: "csta.example.dk", Host: "hub.elsewhere.example"}
	tried := make(chan account.Settings, 4)
	f := newFixture(t, func(c *Config) {
		c.Check = func(_ context.Context, s account.Settings, _, _ string, _ func(Step)) error {
			tried <- s
			if s.TrustedHosts() == nil {
				return other
			}
			return nil
		}
	})
	p := f.openSettings()
	test.Tap(p.test)
	<-tried
	f.until("it asks", func() bool { return f.ui.window.question.open() })
	f.question().press("Allow it")
	if again := <-tried; len(again.TrustedHosts()) != 1 || again.TrustedHosts()[0] != other.Host {
		t.Errorf("tested again with %v", again.TrustedHosts())
	}
	if s := p.read(); len(s.TrustedHosts()) != 1 {
		t.Error("the settings do not keep the consent")
	}
}
