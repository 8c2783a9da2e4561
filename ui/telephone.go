package ui

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/cstasession"
	"calltray/dialplan"
)

// doNotDisturb is the setting beside the types of forwarding.
const doNotDisturb = "doNotDisturb"

// telephone is what is known of the user's own telephone beside State.Phone. The goroutine of Run owns it.
type telephone struct {
	changing map[string]cstasession.Forwarding // what is on its way, by type
	lastTo   map[string]string                 // where calls went last, by type: some exchanges forget it
}

// follow remembers where calls go, for when they do not any more.
func (t *telephone) follow(p cstasession.Phone) {
	for _, f := range p.Forwarding {
		if f.To != "" {
			t.lastTo[f.Type] = f.To
		}
	}
}

// rule returns the forwarding of a type: as it is, or as it will be when what is on its way is done. It is
// not known as long as the exchange has told of none.
func (u *UI) rule(forwardingType string) (rule cstasession.Forwarding, known bool) {
	if rule.Type = forwardingType; u.state.Phone.Forwarding == nil {
		return rule, false
	}
	for _, f := range u.state.Phone.Forwarding {
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

// setDoNotDisturb switches do-not-disturb of the user's telephone.
func (u *UI) setDoNotDisturb(on bool) {
	u.change(cstasession.Forwarding{Type: doNotDisturb, Active: on}, say("Do-not-disturb was not changed."),
		func(ctx context.Context, p Phone) error { return p.SetDoNotDisturb(ctx, on) }, nil)
}

// setForwarding switches the forwarding of all calls: on, to the last number it was set to; without one it
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

// setRule sets a forwarding. done is called when it is set; it may be nil.
func (u *UI) setRule(f cstasession.Forwarding, done func()) {
	u.change(f, say("The forwarding was not changed."), func(ctx context.Context, p Phone) error { return p.SetForwarding(ctx, f) }, done)
}

// change asks for a setting of the telephone, unless one of that type is on its way.
func (u *UI) change(f cstasession.Forwarding, fails string, service func(context.Context, Phone) error, done func()) {
	if _, busy := u.telephone.changing[f.Type]; busy {
		return
	}
	u.telephone.changing[f.Type] = f
	u.render()
	u.ask(serviceLimit, service, func(err error) {
		delete(u.telephone.changing, f.Type)
		if err != nil {
			u.tell(fails + " " + Explain(err))
			u.window.wanted = true
		} else if done != nil {
			done()
		}
		u.render()
	})
}

// telephonePage is the settings of the user's own telephone. They follow what is changed elsewhere, but
// never what the user is typing.
type telephonePage struct {
	ui   *UI
	root *fyne.Container

	sentence *lines // why something is out of use
	quiet    *toggle
	rules    []*ruleRow
	list     *fyne.Container // of the rules
	body     *fyne.Container
	profile  *profileBox
}

// mainRules can always be set, told or not: the two types that the vendor shows, and the one between them.
var mainRules = []string{"forwardImmediate", "forwardBusy", "forwardNoAns"}

func newTelephonePage(u *UI) *telephonePage {
	p := &telephonePage{ui: u, list: container.New(stack{gap: 4}), profile: newProfileBox(u)}
	p.sentence = newLines(2, theme.TextSize()-1, colorMuted)
	p.quiet = newToggle(say("Do not disturb"), u.setDoNotDisturb)
	for _, forwardingType := range mainRules {
		p.addRule(forwardingType)
	}
	p.body = container.New(stack{gap: 6, padX: 10, padY: 4},
		p.sentence, p.quiet, rule(), caption(say("Forward calls to another number")), p.list, rule(), p.profile.box)
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
func (p *telephonePage) opened() { p.profile.load() }

// render shows what has changed.
func (p *telephonePage) render() {
	u := p.ui
	s := u.state
	online := s.Status == cstasession.Online
	on := s.Phone.DoNotDisturb == cstasession.On
	change, busy := u.telephone.changing[doNotDisturb]
	if busy {
		on = change.Active
	}
	_, refused := s.Refused["SetDoNotDisturb"]
	p.quiet.set(on, online && !busy && !refused && s.Phone.DoNotDisturb != cstasession.Unknown)
	for _, f := range s.Phone.Forwarding {
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
	p.sentence.set(p.explain(), colorMuted)
}

func (p *telephonePage) rule(forwardingType string) *ruleRow {
	for _, r := range p.rules {
		if strings.EqualFold(r.forwardingType, forwardingType) {
			return r
		}
	}
	return nil
}

// explain says why something is out of use.
func (p *telephonePage) explain() string {
	s := p.ui.state
	var parts []string
	for _, service := range []string{"SetDoNotDisturb", "SetForwarding", "GetCallProfile"} {
		if reason, refused := s.Refused[service]; refused {
			parts = append(parts, refusedWords(service, reason))
		}
	}
	switch {
	case s.Status != cstasession.Online:
		return say("Calltray is not online: this is how the telephone was set when it last was.")
	case len(parts) > 0:
		return strings.Join(parts, " ")
	case s.Phone.DoNotDisturb == cstasession.Unknown && s.Phone.Forwarding == nil:
		return say("The PBX has not told how the telephone is set: set it at the telephone.")
	case s.Phone.DoNotDisturb == cstasession.Unknown:
		return say("The PBX has not told whether do-not-disturb is on: look at the telephone.")
	case s.Phone.Forwarding == nil:
		return say("The PBX has not told whether calls are forwarded: look at the telephone.")
	default:
		return say("The settings of extension {{.Extension}}: they follow what is changed at the telephone.", "Extension", p.ui.settings.Device)
	}
}

// askNumber puts the keyboard where the number of a rule is typed.
func (p *telephonePage) askNumber(forwardingType string) {
	p.ui.tell(say("Type the number or the name that calls are forwarded to, and press Enter."))
	if r := p.rule(forwardingType); r != nil && !r.to.Disabled() {
		p.ui.window.window.Canvas().Focus(r.to)
	}
}

// toggle is a tick box that shows what is told, and not what was last clicked.
type toggle struct {
	widget.Check
	filling bool
}

func newToggle(label string, changed func(on bool)) *toggle {
	t := &toggle{}
	t.Text = label
	t.OnChanged = func(on bool) {
		if !t.filling {
			changed(on)
		}
	}
	t.ExtendBaseWidget(t)
	return t
}

func (t *toggle) set(on, usable bool) {
	t.filling = true
	defer func() { t.filling = false }()
	if t.Checked != on {
		t.SetChecked(on)
	}
	switch {
	case usable && t.Disabled():
		t.Enable()
	case !usable && !t.Disabled():
		t.Disable()
	}
}

// ruleRow is one rule of forwarding: whether it holds, and where calls go.
type ruleRow struct {
	page           *telephonePage
	forwardingType string
	box            *fyne.Container

	told    cstasession.Forwarding
	on      *toggle
	to      *input
	after   *input // seconds; nil where nothing rings first
	keep    *widget.Button
	edited  bool // the user has typed, and not yet kept it
	filling bool
}

// ruleLabel is the width of the longest name of a rule.
const ruleLabel = 186

// ruleName names a type of forwarding. (ECMA-323 ForwardingType)
func ruleName(forwardingType string) string {
	name := plain(forwardingType, 30)
	lower := strings.ToLower(forwardingType)
	switch {
	case strings.HasPrefix(lower, "forwardimm"):
		name = say("All calls")
	case strings.HasPrefix(lower, "forwardbusy"):
		name = say("When busy")
	case strings.HasPrefix(lower, "forwardnoans"):
		name = say("When not answered")
	case strings.HasPrefix(lower, "forwarddnd"):
		name = say("During do-not-disturb")
	}
	switch {
	case strings.HasSuffix(lower, "int"):
		return name + ", " + say("int.")
	case strings.HasSuffix(lower, "ext"):
		return name + ", " + say("ext.")
	}
	return name
}

func newRuleRow(p *telephonePage, forwardingType string) *ruleRow {
	r := &ruleRow{page: p, forwardingType: forwardingType}
	r.on = newToggle(ruleName(forwardingType), r.switched)
	r.to = newInput(r.escape)
	r.to.SetPlaceHolder(say("Number or name"))
	r.keep = widget.NewButtonWithIcon("", theme.ConfirmIcon(), func() { r.store(true) })
	seconds := spacer(0)
	inputs := []*input{r.to}
	if strings.HasPrefix(strings.ToLower(forwardingType), "forwardnoans") {
		r.after = newInput(r.escape)
		r.after.SetPlaceHolder("s")
		inputs, seconds = append(inputs, r.after), r.after
	}
	for _, i := range inputs {
		i.OnChanged = func(string) {
			if !r.filling {
				r.edited = true
				enable(r.keep, true)
			}
		}
		i.OnSubmitted = func(string) { r.store(true) }
	}
	r.box = container.New(columns{gap: 6, widths: []float32{ruleLabel, 0, 52, 36}}, r.on, r.to, seconds, r.keep)
	return r
}

// columns lays its objects out side by side in columns of their own widths; one of 0 gets what is left.
type columns struct {
	gap    float32
	widths []float32
}

func (c columns) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(c.gap*float32(len(objects)-1), 0)
	for i, o := range objects {
		m := o.MinSize()
		if c.widths[i] > 0 {
			m.Width = c.widths[i]
		}
		size = fyne.NewSize(size.Width+m.Width, fyne.Max(size.Height, m.Height))
	}
	return size
}

func (c columns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	spare := size.Width - c.gap*float32(len(objects)-1)
	for _, w := range c.widths {
		spare -= w
	}
	var x float32
	for i, o := range objects {
		w := c.widths[i]
		if w == 0 {
			w = spare
		}
		h := o.MinSize().Height
		o.Move(fyne.NewPos(x, (size.Height-h)/2))
		o.Resize(fyne.NewSize(w, h))
		x += w + c.gap
	}
}

// set shows a rule as it was told. What the user is typing stays.
func (r *ruleRow) set(f cstasession.Forwarding, usable bool) {
	r.told = f
	r.on.set(f.Active, usable)
	r.filling = true
	if !r.edited {
		fill(r.to, shownNumber(f.To))
		if r.after != nil {
			fill(r.after, secondsText(f.After))
		}
	}
	r.filling = false
	for _, i := range []*input{r.to, r.after} {
		if i == nil || i.Disabled() == !usable {
			continue
		}
		if usable {
			i.Enable()
		} else {
			i.Disable()
		}
	}
	enable(r.keep, usable && r.edited)
}

func fill(i *input, text string) {
	if i.Text != text {
		i.SetText(text)
	}
}

func secondsText(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return strconv.Itoa(int(d/time.Second)) + " s"
}

// escape gives up what was typed; with nothing typed it is the window's.
func (r *ruleRow) escape(e *fyne.KeyEvent) {
	if !r.edited {
		r.page.ui.window.typedKey(e)
		return
	}
	r.edited = false
	r.page.render()
}

// switched is the tick box. Without a number there is nothing to forward to.
func (r *ruleRow) switched(on bool) {
	if on && strings.TrimSpace(r.to.Text) == "" {
		r.page.render() // the tick is what is told
		r.page.askNumber(r.forwardingType)
		return
	}
	r.store(on)
}

// store asks for the rule as it stands in the row.
func (r *ruleRow) store(on bool) {
	u := r.page.ui
	f := r.told
	if f.Active = on; on {
		to, err := u.destination(r.to.Text, r.told.To)
		if err == nil {
			f.After, err = r.seconds()
		}
		if err != nil {
			r.page.render()
			u.tell(Explain(err))
			return
		}
		f.To = to
	}
	u.setRule(f, func() { r.edited = false })
}

// sentenceError is an error that the user made, in the words that the user reads.
type sentenceError string

func (e sentenceError) Error() string { return string(e) }

// Sentence is for Explain.
func (e sentenceError) Sentence() string { return string(e) }

// mostSeconds is how long a telephone may be asked to ring before its calls go elsewhere.
const mostSeconds = 600

// seconds returns how long the telephone rings first, 0 for as long as before.
func (r *ruleRow) seconds() (time.Duration, error) {
	if r.after == nil || strings.TrimSpace(r.after.Text) == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(r.after.Text, "s")))
	if err != nil || n < 1 || n > mostSeconds {
		return 0, sentenceError(say("How long it rings first is a number of seconds from 1 to {{.Most}}.", "Most", strconv.Itoa(mostSeconds)))
	}
	return time.Duration(n) * time.Second, nil
}

// destination is the number for what the user typed: a number, the name of somebody in the office, or what
// the exchange told, which may be a word.
func (u *UI) destination(text, told string) (number string, err error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", sentenceError(say("Type the number or the name that calls are forwarded to, and press Enter."))
	case told != "" && text == shownNumber(told):
		return told, nil
	case !strings.ContainsFunc(text, unicode.IsLetter):
		return dialplan.Dialable(text)
	}
	found := u.office.called(text)
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return "", sentenceError(say("Several in the office are called “{{.Name}}”: type more of the name, or the number.", "Name", plain(text, 40)))
	}
	if number, err = dialplan.Dialable(text); errors.Is(err, dialplan.ErrNotDialable) {
		err = sentenceError(say("Nobody in the office is called “{{.Name}}”: type a number.", "Name", plain(text, 40)))
	}
	return number, err
}
