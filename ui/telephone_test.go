package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// SetDoNotDisturb writes down what it is asked for, as the others do.
func (p *fakePhone) SetDoNotDisturb(_ context.Context, on bool) error {
	p.asked <- fmt.Sprint("do-not-disturb ", on)
	return p.err
}

// SetForwarding writes down what it is asked for.
func (p *fakePhone) SetForwarding(_ context.Context, r csta.Forwarding) error {
	p.asked <- fmt.Sprint(r.Type, " ", r.Active, " ", r.To, " ", r.After)
	return p.err
}

// GetCallProfile returns the profile that was set last.
func (p *fakePhone) GetCallProfile(context.Context) (csta.CallProfile, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.profile, p.err
}

// hasProfile changes what GetCallProfile returns: it may be under way, when the window reads it.
func (p *fakePhone) hasProfile(change func(*csta.CallProfile)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.profile)
}

// SetCallProfile writes down what it is asked for.
func (p *fakePhone) SetCallProfile(_ context.Context, profile csta.CallProfile) error {
	p.asked <- fmt.Sprint("profile ", profile)
	if p.err == nil {
		p.hasProfile(func(kept *csta.CallProfile) { *kept = profile })
	}
	return p.err
}

// openTelephone opens the window at the settings of the telephone, told as given.
func (f *fixture) openTelephone(told csta.Telephone) *telephonePage {
	f.t.Helper()
	f.openWindow()
	f.isSet(told)
	f.ui.window.side.open(sideTelephone)
	f.until("the profile has been read", func() bool { return !f.ui.window.side.telephone.profile.working })
	return f.ui.window.side.telephone
}

// isSet is the exchange telling how the telephone is set.
func (f *fixture) isSet(told csta.Telephone) {
	f.ui.Show(csta.State{Status: csta.Online, Since: onlineSince, Trunk: csta.On, Telephone: told})
	f.settle()
}

// idle waits until no setting is on its way.
func (f *fixture) idle() {
	f.t.Helper()
	f.until("the service is over", func() bool { return len(f.ui.telephone.changing) == 0 })
}

// onlineSince is when the session went online: it does so once in a test.
var onlineSince = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

func forwarded(forwardingType string, active bool, to string, after time.Duration) csta.Telephone {
	return csta.Telephone{DoNotDisturb: csta.Off, Forwarding: []csta.Forwarding{{Type: forwardingType, Active: active, To: to, After: after}}}
}

func TestDoNotDisturbSwitch(t *testing.T) {
	f := newFixture(t)
	p := f.openTelephone(csta.Telephone{})
	if !p.quiet.Disabled() || !strings.Contains(p.sentence.Text, "has not told") {
		t.Errorf("not told: usable %v, %q", !p.quiet.Disabled(), p.sentence.Text)
	}
	f.isSet(forwarded("forwardImmediate", false, "", 0))
	test.Tap(p.quiet)
	if !p.quiet.Checked || !p.quiet.Disabled() {
		t.Error("while it is on its way it shows what was asked for, and is out of use")
	}
	if got := f.asked(); got != "do-not-disturb true" {
		t.Errorf("the phone was asked for %q", got)
	}
	f.idle()
	if p.quiet.Checked {
		t.Error("it shows more than was told")
	}
	told := forwarded("forwardImmediate", false, "", 0)
	told.DoNotDisturb = csta.On
	f.isSet(told)
	f.notAsked("a change made elsewhere")
	if !p.quiet.Checked {
		t.Error("it does not follow what is changed elsewhere")
	}
	f.phone.err = csta.ErrNoAnswer
	f.ui.setDoNotDisturb(false)
	if got := f.asked(); got != "do-not-disturb false" {
		t.Errorf("the phone was asked for %q", got)
	}
	f.idle()
	if want := "Do-not-disturb was not changed. " + text.Explain(csta.ErrNoAnswer); f.ui.window.message != want || !p.quiet.Checked {
		t.Errorf("the message is %q, want %q", f.ui.window.message, want)
	}
}

func TestForwardingRules(t *testing.T) {
	for _, c := range []struct {
		name  string
		told  csta.Telephone
		which string
		do    func(p *telephonePage, r *ruleRow)
		asks  string // of the phone, "" for nothing
		says  string // begins with
	}{
		{"on, with the number of before", forwarded("forwardImmediate", false, "203", 0), "forwardImmediate",
			func(p *telephonePage, r *ruleRow) { test.Tap(r.on) }, "forwardImmediate true 203 0s", ""},
		{"off", forwarded("forwardImmediate", true, "203", 0), "forwardImmediate",
			func(p *telephonePage, r *ruleRow) { test.Tap(r.on) }, "forwardImmediate false 203 0s", ""},
		{"on, to a word of the exchange", forwarded("forwardNoAns", false, "busy", 90*time.Second), "forwardNoAns",
			func(p *telephonePage, r *ruleRow) { test.Tap(r.on) }, "forwardNoAns true busy 1m30s", ""},
		{"to a word of the exchange, which nobody knows here", forwarded("forwardBusy", true, "voicemail", 0), "forwardBusy",
			func(p *telephonePage, r *ruleRow) {
				if r.to.Text == "“voicemail”" {
					r.store(true)
				}
			}, "forwardBusy true voicemail 0s", ""},
		{"on, to nowhere", forwarded("forwardImmediate", false, "", 0), "forwardBusy",
			func(p *telephonePage, r *ruleRow) { test.Tap(r.on) }, "", "Type the number"},
		{"typed, and Enter", forwarded("forwardImmediate", false, "", 0), "forwardBusy",
			func(p *telephonePage, r *ruleRow) {
				test.Type(r.to, "+45 22 33 44 55")
				r.to.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
			}, "forwardBusy true +4522334455 0s", ""},
		{"a name", forwarded("forwardImmediate", false, "", 0), "forwardImmediate",
			func(p *telephonePage, r *ruleRow) { r.to.SetText("åse"); test.Tap(r.keep) }, "forwardImmediate true 202 0s", ""},
		{"a name of two, exactly", forwarded("forwardImmediate", false, "", 0), "forwardImmediate",
			func(p *telephonePage, r *ruleRow) { r.to.SetText("Bo"); test.Tap(r.keep) }, "forwardImmediate true 203 0s", ""},
		{"a name of two", forwarded("forwardImmediate", false, "", 0), "forwardImmediate",
			func(p *telephonePage, r *ruleRow) { r.to.SetText("b"); test.Tap(r.keep) }, "", "Several in the office"},
		{"a name of nobody", forwarded("forwardImmediate", false, "", 0), "forwardImmediate",
			func(p *telephonePage, r *ruleRow) { r.to.SetText("xyz"); test.Tap(r.on) }, "", "Nobody in the office"},
		{"no number", forwarded("forwardImmediate", false, "", 0), "forwardImmediate",
			func(p *telephonePage, r *ruleRow) { r.to.SetText("+"); test.Tap(r.on) }, "", "There is no number"},
		{"seconds", forwarded("forwardNoAns", true, "203", 20*time.Second), "forwardNoAns",
			func(p *telephonePage, r *ruleRow) { r.after.SetText("35"); test.Tap(r.keep) }, "forwardNoAns true 203 35s", ""},
		{"no seconds", forwarded("forwardNoAns", true, "203", 20*time.Second), "forwardNoAns",
			func(p *telephonePage, r *ruleRow) { r.after.SetText("0"); test.Tap(r.keep) }, "", "How long it rings"},
		{"a rule for calls from outside", forwarded("forwardBusyExt", true, "203", 0), "forwardBusyExt",
			func(p *telephonePage, r *ruleRow) { test.Tap(r.on) }, "forwardBusyExt false 203 0s", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			f.ui.Colleague(colleague("202", "Åse"))
			f.ui.Colleague(colleague("203", "Bo"))
			f.ui.Colleague(colleague("204", "Bodil"))
			p := f.openTelephone(c.told)
			before := p.rule(c.which).on.Checked
			c.do(p, p.rule(c.which))
			if c.asks == "" {
				f.notAsked(c.name)
				if !strings.HasPrefix(f.ui.window.message, c.says) || p.rule(c.which).on.Checked != before {
					t.Errorf("the message is %q, want %q; ticked %v", f.ui.window.message, c.says, p.rule(c.which).on.Checked)
				}
				return
			}
			if got := f.asked(); got != c.asks {
				t.Errorf("the phone was asked for %q, want %q", got, c.asks)
			}
			f.idle()
		})
	}
}

// What is changed elsewhere is shown, but what the user is typing stays.
func TestTypingIsNotOverwritten(t *testing.T) {
	f := newFixture(t)
	p := f.openTelephone(forwarded("forwardImmediate", false, "203", 0))
	r := p.rule("forwardImmediate")
	f.isSet(forwarded("forwardImmediate", true, "204", 0))
	if r.to.Text != "204" || !r.on.Checked {
		t.Errorf("it does not follow: %q, %v", r.to.Text, r.on.Checked)
	}
	r.to.SetText("2233")
	f.isSet(forwarded("forwardImmediate", false, "205", 0))
	if r.to.Text != "2233" || r.on.Checked {
		t.Errorf("typing: the entry holds %q, ticked %v", r.to.Text, r.on.Checked)
	}
	f.phone.err = csta.ErrNoEffect
	test.Tap(r.keep)
	f.asked()
	f.idle()
	if r.to.Text != "2233" || r.keep.Disabled() {
		t.Error("what was typed is gone though it was not kept")
	}
	r.to.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if r.to.Text != "205" || !f.ui.window.shown {
		t.Errorf("after Esc the entry holds %q, want what was told; the window is shown: %v", r.to.Text, f.ui.window.shown)
	}
	f.phone.err = nil
	r.to.SetText("206")
	test.Tap(r.keep)
	f.asked()
	f.isSet(forwarded("forwardImmediate", true, "206", 0))
	f.idle()
	f.isSet(forwarded("forwardImmediate", true, "207", 0))
	if r.to.Text != "207" {
		t.Errorf("once kept, the entry follows again: %q", r.to.Text)
	}
	r.to.SetText("2233")
	f.ui.window.close()
	f.ui.window.open(pageCalls)
	if r.to.Text != "207" {
		t.Errorf("the window was closed, and the entry holds %q that nobody kept", r.to.Text)
	}
}

// The tray's switch uses the number of before, also where the exchange has forgotten it.
func TestForwardingFromTheTray(t *testing.T) {
	f := newFixture(t)
	f.isSet(forwarded("forwardImmediate", true, "203", 0))
	f.ui.setForwarding(false)
	if got := f.asked(); got != "forwardImmediate false 203 0s" {
		t.Errorf("the phone was asked for %q", got)
	}
	f.idle()
	f.isSet(forwarded("forwardImmediate", false, "", 0))
	f.ui.setForwarding(true)
	if got := f.asked(); got != "forwardImmediate true 203 0s" {
		t.Errorf("the phone was asked for %q", got)
	}
	f.idle()
	f.ui.SetPBX(nil)
	f.isSet(forwarded("forwardImmediate", false, "", 0))
	f.ui.setForwarding(true)
	f.notAsked("forwarding to nowhere")
	page := f.ui.window.side
	if !f.ui.window.shown || page.page != sideTelephone || f.ui.window.window.Canvas().Focused() != page.telephone.rule("forwardImmediate").to {
		t.Error("the window does not ask for the number")
	}
	f.until("the profile has been read", func() bool { return !page.telephone.profile.working })
}

func TestTelephoneOutOfUse(t *testing.T) {
	f := newFixture(t)
	p := f.openTelephone(forwarded("forwardImmediate", true, "203", 0))
	r := p.rule("forwardImmediate")
	f.ui.Show(csta.State{Status: csta.Online, Telephone: forwarded("forwardImmediate", true, "203", 0), Refused: map[string]string{"SetForwarding": "no"}})
	f.settle()
	if !r.on.Disabled() || !r.to.Disabled() || p.quiet.Disabled() || p.sentence.Text != text.RefusedWords("SetForwarding", "no") {
		t.Errorf("refused: %q", p.sentence.Text)
	}
	f.until("the profile has been read again", func() bool { return !p.profile.working })
	f.ui.Show(csta.State{Status: csta.Offline, Telephone: forwarded("forwardImmediate", true, "203", 0)})
	f.settle()
	if !r.on.Disabled() || !r.on.Checked || !p.quiet.Disabled() || !p.profile.numbers[0].Disabled() {
		t.Error("offline something is in use, or not shown as it was told")
	}
}

// The profile is asked for once for every time online, when the page is looked at.
func TestCallProfileIsReadWhenItCanBe(t *testing.T) {
	f := newFixture(t)
	f.phone.hasProfile(func(p *csta.CallProfile) { p.LocalNumber.Type = "Main" })
	f.openWindow()
	f.ui.window.side.open(sideTelephone)
	b := f.ui.window.side.telephone.profile
	read := func(when string, want bool) {
		t.Helper()
		f.until("the service is over", func() bool { return !b.working })
		if b.known != want {
			t.Errorf("%s: the profile is known: %v", when, b.known)
		}
	}
	read("offline", false)
	f.isSet(csta.Telephone{})
	read("online", true)
	f.phone.hasProfile(func(p *csta.CallProfile) { p.LocalNumber.Type = "Mobile" })
	f.ui.render()
	read("drawn again", true)
	if b.told.LocalNumber.Type != "Main" {
		t.Error("it is asked for whenever the page is drawn")
	}
	f.ui.window.side.open(sideTelephone)
	read("opened again", true)
	if b.told.LocalNumber.Type != "Mobile" {
		t.Error("it is not asked for when the page is opened")
	}
	f.ui.state.Status = csta.Connecting
	f.ui.SetPBX(nil)
	f.settle()
	read("of another account", false)
}

func TestCallProfile(t *testing.T) {
	f := newFixture(t)
	want := csta.CallProfile{
		LocalNumber: csta.PresentedNumber{Type: "Main", Number: "12345678"}, MobileNumber: csta.PresentedNumber{Type: "Secret"},
		LocalRings: csta.Rings{Local: true}, RouteHandling: "None"}
	f.phone.hasProfile(func(p *csta.CallProfile) { *p = want })
	b := f.openTelephone(csta.Telephone{DoNotDisturb: csta.Off}).profile
	if got := b.numbers[0].Selected + ", " + b.numbers[1].Selected; got != "Main number · 12345678, Secret" {
		t.Errorf("the numbers are %s", got)
	}
	want.LocalRings.Mobile = true
	test.Tap(b.rings[0][1])
	if got := f.asked(); got != fmt.Sprint("profile ", want) {
		t.Errorf("the phone was asked for %q", got)
	}
	f.until("it has been read again", func() bool { return !b.working })
	want.LocalNumber.Type = "Mobile"
	b.numbers[0].SetSelectedIndex(2)
	if got := f.asked(); got != fmt.Sprint("profile ", want) {
		t.Errorf("the phone was asked for %q", got)
	}
	f.until("it has been read again", func() bool { return !b.working })
	f.phone.err = csta.ErrNoAnswer
	test.Tap(b.rings[2][2])
	f.asked()
	f.until("it is as before", func() bool { return !b.working && !b.rings[2][2].Checked })
	if !strings.Contains(f.ui.window.message, "profile") {
		t.Errorf("the message is %q", f.ui.window.message)
	}
}

// "Forward all calls…" in the tray asks for the number, even if it opens the window for the first time.
func TestForwardingWithoutANumberAsksForOne(t *testing.T) {
	f := newFixture(t)
	f.ui.tray.looks = make(chan trayLook, 1)
	app := f.ui.app
	f.ui.app = nil // nothing has been on the screen yet
	f.isSet(csta.Telephone{DoNotDisturb: csta.Off, Forwarding: []csta.Forwarding{}})
	if got := f.ui.tray.look.menu[entryForward].title; got != "Forward all calls…" {
		t.Fatalf("the menu says %q", got)
	}
	f.choose(entryForward)
	f.notAsked("a number is missing")
	f.ui.app = app
	f.ui.render()
	page := f.ui.window.side.telephone
	if f.ui.window.side.page != sideTelephone || f.ui.window.window.Canvas().Focused() != page.rule("forwardImmediate").to {
		t.Errorf("page %v, the keyboard is at %T", f.ui.window.side.page, f.ui.window.window.Canvas().Focused())
	}
}
