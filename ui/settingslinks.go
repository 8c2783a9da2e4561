package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"calltray/internal/text"
	"calltray/ui/widgets"
)

// Links reads and changes which program opens telephone links on this desktop. Its functions may block.
type Links struct {
	State func() (LinkState, error)
	// Set registers Calltray as the program that opens them, or undoes that. On Windows it opens the system's page,
	// where the user makes the choice. The error is a sentence.
	Set func(on bool) error
}

// LinkState says which program opens telephone links.
type LinkState struct {
	Registered bool   // Calltray can open them
	Default    bool   // Calltray does open them
	Other      string // the program that opens them instead, "" for none
}

// linksLimit is how long the desktop may take to report or change which program opens links.
const linksLimit = 20 * time.Second

// linkControl is the tick box "Calltray opens telephone links". It is not a setting in a file: the desktop stores it,
// and it changes at once.
type linkControl struct {
	page   *settingsPage
	box    *widgets.Toggle
	usable bool
}

// linkRows returns the row about telephone links, or none if the desktop cannot be asked.
func (p *settingsPage) linkRows() []row {
	if p.ui.cfg.Links == nil {
		return nil
	}
	c := &linkControl{page: p}
	c.box = widgets.NewToggle(&p.ui.window, text.Say("On"), c.change)
	c.box.OnFocus = p.revealing(c)
	return []row{{title: text.Say("Calltray opens telephone links"), control: c, help: text.Say("Numbers on web pages and in mails (tel:, callto:, sip:): a click asks in a small window before it calls.")}}
}

func (c *linkControl) object() fyne.CanvasObject { return c.box }
func (c *linkControl) value() string             { return "" }
func (c *linkControl) keyboard() fyne.Focusable  { return c.box }

// show asks the desktop, which may take a moment.
func (c *linkControl) show(_ string, usable bool) {
	c.usable = usable
	c.box.Set(c.box.Checked, false)
	c.look("")
}

// change applies what the user ticked.
func (c *linkControl) change(on bool) {
	c.box.Set(on, false)
	failed := ""
	c.page.ui.do(linksLimit, func(context.Context) error { return c.page.ui.cfg.Links.Set(on) }, func(err error) {
		failed = text.Explain(err)
		c.look(failed)
	})
}

// look shows which program opens links now, and why a change failed.
func (c *linkControl) look(failed string) {
	var s LinkState
	c.page.ui.do(linksLimit, func(context.Context) (err error) {
		s, err = c.page.ui.cfg.Links.State()
		return err
	}, func(err error) {
		c.box.Set(s.Registered || s.Default, c.usable)
		row := c.page.form.with(c)
		if row == nil {
			return
		}
		switch {
		case failed != "":
			row.complain(failed)
			return
		case err != nil:
			row.complain(text.Explain(err))
			return
		case s.Default:
			row.help = text.Say("Calltray opens them now. A click asks in a small window before it calls.")
		case s.Other != "":
			row.help = text.Say("{{.Program}} opens them now.", "Program", text.Plain(s.Other, text.MaxName))
		default:
			row.help = text.Say("No program opens them now.")
		}
		if s.Registered && !s.Default {
			row.help += " " + text.Say("Choose Calltray for them in the system's settings, under default apps.")
		}
		row.complain("")
	})
}
