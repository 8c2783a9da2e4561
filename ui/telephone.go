package ui

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"calltray/cstasession/csta"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// doNotDisturb identifies do-not-disturb among the types of forwarding.
const doNotDisturb = "doNotDisturb"

// telephone is what is known of the user's own telephone besides State.Telephone. Run's goroutine owns it.
type telephone struct {
	changing map[string]csta.Forwarding // pending changes, by type
	lastTo   map[string]string          // where calls last went, by type: some PBXs forget it
}

// follow remembers where calls go, for when they no longer do.
func (t *telephone) follow(p csta.Telephone) {
	for _, f := range p.Forwarding {
		if f.To != "" {
			t.lastTo[f.Type] = f.To
		}
	}
}

// rule returns the forwarding of a type: as it is, or as it will be after a pending change. It is unknown
// until the PBX has reported any.
func (u *UI) rule(forwardingType string) (rule csta.Forwarding, known bool) {
	if rule.Type = forwardingType; u.state.Telephone.Forwarding == nil {
		return rule, false
	}
	for _, f := range u.state.Telephone.Forwarding {
		if f.Is(forwardingType) {
			rule = f
		}
	}
	if f, ok := u.telephone.changing[forwardingType]; ok {
		rule = f
	}
	if rule.To == "" {
		rule.To = u.telephone.lastTo[forwardingType]
	}
	return rule, true
}

// setDoNotDisturb switches do-not-disturb on the user's telephone on or off.
func (u *UI) setDoNotDisturb(on bool) {
	u.change(csta.Forwarding{Type: doNotDisturb, Active: on}, text.Say("Do-not-disturb was not changed."),
		func(ctx context.Context, p Phone) error { return p.SetDoNotDisturb(ctx, on) }, nil)
}

// setForwarding switches the forwarding of all calls on or off: on, to the last number used. Without one it
// opens the window where one can be typed.
func (u *UI) setForwarding(on bool) {
	rule, _ := u.rule("forwardImmediate")
	if on && rule.To == "" {
		u.window.then = func() {
			u.window.side.open(sideTelephone)
			u.window.side.telephone.askNumber(rule.Type)
		}
		u.window.open(pageCalls)
		return
	}
	rule.Active = on
	u.setRule(rule, nil)
}

// setRule sets a forwarding, and then calls done, which may be nil.
func (u *UI) setRule(f csta.Forwarding, done func()) {
	u.change(f, text.Say("The forwarding was not changed."), func(ctx context.Context, p Phone) error { return p.SetForwarding(ctx, f) }, done)
}

// change requests a setting of the telephone, unless a change of that type is pending.
func (u *UI) change(f csta.Forwarding, fails string, service func(context.Context, Phone) error, done func()) {
	if _, busy := u.telephone.changing[f.Type]; busy {
		return
	}
	u.telephone.changing[f.Type] = f
	u.render()
	u.ask(serviceLimit, service, func(err error) {
		delete(u.telephone.changing, f.Type)
		if err != nil {
			u.report(fails + " " + text.Explain(err))
		} else if done != nil {
			done()
		}
		u.render()
	})
}

// telephonePage is the settings of the user's own telephone. They follow changes made elsewhere, but never
// overwrite what the user is typing.
type telephonePage struct {
	ui   *UI
	root *fyne.Container

	sentence *widgets.Lines // why something is disabled
	quiet    *widgets.Toggle
	rules    []*ruleRow
	list     *fyne.Container // of the rules
	body     *fyne.Container
	profile  *profileBox
}

// mainRules can always be set, reported or not: the two types that the vendor shows, and the one between them.
var mainRules = []string{"forwardImmediate", "forwardBusy", "forwardNoAns"}

func newTelephonePage(u *UI) *telephonePage {
	p := &telephonePage{ui: u, list: widgets.NewColumn(4), profile: newProfileBox(u)}
	p.sentence = widgets.NewLines(2, theme.TextSize()-1, widgets.ColorMuted)
	p.quiet = widgets.NewToggle(&u.window, text.Say("Do not disturb"), u.setDoNotDisturb)
	for _, forwardingType := range mainRules {
		p.addRule(forwardingType)
	}
	p.body = container.New(layout.NewCustomPaddedLayout(4, 4, 10, 10), widgets.NewColumn(6,
		p.sentence, p.quiet, widgets.Divider(), widgets.NewCaption(text.Say("Forward calls to another number")), p.list, widgets.Divider(), p.profile.box))
	p.root = container.NewPadded(container.NewVScroll(p.body))
	return p
}

func (p *telephonePage) addRule(forwardingType string) *ruleRow {
	r := newRuleRow(p, forwardingType)
	p.rules = append(p.rules, r)
	p.list.Add(r.box)
	return r
}

// opened is called when the page comes to the front.
func (p *telephonePage) opened() { p.profile.asked = time.Time{} }

// render shows what has changed.
func (p *telephonePage) render() {
	u := p.ui
	s := u.state
	online := s.Status == csta.Online
	on := s.Telephone.DoNotDisturb == csta.On
	change, busy := u.telephone.changing[doNotDisturb]
	if busy {
		on = change.Active
	}
	_, refused := s.Refused["SetDoNotDisturb"]
	p.quiet.Set(on, online && !busy && !refused && s.Telephone.DoNotDisturb != csta.Unknown)
	for _, f := range s.Telephone.Forwarding {
		if p.rule(f.Type) == nil {
			p.addRule(f.Type)
			p.body.Refresh()
		}
	}
	_, refused = s.Refused["SetForwarding"]
	for _, r := range p.rules {
		f, known := u.rule(r.forwardingType)
		_, busy := u.telephone.changing[r.forwardingType]
		r.set(f, online && !busy && known && !refused)
	}
	p.profile.render()
	p.sentence.Set(p.explain(), widgets.ColorMuted)
}

func (p *telephonePage) rule(forwardingType string) *ruleRow {
	for _, r := range p.rules {
		if strings.EqualFold(r.forwardingType, forwardingType) {
			return r
		}
	}
	return nil
}

// explain returns why something is disabled.
func (p *telephonePage) explain() string {
	s := p.ui.state
	var parts []string
	for _, service := range []string{"SetDoNotDisturb", "SetForwarding", "GetCallProfile"} {
		if reason, refused := s.Refused[service]; refused {
			parts = append(parts, text.RefusedWords(service, reason))
		}
	}
	switch {
	case s.Status != csta.Online:
		return text.Say("Calltray is not online: this is how the telephone was set when it last was.")
	case len(parts) > 1:
		return text.Say("The PBX does not offer some of these settings: use the telephone's own keys.")
	case len(parts) > 0:
		return strings.Join(parts, " ")
	case s.Telephone.DoNotDisturb == csta.Unknown && s.Telephone.Forwarding == nil:
		return text.Say("The PBX has not told how the telephone is set: set it at the telephone.")
	case s.Telephone.DoNotDisturb == csta.Unknown:
		return text.Say("The PBX has not told whether do-not-disturb is on: look at the telephone.")
	case s.Telephone.Forwarding == nil:
		return text.Say("The PBX has not told whether calls are forwarded: look at the telephone.")
	default:
		return text.Say("The settings of extension {{.Extension}}: they follow what is changed at the telephone.", "Extension", p.ui.settings.Device)
	}
}

// askNumber moves the keyboard focus to where the number of a rule is typed.
func (p *telephonePage) askNumber(forwardingType string) {
	p.ui.tell(text.Say("Type the number or the name that calls are forwarded to, and press Enter."))
	if r := p.rule(forwardingType); r != nil && !r.to.Disabled() {
		p.ui.window.window.Canvas().Focus(r.to)
	}
}

// forget discards what was typed but not saved: a reopened window must not show it as if it were set.
func (p *telephonePage) forget() {
	for _, r := range p.rules {
		r.edited = false // the next render shows what the PBX reported
	}
}
