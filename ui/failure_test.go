package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// What fails a while after it was asked for is told where the user is by then. It takes nobody's keyboard, it
// opens no window, and it loses nothing that the user was typing.
func TestFailureIsToldWhereTheUserIs(t *testing.T) {
	ring := call("1", csta.Ringing, "203", "")
	for name, ask := range map[string]func(f *fixture){
		"a number is dialled": func(f *fixture) { f.ui.dial("22334455") },
		"a call is answered":  func(f *fixture) { f.ui.answer(ring.ID) },
		"do not disturb":      func(f *fixture) { f.ui.setDoNotDisturb(true) },
	} {
		for where, be := range map[string]func(f *fixture){
			"elsewhere":       func(f *fixture) {},
			"in the settings": func(f *fixture) { f.openSettings().fill(account.FieldUserID, "half-typed") },
			"in the window":   func(f *fixture) { f.openWindow() },
		} {
			t.Run(name+", "+where, func(t *testing.T) {
				f := newFixture(t)
				f.online(ring)
				be(f)
				w := &f.ui.window
				shown, page := w.shown, w.page
				var keyboard fyne.Focusable
				if shown {
					w.window.Canvas().Unfocus()
					if page == pageSettings {
						keyboard = w.settings.entry(account.FieldUserID)
						w.window.Canvas().Focus(keyboard)
					}
				}
				f.phone.err = csta.ErrNoEffect
				ask(f)
				f.asked()
				f.until("it failed", func() bool { return strings.Contains(w.message, text.Explain(csta.ErrNoEffect)) })
				if w.shown != shown || w.page != page {
					t.Errorf("the window: shown %v, page %v; before: %v, %v", w.shown, w.page, shown, page)
				}
				if shown && w.window.Canvas().Focused() != keyboard {
					t.Errorf("the keyboard is at %T", w.window.Canvas().Focused())
				}
				if !f.reads(text.Explain(csta.ErrNoEffect)) {
					t.Error("nobody is told")
				}
				if page == pageSettings && w.settings.entry(account.FieldUserID).Text != "half-typed" {
					t.Error("what was typed is gone")
				}
			})
		}
	}
}

// Where there is no popup, a notification tells it: no window opens.
func TestFailureWithoutPopup(t *testing.T) {
	told := make(chan string, 1)
	f := newFixture(t, func(c *Config) {
		c.Settings.Popup = account.PopupOff
		c.Notify = func(sentence string) { told <- sentence }
	})
	f.online()
	f.phone.err = csta.ErrNoEffect
	f.ui.dial("22334455")
	f.asked()
	f.until("it failed", func() bool { return strings.Contains(f.ui.window.message, text.Explain(csta.ErrNoEffect)) })
	if sentence := <-told; !strings.Contains(sentence, text.Explain(csta.ErrNoEffect)) {
		t.Errorf("told %q", sentence)
	}
	if f.settle(); f.ui.window.shown || f.ui.window.wanted {
		t.Error("the window opened")
	}
}

// reads reports whether a sentence is on the screen, in the window or in the corner.
func (f *fixture) reads(sentence string) (found bool) {
	look := func(o fyne.CanvasObject) {
		visible(o, func(o fyne.CanvasObject) {
			if l, ok := o.(*widgets.Lines); ok && strings.Contains(l.Text, sentence) {
				found = true
			}
		})
	}
	if f.ui.window.shown {
		look(f.ui.window.window.Canvas().Content())
	}
	if f.ui.popup.shown {
		look(f.ui.popup.root)
	}
	return found
}
