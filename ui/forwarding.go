package ui

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/cstasession/csta"
	"calltray/internal/dialplan"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// ruleRow is one forwarding rule: whether it is active, and where calls go.
type ruleRow struct {
	page           *telephonePage
	forwardingType string
	box            *fyne.Container

	told    csta.Forwarding
	on      *widgets.Toggle
	to      *widgets.Input
	after   *widgets.Input // seconds; nil if the telephone does not ring first
	keep    *widgets.Action
	edited  bool // the user has typed and not saved yet
	filling bool
}

// ruleLabel is the width of the longest rule name.
const ruleLabel = 186

// ruleName names a forwarding type. (ECMA-323 ForwardingType)
func ruleName(forwardingType string) string {
	name := text.Quote(text.Plain(forwardingType, 30))
	lower := strings.ToLower(forwardingType)
	switch {
	case strings.HasPrefix(lower, "forwardimm"):
		name = text.Say("All calls")
	case strings.HasPrefix(lower, "forwardbusy"):
		name = text.Say("When busy")
	case strings.HasPrefix(lower, "forwardnoans"):
		name = text.Say("When not answered")
	case strings.HasPrefix(lower, "forwarddnd"):
		name = text.Say("During do-not-disturb")
	}
	switch {
	case strings.HasSuffix(lower, "int"):
		return name + ", " + text.Say("int.")
	case strings.HasSuffix(lower, "ext"):
		return name + ", " + text.Say("ext.")
	}
	return name
}

func newRuleRow(p *telephonePage, forwardingType string) *ruleRow {
	r := &ruleRow{page: p, forwardingType: forwardingType}
	r.on = widgets.NewToggle(&p.ui.window, ruleName(forwardingType), r.switched)
	r.to = widgets.NewInput(&p.ui.window)
	r.to.SetPlaceHolder(text.Say("Number or name"))
	r.keep = p.ui.window.button(widget.MediumImportance, "", theme.ConfirmIcon(), func() { r.store(true) })
	seconds := widgets.Spacer(0)
	inputs := []*widgets.Input{r.to}
	if strings.HasPrefix(strings.ToLower(forwardingType), "forwardnoans") {
		r.after = widgets.NewInput(&p.ui.window)
		r.after.SetPlaceHolder("s")
		inputs, seconds = append(inputs, r.after), r.after
	}
	for _, i := range inputs {
		i.Before = r.escape
		i.OnChanged = func(string) {
			if !r.filling {
				r.edited = true
				widgets.Enable(r.keep, true)
			}
		}
		i.OnSubmitted = func(string) { r.store(true) }
	}
	r.box = container.New(widgets.Weighted{Gap: 6, Widths: []float32{ruleLabel, 0, 52, 36}, Weights: []float32{0, 1}}, r.on, r.to, seconds, r.keep)
	return r
}

// set shows a rule as reported. What the user is typing stays.
func (r *ruleRow) set(f csta.Forwarding, usable bool) {
	r.told = f
	r.on.Set(f.Active, usable)
	r.filling = true
	if !r.edited {
		r.to.Fill(text.ForwardedTo(f.To))
		if r.after != nil {
			r.after.Fill(secondsText(f.After))
		}
	}
	r.filling = false
	for _, i := range []*widgets.Input{r.to, r.after} {
		if i == nil || i.Disabled() == !usable {
			continue
		}
		if usable {
			i.Enable()
		} else {
			i.Disable()
		}
	}
	widgets.Enable(r.keep, usable && r.edited)
}

func secondsText(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return strconv.Itoa(int(d/time.Second)) + " s"
}

// escape discards the typed text on Esc; if there is none, the window handles Esc.
func (r *ruleRow) escape(e *fyne.KeyEvent) bool {
	if e.Name != fyne.KeyEscape || !r.edited {
		return false
	}
	r.edited = false
	r.page.render()
	return true
}

// switched handles the check box. Without a number there is nothing to forward to.
func (r *ruleRow) switched(on bool) {
	if on && strings.TrimSpace(r.to.Text) == "" {
		r.page.render() // the tick shows the reported state
		r.page.askNumber(r.forwardingType)
		return
	}
	r.store(on)
}

// store requests the rule as shown in the row.
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
			u.tell(text.Explain(err))
			return
		}
		f.To = to
	}
	u.setRule(f, func() { r.edited = false })
}

// mostSeconds is the longest that a telephone may ring before its calls are forwarded.
const mostSeconds = 600

// seconds returns how long the telephone rings first, 0 to keep the current time.
func (r *ruleRow) seconds() (time.Duration, error) {
	if r.after == nil || strings.TrimSpace(r.after.Text) == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(r.after.Text, "s")))
	if err != nil || n < 1 || n > mostSeconds {
		return 0, text.Errorf("forwarding-not-set", "How long it rings first is a number of seconds from 1 to {{.Most}}.", "Most", strconv.Itoa(mostSeconds))
	}
	return time.Duration(n) * time.Second, nil
}

// destination returns the number for what the user typed: a number, the name of somebody in the office, or what the
// PBX reported, which may be a word.
func (u *UI) destination(typed, told string) (number string, err error) {
	typed = strings.TrimSpace(typed)
	switch {
	case typed == "":
		return "", text.Errorf("forwarding-not-set", "Type the number or the name that calls are forwarded to, and press Enter.")
	case told != "" && typed == text.ForwardedTo(told):
		return told, nil
	case !strings.ContainsFunc(typed, unicode.IsLetter):
		return dialplan.Dialable(typed)
	}
	found := u.office.called(typed)
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return "", text.Errorf("forwarding-not-set", "Several in the office are called “{{.Name}}”: type more of the name, or the number.", "Name", text.Plain(typed, 40))
	}
	if number, err = dialplan.Dialable(typed); errors.Is(err, dialplan.ErrNotDialable) {
		err = text.Errorf("forwarding-not-set", "Nobody in the office is called “{{.Name}}”: type a number.", "Name", text.Plain(typed, 40))
	}
	return number, err
}
