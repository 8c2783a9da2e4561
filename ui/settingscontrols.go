package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/internal/text"
	"calltray/ui/widgets"
)

// textControl is a text entry.
type textControl struct{ entry *widgets.Input }

// text makes a text entry.
func (p *settingsPage) text() *textControl {
	c := &textControl{widgets.NewInput(&p.ui.window)}
	p.attend(c, c.entry)
	return c
}

// attend makes an entry report its events to the page.
func (p *settingsPage) attend(c control, entry *widgets.Input) {
	entry.OnChanged = func(string) {
		if s := p.form.with(c); s != nil {
			s.complain("")
		}
		p.edited()
	}
	entry.OnSubmitted = func(string) { p.onSave(false) }
	entry.OnFocus = p.revealing(c)
}

// revealing returns a function that scrolls to a control that gets the keyboard focus.
func (p *settingsPage) revealing(c control) func() {
	return func() {
		if s := p.form.with(c); s != nil {
			p.reveal(s)
		}
	}
}

func (c *textControl) object() fyne.CanvasObject { return c.entry }
func (c *textControl) value() string             { return c.entry.Text }
func (c *textControl) keyboard() fyne.Focusable  { return c.entry }
func (c *textControl) show(value string, usable bool) {
	c.entry.Fill(value)
	widgets.Enable(c.entry, usable)
}

// choiceControl is a list of values, one of them chosen.
type choiceControl struct {
	list   *widgets.Selection
	values []string
	before string // the value that was shown
	at     int    // its index
}

// choice makes a list from pairs of a value and its words. Any other value, such as an unset one, is shown as the
// first.
func (p *settingsPage) choice(pairs ...string) *choiceControl {
	c := &choiceControl{}
	var words []string
	for i := 0; i+1 < len(pairs); i += 2 {
		c.values, words = append(c.values, pairs[i]), append(words, pairs[i+1])
	}
	c.list = widgets.NewSelection(&p.ui.window, words, func(string) { p.edited() })
	c.list.OnFocus = p.revealing(c)
	return c
}

func (c *choiceControl) object() fyne.CanvasObject { return c.list }
func (c *choiceControl) keyboard() fyne.Focusable  { return c.list }

func (c *choiceControl) value() string {
	if i := c.list.SelectedIndex(); i >= 0 && i != c.at {
		return c.values[i]
	}
	return c.before
}

func (c *choiceControl) show(value string, usable bool) {
	c.before, c.at = value, max(0, slices.Index(c.values, value))
	if c.list.SelectedIndex() != c.at {
		c.list.SetSelectedIndex(c.at)
	}
	widgets.Enable(c.list, usable)
}

// tickControl is a tick box.
type tickControl struct {
	box     *widgets.Toggle
	on, off string // the values
	before  string // the value that was shown
}

// tick makes a tick box for true and false.
func (p *settingsPage) tick() *tickControl { return p.tickOf("true", "false") }

// tickOf makes a tick box for two values. Any other value is shown as the second.
func (p *settingsPage) tickOf(on, off string) *tickControl {
	c := &tickControl{on: on, off: off}
	c.box = widgets.NewToggle(&p.ui.window, text.Say("On"), func(bool) { p.edited() })
	c.box.OnFocus = p.revealing(c)
	return c
}

func (c *tickControl) object() fyne.CanvasObject { return c.box }
func (c *tickControl) keyboard() fyne.Focusable  { return c.box }

func (c *tickControl) show(value string, usable bool) {
	c.before = value
	c.box.Set(value == c.on, usable)
}

func (c *tickControl) value() string {
	switch {
	case c.box.Checked == (c.before == c.on):
		return c.before // unchanged
	case c.box.Checked:
		return c.on
	default:
		return c.off
	}
}

// pressControl is a button. It holds no value: its row has no key.
type pressControl struct {
	button *widgets.Action
	box    *fyne.Container
}

// press makes a button.
func (p *settingsPage) press(label string, do func()) *pressControl {
	c := &pressControl{button: p.ui.window.button(widget.MediumImportance, label, nil, do)}
	c.box = widgets.NewRow(0, 1, c.button, layout.NewSpacer())
	return c
}

func (c *pressControl) object() fyne.CanvasObject  { return c.box }
func (c *pressControl) keyboard() fyne.Focusable   { return c.button }
func (c *pressControl) value() string              { return "" }
func (c *pressControl) show(_ string, usable bool) { widgets.Enable(c.button, usable) }

// with returns the row of a control, or nil if it has none yet.
func (f *form) with(c control) *setting {
	for _, s := range f.rows {
		if s.control == c {
			return s
		}
	}
	return nil
}

// noteControl is a sentence that the program keeps up to date. It is not a setting.
type noteControl struct{ words *widgets.Lines }

// note makes the sentence about the link.
func (p *settingsPage) note() *noteControl {
	p.health = &noteControl{widgets.NewLines(2, theme.TextSize(), theme.ColorNameForeground)}
	return p.health
}

func (c *noteControl) object() fyne.CanvasObject { return c.words }
func (c *noteControl) value() string             { return "" }
func (c *noteControl) keyboard() fyne.Focusable  { return nil }
func (c *noteControl) show(string, bool)         {}
