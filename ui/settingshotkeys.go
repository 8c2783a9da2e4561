package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"calltray/internal/account"
	"calltray/internal/hotkey"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// hotkeyRows returns the rows of the keys that work while another program has the keyboard focus.
func (p *settingsPage) hotkeyRows() []row {
	if p.ui.cfg.Hotkeys == nil {
		return nil
	}
	help := map[account.Field]string{
		account.FieldHotkeyDial:   text.Say("The number that is selected in any program, or else the one on the clipboard."),
		account.FieldHotkeyAnswer: text.Say("The call that rings."),
		account.FieldHotkeyHangUp: text.Say("The active call."),
		account.FieldHotkeyShow:   text.Say("Type a name or a number, and press Enter."),
	}
	var rows []row
	for _, f := range account.Hotkeys {
		rows = append(rows, row{title: hotkeyWords(f), key: f, control: p.hotkey(f), help: help[f]})
	}
	return append(rows, row{title: text.Say("Dial without asking"), key: account.FieldDialWithoutAsking, control: p.tick(),
		help: text.Say("Only with your own hotkey. Emergency numbers, codes and numbers that cost extra are asked about all the same.")})
}

// hotkeyControl is a field in which the user presses a hotkey.
type hotkeyControl struct {
	field account.Field
	keys  *widgets.KeyField
	copy  *widgets.Action // copies the command, where programs cannot have hotkeys
	box   *fyne.Container
	now   string // the value
	help  string // the row's help while the hotkey works
}

// hotkey makes the field of a hotkey.
func (p *settingsPage) hotkey(f account.Field) *hotkeyControl {
	c := &hotkeyControl{field: f, keys: widgets.NewKeyField(&p.ui.window)}
	c.keys.SetPlaceHolder(text.Say("Press the keys"))
	c.keys.OnKey = func(ctrl, alt, shift, super bool, name fyne.KeyName) {
		k, ok := hotkeyOf(ctrl, alt, shift, super, name)
		switch {
		case ok:
			c.set(k.String())
		case name == fyne.KeyBackspace || name == fyne.KeyDelete:
			c.set(account.HotkeyOff)
		default:
			return
		}
		if s := p.form.with(c); s != nil {
			s.complain("")
		}
		p.edited()
	}
	c.keys.OnFocus = func(has bool) {
		if has {
			p.revealing(c)()
		}
		p.ui.hotkeys.setting = has
		p.ui.hotkeys.bind()
	}
	c.copy = p.ui.window.button(widget.MediumImportance, text.Say("Copy the command"), nil, func() { p.ui.copyNumber(hotkeyCommands[f]) })
	c.copy.Hide()
	c.box = widgets.NewRow(8, 0, c.keys, c.copy)
	return c
}

// hotkeyOf returns the hotkey that was pressed, or false for keys that cannot be one.
func hotkeyOf(ctrl, alt, shift, super bool, name fyne.KeyName) (hotkey.Key, bool) {
	written := string(name)
	switch name {
	case fyne.KeyPageUp:
		written = "PageUp"
	case fyne.KeyPageDown:
		written = "PageDown"
	}
	pressed := hotkey.Key{Ctrl: ctrl, Alt: alt, Shift: shift, Super: super, Name: written}
	k, err := hotkey.Parse(pressed.String())
	return k, err == nil
}

// set shows a value.
func (c *hotkeyControl) set(value string) {
	c.now = value
	shown := account.Settings{}
	shown, _ = shown.Replace(c.field, value)
	if k := shown.Hotkey(c.field); k != (hotkey.Key{}) {
		c.keys.Fill(k.String())
	} else {
		c.keys.Fill("")
	}
}

func (c *hotkeyControl) object() fyne.CanvasObject { return c.box }
func (c *hotkeyControl) value() string             { return c.now }
func (c *hotkeyControl) keyboard() fyne.Focusable  { return c.keys }
func (c *hotkeyControl) show(value string, usable bool) {
	c.set(value)
	widgets.Enable(c.keys, usable)
}

// showHotkeys shows in the settings which hotkeys do not work, and why.
func (w *mainWindow) showHotkeys() {
	if w.settings == nil {
		return
	}
	h := &w.ui.hotkeys
	for _, s := range w.settings.form.rows {
		c, is := s.control.(*hotkeyControl)
		if !is {
			continue
		}
		if c.help == "" {
			c.help = s.help
		}
		s.help = c.help
		switch why, k := h.why[c.field], w.ui.settings.Hotkey(c.field); {
		case h.no != nil:
			s.help = text.Say("Here the desktop keeps the hotkeys: have it run “{{.Command}}”, in its settings.", "Command", hotkeyCommands[c.field])
		case why != nil && k != (hotkey.Key{}):
			s.help = hotkeyTrouble(k, why)
		}
		widgets.Show(c.copy, h.no != nil)
		s.complain("")
	}
}
