package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"calltray/internal/account"
	"calltray/internal/dialplan"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// numberRows returns the rows about how numbers are read, shown and dialled.
func (p *settingsPage) numberRows() []row {
	return []row{
		{title: text.Say("Try a number"), control: p.try(), wide: true,
			help: text.Say("Type a number as you find it, and see what would be dialled with the settings of this page.")},
		{title: text.Say("Country"), key: account.FieldCountry, control: p.choice(p.countries()...),
			help: text.Say("Where your PBX is. Once you have chosen it, numbers of your own country are shown without its code.")},
		{title: text.Say("Dial in the PBX's form"), key: account.FieldPBXForm, control: p.tick(),
			help: text.Say("Without it numbers are dialled as they are written. 112, short and internal numbers and feature codes are never changed.")},
		{title: text.Say("Outside line"), key: account.FieldOutsidePrefix, control: p.text(),
			help: text.Say("What you dial for an outside line, for example 0; leave it empty if nothing.")},
		{title: text.Say("Calls abroad"), key: account.FieldInternationalPrefix, control: p.text(),
			help: text.Say("What the PBX wants in the place of +; empty is 00.")},
		{title: text.Say("Own area code"), key: account.FieldAreaCode, control: p.text(),
			help: text.Say("Without the 0 in front; empty in countries without area codes, such as Denmark.")},
		{title: text.Say("Digits of internal numbers"), key: account.FieldInternalLength, control: p.text(),
			help: text.Say("For example 3 or 3-4; empty learns it from your colleagues' numbers.")},
		{title: text.Say("Short numbers"), key: account.FieldShortNumbers, control: p.text(),
			help: text.Say("Further ones that are never changed, with blanks between.")},
		{title: text.Say("Own rules for dialling"), key: account.FieldDialRules, control: p.lines(), wide: true,
			help: text.Say("One a line, in order: pattern => replacement, for example ^0045 => +45. Patterns are regular expressions (RE2).")},
		{title: text.Say("Own rules for showing"), key: account.FieldShowRules, control: p.lines(), wide: true,
			help: text.Say("The same for the numbers of callers.")},
	}
}

// countries returns the choices for the user's country. Denmark is the default.
func (p *settingsPage) countries() []string {
	pairs := []string{"", text.Say("Not chosen (Denmark)")}
	for _, code := range []string{"DK", "NO", "SE", "FI", "IS", "FO", "GL", "DE", "NL", "BE", "FR", "GB", "IE", "ES", "IT", "PL", "US"} {
		pairs = append(pairs, code, text.CountryName(code))
	}
	return pairs
}

// linesControl is a multi-line entry.
type linesControl struct{ textControl }

// lines makes a multi-line entry.
func (p *settingsPage) lines() *linesControl {
	c := &linesControl{textControl{widgets.NewInput(&p.ui.window)}}
	c.entry.MultiLine = true
	c.entry.SetMinRowsVisible(3)
	p.attend(c, c.entry)
	c.entry.OnSubmitted = nil // Enter starts a new line
	return c
}

// tryControl shows how a number is read, with the settings as entered on the page. It is not a setting.
type tryControl struct {
	entry  *widgets.Input
	result *widgets.Lines
	box    *fyne.Container
}

func (p *settingsPage) try() *tryControl {
	c := &tryControl{entry: widgets.NewInput(&p.ui.window), result: widgets.NewLines(2, theme.TextSize(), theme.ColorNameForeground)}
	c.entry.SetPlaceHolder("+45 (0) 20-12.34 56")
	c.entry.OnChanged = func(string) { p.tryNumber() }
	c.entry.OnFocus = p.revealing(c)
	c.box = widgets.NewColumn(4, c.entry, c.result)
	p.tries = c
	return c
}

func (c *tryControl) object() fyne.CanvasObject { return c.box }
func (c *tryControl) value() string             { return "" }
func (c *tryControl) keyboard() fyne.Focusable  { return c.entry }
func (c *tryControl) show(_ string, usable bool) {
	c.entry.Fill("")
	c.result.Set("", widgets.ColorMuted)
	widgets.Enable(c.entry, usable)
}

// tryNumber shows how the number in the field is read.
func (p *settingsPage) tryNumber() {
	c := p.tries
	if c == nil || c.entry.Text == "" {
		return
	}
	s := p.form.read(p.ui.settings)
	sentence, right := p.ui.preview(p.ui.planOf(s), c.entry.Text)
	color := theme.ColorNameForeground
	if !right {
		color = theme.ColorNameError
	}
	c.result.Set(sentence, color)
}

// preview returns what would be dialled for a written number, or why nothing would be, and reports which.
func (u *UI) preview(plan dialplan.Plan, written string) (sentence string, dialled bool) {
	r, err := plan.Read(written)
	if err != nil {
		return text.Explain(err), false
	}
	sentence = text.Reading(r, u.settings.Device)
	if r.Doubt != "" {
		sentence += " · " + text.SayKnown(r.Doubt)
	}
	return sentence, true
}

// planOf returns how numbers are read with some settings. What these leave open is learnt from the office.
func (u *UI) planOf(s account.Settings) dialplan.Plan {
	p := s.Plan()
	if len(p.Internal) == 0 {
		p.Internal = u.office.lengths()
	}
	return p
}

// replan updates how numbers are read from the settings and what is known of the office.
func (u *UI) replan() {
	p := u.planOf(u.settings)
	u.plan.Store(&p)
	text.ShowNumbers(p.Show)
}
