package ui

import (
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/dialplan"
)

// asked is what a test was told of a number.
type askedNumber struct{ steps []DialReport }

func (a *askedNumber) last() DialStep { return a.steps[len(a.steps)-1].Step }

// handOver has another program hand a number over.
func (f *fixture) handOver(written string) (*askedNumber, error) {
	f.t.Helper()
	r, err := f.ui.Plan().Read(written)
	a := &askedNumber{}
	return a, f.ui.asks.ask(DialRequest{Reading: r, Why: err, Report: func(s DialReport) { a.steps = append(a.steps, s) }})
}

// look is what a user does before a question is answered.
func (f *fixture) look() { f.ui.asks.unseen, f.ui.asks.since = false, time.Now().Add(-keyGuard) }

func (f *fixture) mustHandOver(written string) *askedNumber {
	f.t.Helper()
	a, err := f.handOver(written)
	if err != nil {
		f.t.Fatalf("%q: %v", written, err)
	}
	return a
}

// What is dialled is what the window shows, byte for byte; and nothing before the user has said so.
func TestDialQuestion(t *testing.T) {
	for _, written := range []string{"tel:+45%2022%2033%2044%2055", "22 33 44 55", "+49 30/123456", "callto:201", "tel:112", "tel:90123456", "tel:*21*22334455%23", "+1 (212) 555-0123", "+45 (0) 20-12.34 56"} {
		t.Run(written, func(t *testing.T) {
			f := newFixture(t)
			f.online()
			a := f.mustHandOver(written)
			q := &f.ui.asks
			if !q.shown || a.last() != DialAsked {
				t.Fatalf("no question: %+v", a.steps)
			}
			q.key(fyne.KeyReturn)
			q.key(fyne.KeyEscape)
			if q.look.call.OnTapped(); !q.wanted {
				t.Error("a key or click that was meant for something else was taken")
			}
			f.notAsked("keys that were typed before the question was seen")
			shown := q.look.number.Text
			f.look()
			q.key(fyne.KeyReturn)
			if got, want := f.asked(), "call "+dialplan.Bare(shown); got != want {
				t.Errorf("the phone was asked to %q, the window showed %q", got, want)
			}
			f.until("it is told", func() bool { return a.last() == DialCalling })
			if q.shown {
				t.Error("the question is still on the screen")
			}
		})
	}
}

func TestDialQuestionDeclined(t *testing.T) {
	f := newFixture(t)
	f.online()
	a := f.mustHandOver("tel:22334455")
	f.look()
	f.ui.asks.key(fyne.KeyEscape)
	f.notAsked("Esc")
	if a.last() != DialDeclined || f.ui.asks.shown || f.ui.visible() {
		t.Errorf("after Esc: %+v", a.steps)
	}
	f.look()
	f.ui.asks.key(fyne.KeyReturn)
	f.notAsked("Enter after Esc")
}

// Another number does not take the place of the one that the user is looking at; an emergency does.
func TestOneDialQuestion(t *testing.T) {
	f := newFixture(t)
	f.online()
	first := f.mustHandOver("tel:22334455")
	for range 20 {
		if _, err := f.handOver("tel:90123456"); !errors.Is(err, errAsking) {
			t.Fatalf("a second question: %v", err)
		}
	}
	again := f.mustHandOver("tel:22 33 44 55")
	if got := f.ui.asks.look.number.Text; got != "22 33 44 55" || !strings.Contains(f.ui.asks.look.detail.Text, "20") {
		t.Errorf("the window shows %q, %q", got, f.ui.asks.look.detail.Text)
	}
	emergency := f.mustHandOver("tel:112")
	if got := f.ui.asks.look.number.Text; got != "112" || first.last() != DialDeclined || again.last() != DialDeclined || emergency.last() != DialAsked {
		t.Errorf("the window shows %q", got)
	}
	if _, err := f.handOver("tel:22334455"); !errors.Is(err, errAsking) || !strings.Contains(f.ui.asks.look.warn.Text, "desk telephone") {
		t.Errorf("an emergency: %v, %q", err, f.ui.asks.look.warn.Text)
	}
	if f.ui.asks.guarded() != true {
		t.Error("the new question is not guarded")
	}
}

// A number that was agreed to waits for the session, and is asked about again after a minute.
func TestDialQuestionWaits(t *testing.T) {
	f := newFixture(t)
	f.show(csta.Connecting, nil)
	a := f.mustHandOver("tel:22334455")
	f.look()
	f.ui.asks.key(fyne.KeyEnter)
	f.notAsked("a yes while offline")
	if a.last() != DialWaiting || !f.ui.asks.shown {
		t.Fatalf("it does not wait visibly: %+v", a.steps)
	}
	f.online()
	if got := f.asked(); got != "call 22334455" {
		t.Errorf("the phone was asked to %s", got)
	}
	f.settle()

	f.show(csta.Offline, csta.ErrOffline)
	a = f.mustHandOver("tel:22334455")
	f.look()
	f.ui.asks.key(fyne.KeyEnter)
	f.ui.asks.tooLate(f.ui.asks.asked)
	f.online()
	f.notAsked("a minute")
	if a.last() != DialAsked || !strings.Contains(f.ui.asks.look.warn.Text, "longer than a minute") {
		t.Errorf("it is not asked again: %+v, %q", a.steps, f.ui.asks.look.warn.Text)
	}
	f.look()
	f.ui.asks.key(fyne.KeyEnter)
	if got := f.asked(); got != "call 22334455" {
		t.Errorf("the phone was asked to %s", got)
	}
}

// What costs money or changes a setting is asked about from wherever.
func TestTypedCodeIsAskedAbout(t *testing.T) {
	for _, code := range []string{"*21*22334455#", "90123456", "**21*201#", "22334455,,123#"} {
		f := newFixture(t)
		f.online()
		f.ui.dial(code)
		f.notAsked("dialling " + code)
		if !f.ui.asks.shown {
			t.Errorf("%s: no question", code)
		}
	}
}

// The digits behind a number are offered when the call is answered, and not dialled.
func TestDigitsAfterTheAnswer(t *testing.T) {
	f := newFixture(t)
	f.online()
	f.mustHandOver("tel:70102030,,123#")
	f.look()
	f.ui.asks.key(fyne.KeyReturn)
	if got := f.asked(); got != "call 70102030" {
		t.Fatalf("the phone was asked to %s", got)
	}
	f.settle()
	f.ui.asks.call = csta.ConnectionID{CallID: "7", DeviceID: "200"} // the phone of this test gives none
	f.online(call("7", csta.Calling, "70102030", ""))
	f.look()
	f.ui.asks.key(fyne.KeyReturn)
	f.notAsked("digits before the answer")
	f.online(call("7", csta.Active, "70102030", ""))
	f.look()
	f.ui.asks.key(fyne.KeyReturn)
	if got := f.asked(); got != "play 123# into 7" {
		t.Errorf("the phone was asked to %s", got)
	}
	if f.settle(); f.ui.asks.wanted {
		t.Error("the window stays")
	}
}

// What cannot be dialled is shown with the reason, and cannot be agreed to.
func TestLinkThatCannotBeDialled(t *testing.T) {
	f := newFixture(t)
	f.online()
	f.mustHandOver("sip:anna@example.dk")
	q := &f.ui.asks
	if !q.shown || !q.look.call.Disabled() || !strings.Contains(q.look.warn.Text, "names a person") {
		t.Errorf("shown %v, %q", q.shown, q.look.warn.Text)
	}
	f.look()
	q.key(fyne.KeyReturn)
	f.notAsked("agreeing to nothing")
}

// The number in the selected text goes before the clipboard's; several are the user's choice.
func TestAskSelected(t *testing.T) {
	for _, tt := range []struct {
		selected, clipboard string
		selection           bool
		shown               string // in the question
		err                 error
	}{
		{"Tlf. 22 33 44 55 (kontor)", "33445566", true, "22 33 44 55", nil},
		{"no number", "33445566", true, "33 44 55 66", nil},
		{"22334455", "33445566", false, "33 44 55 66", nil},
		{"*21*22334455#", "", true, "*21*22334455#", nil},
		{"22 33 44 55 og 66 77 88 99", "", true, "", errSeveral},
		{"", "hello", true, "", errNoNumber},
	} {
		f := newFixture(t)
		f.online()
		f.desk.selected, f.desk.clipboard = tt.selected, tt.clipboard
		done := make(chan error, 1)
		go func() { done <- f.ui.AskSelected(f.ui.ctx, tt.selection, nil) }()
		var err error
		for answered := false; !answered; f.settle() {
			select {
			case err = <-done:
				answered = true
			case <-time.After(time.Millisecond):
			}
		}
		f.settle()
		if got := ""; err != tt.err || tt.err == nil && f.ui.asks.look.number.Text != tt.shown {
			if f.ui.asks.look.number != nil {
				got = f.ui.asks.look.number.Text
			}
			t.Errorf("%q, %q: %v, %q; want %v, %q", tt.selected, tt.clipboard, err, got, tt.err, tt.shown)
		}
		f.notAsked("asking")
	}
}

// In no kind of question and no language is anything cut. With picturesIn set, it leaves pictures.
func TestDialQuestionPictures(t *testing.T) {
	folder := os.Getenv(picturesIn)
	variants := map[string]fyne.ThemeVariant{"light": theme.VariantLight}
	if folder != "" {
		variants["dark"] = theme.VariantDark
	}
	for _, language := range []string{"en", "da"} {
		for look, variant := range variants {
			speak(t, language)
			f := newFixture(t)
			f.ui.settings.Popup = account.PopupOff
			f.dress(variant)
			heights := map[string]float32{}
			for name, written := range map[string]string{"plain": "tel:+45%2022%2033%2044%2055", "changed": "+45 (0) 20-12.34 56", "abroad": "tel:+4930123456", "premium": "tel:90123456",
				"code": "tel:*21*22334455%23", "emergency": "tel:112", "wrong": "tel:call-me", "digits": "tel:22334455,,12#"} {
				f.online()
				if name == "plain" {
					f.online(call("1", csta.Active, "33445566", "Åse Østergaard"))
				}
				if _, err := f.handOver(written); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				asks := &f.ui.asks.look
				canvas := asks.window.Canvas()
				for _, wrong := range measure(canvas.Content()) {
					t.Errorf("%s, %s: %s", name, language, wrong)
				}
				if got, want := canvas.Size(), asks.size(); got != want {
					t.Errorf("%s, %s: the window is %v, and its words need %v", name, language, got, want)
				}
				heights[name] = canvas.Size().Height
				if folder != "" {
					file, err := os.Create(filepath.Join(folder, fmt.Sprintf("asks-%s-%s-%s.png", name, language, look)))
					if err != nil {
						t.Fatal(err)
					}
					if err := errors.Join(png.Encode(file, canvas.Capture()), file.Close()); err != nil {
						t.Fatal(err)
					}
				}
				f.ui.asks.decline()
			}
			if heights["premium"] >= heights["emergency"] {
				t.Errorf("%s: a warning of one line makes the window %v high, one of two lines %v", language, heights["premium"], heights["emergency"])
			}
		}
	}
}
