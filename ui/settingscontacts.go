package ui

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/internal/contacts"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// Sources is where contacts come from besides the user's own. Its functions may take minutes; errors are sentences.
type Sources struct {
	List func(context.Context) ([]Source, error)
	// Table returns the beginning of a table, or nil for anything that has no columns to choose from.
	Table func(ctx context.Context, address string) (*contacts.Table, error)
	// Try reads a file, a folder or a server and stores nothing; Add stores the contacts, replacing earlier ones. Both
	// return a sentence about what was found.
	Try, Add func(context.Context, NewSource) (string, error)
	Remove   func(ctx context.Context, address string) error
	Refresh  func(context.Context) error
	Move     func(ctx context.Context, address string, by int) error // to an earlier (negative) or later place
	Folder   string                                                  // where to look for files first
}

// NewSource is a file, a folder or a server that may become a source.
type NewSource struct {
	Address, User string
	Password      string           // "" for the one in the keyring
	Layout        *contacts.Layout // what the columns of a table hold; nil for the earlier choice, or what is recognised
}

// Source is one source of contacts.
type Source struct {
	Address string
	About   string // how many contacts it gave and when, and why it cannot be read now
	Wrong   bool   // it cannot be read now
	Table   bool   // it has columns to choose from
}

// sourcesLimit is how long reading all sources may take, sourceLimit reading one.
const (
	sourcesLimit = 5 * time.Minute
	sourceLimit  = 3 * time.Minute
)

// sourcesControl is the list of the sources, with the controls that add one. It is not a setting in the file: changes
// take effect at once.
type sourcesControl struct {
	page   *settingsPage
	lines  *fyne.Container
	usable bool
	busy   bool
	moved  string          // the address of the source that the user has just moved
	by     int             // how far it moved; up is -1
	again  *widgets.Action // the button that moves it further

	address, user, password *widgets.Input
	buttons                 []*widgets.Action
}

// contactRows returns the rows about where names come from: only the look-up if no source can be added.
func (p *settingsPage) contactRows() []row {
	if p.ui.cfg.Sources == nil {
		return p.lookupRows()
	}
	c := &sourcesControl{page: p, lines: widgets.NewColumn(8)}
	rows := []row{
		{title: text.Say("Sources of names"), control: c, wide: true,
			help: text.Say("Calltray only reads them, every quarter of an hour. The upper ones go before the lower ones, and your own contacts before all.")},
	}
	add := func(title, help string, entry *widgets.Input) *widgets.Input {
		line := &lineControl{entry}
		entry.OnSubmitted = func(string) { c.add() }
		entry.OnFocus = p.revealing(line)
		rows = append(rows, row{title: title, control: line, help: help})
		return entry
	}
	c.address = add(text.Say("Add a source"), text.Say("A file or a folder with CSV or vCard, https:// for a CardDAV server, ldaps:// for an LDAP directory."), widgets.NewInput(&p.ui.window))
	c.user = add(text.Say("User of the server"), text.Say("Empty for a file."), widgets.NewInput(&p.ui.window))
	c.password = add(text.Say("Password of the server"), text.Say("It is kept in the keyring of this computer, and nowhere else."), widgets.NewPasswordInput(&p.ui.window))
	browse := p.ui.window.button(widget.MediumImportance, text.Say("Choose a file …"), nil, c.browse)
	test := p.ui.window.button(widget.MediumImportance, text.Say("Test the source"), nil, c.try)
	keep := p.ui.window.button(widget.MediumImportance, text.Say("Add"), nil, c.add)
	again := p.ui.window.button(widget.MediumImportance, text.Say("Read all again"), nil, c.refresh)
	c.buttons = []*widgets.Action{browse, test, keep, again}
	box := widgets.NewRow(8, 4, browse, test, keep, again, layout.NewSpacer())
	rows = append(rows, row{control: &pressControl{button: keep, box: box}})
	return append(rows, p.lookupRows()...)
}

func (c *sourcesControl) object() fyne.CanvasObject { return c.lines }
func (c *sourcesControl) value() string             { return "" }
func (c *sourcesControl) keyboard() fyne.Focusable  { return nil }

// show fetches the list of sources, which may take a moment.
func (c *sourcesControl) show(_ string, usable bool) {
	c.usable = usable
	c.look()
}

// look lists the current sources.
func (c *sourcesControl) look() {
	var list []Source
	c.page.ui.do(findLimit, func(ctx context.Context) (err error) {
		list, err = c.page.ui.cfg.Sources.List(ctx)
		return err
	}, func(err error) {
		if err != nil {
			c.page.tell(text.Explain(err), theme.ColorNameError)
			return
		}
		c.lines.RemoveAll()
		for i, s := range list {
			c.lines.Add(c.line(s, i > 0, i < len(list)-1))
		}
		if len(list) == 0 {
			none := widgets.NewLine(theme.TextSize(), false, widgets.ColorMuted)
			none.Set(text.Say("None yet"))
			c.lines.Add(none)
		}
		for _, t := range c.page.tabs {
			t.scroll.Content.Refresh()
		}
		if c.again != nil {
			c.page.ui.window.window.Canvas().Focus(c.again)
		}
		c.moved, c.again = "", nil
	})
}

// line returns a source's line in the list; up and down say where it can move.
func (c *sourcesControl) line(s Source, up, down bool) fyne.CanvasObject {
	name := widgets.NewLine(theme.TextSize(), false, theme.ColorNameForeground)
	name.Set(text.Plain(s.Address, 200))
	color := widgets.ColorMuted
	if s.Wrong {
		color = theme.ColorNameError
	}
	about := widgets.NewLines(3, theme.CaptionTextSize(), color)
	about.Set(s.About, color)
	objects := []fyne.CanvasObject{widgets.NewColumn(2, name, about)}
	add := func(label, hint string, icon fyne.Resource, can bool, do func()) *widgets.Action {
		b := c.page.ui.window.button(widget.LowImportance, label, icon, do)
		b.Hint = hint
		widgets.Enable(b, c.usable && can)
		objects = append(objects, b)
		return b
	}
	if s.Table {
		add(text.Say("Columns"), "", nil, true, func() { c.columns(NewSource{Address: s.Address}, false) })
	}
	above := add("", text.Say("Its names go before those of the source above it"), theme.MoveUpIcon(), up, func() { c.move(s, -1) })
	below := add("", text.Say("Its names go after those of the source below it"), theme.MoveDownIcon(), down, func() { c.move(s, 1) })
	add(text.Say("Remove"), "", theme.DeleteIcon(), true, func() { c.remove(s) })
	if c.moved == s.Address {
		c.again = above
		if c.by > 0 && down || !up {
			c.again = below
		}
	}
	return widgets.NewRow(8, 0, objects...)
}

// move moves a source by a number of places. It keeps the keyboard focus.
func (c *sourcesControl) move(s Source, by int) {
	c.work(findLimit, "", func(ctx context.Context) error { return c.page.ui.cfg.Sources.Move(ctx, s.Address, by) }, func() {
		c.moved, c.by = s.Address, by
		c.page.tell("", widgets.ColorMuted)
	})
}

// entered returns what the user has entered. If there is no address, it asks for one.
func (c *sourcesControl) entered() (s NewSource, ok bool) {
	s = NewSource{Address: strings.TrimSpace(c.address.Text), User: strings.TrimSpace(c.user.Text), Password: c.password.Text}
	if s.Address == "" {
		c.page.tell(text.Say("Type the name of a file, or the address of a server."), theme.ColorNameError)
		c.page.ui.window.window.Canvas().Focus(c.address)
	}
	return s, s.Address != ""
}

// try tests what the user has entered.
func (c *sourcesControl) try() {
	if s, ok := c.entered(); ok {
		c.read(s, c.page.ui.cfg.Sources.Try, func() {})
	}
}

// add makes a source of what the user has entered, after asking what a table's columns hold.
func (c *sourcesControl) add() {
	if s, ok := c.entered(); ok {
		c.columns(s, true)
	}
}

// keep makes a file, a folder or a server a source.
func (c *sourcesControl) keep(s NewSource) {
	c.read(s, c.page.ui.cfg.Sources.Add, func() {
		for _, e := range []*widgets.Input{c.address, c.user, c.password} {
			e.Fill("")
		}
	})
}

// columns asks for the columns of a table, then keeps it. Anything without columns is kept at once if it is new.
func (c *sourcesControl) columns(s NewSource, fresh bool) {
	var table *contacts.Table
	c.work(sourceLimit, text.Say("Reading …"), func(ctx context.Context) (err error) {
		table, err = c.page.ui.cfg.Sources.Table(ctx, s.Address)
		return err
	}, func() {
		switch {
		case table != nil:
			c.page.tell("", widgets.ColorMuted)
			newColumnsChoice(c, s, *table, fresh)
		case fresh:
			c.keep(s)
		}
	})
}

// read reads a source, and on success calls then.
func (c *sourcesControl) read(s NewSource, do func(context.Context, NewSource) (string, error), then func()) {
	said := ""
	c.work(sourceLimit, text.Say("Reading …"), func(ctx context.Context) (err error) {
		said, err = do(ctx, s)
		return err
	}, func() {
		c.page.tell(said, theme.ColorNameSuccess)
		then()
	})
}

// browse lets the user choose a file, starting in the folder of the entered one.
func (c *sourcesControl) browse() {
	folder := c.page.ui.cfg.Sources.Folder
	if typed := strings.TrimSpace(c.address.Text); filepath.IsAbs(typed) {
		folder = filepath.Dir(typed)
	}
	c.page.ui.chooseFile(folder, func(path string) {
		c.address.SetText(path)
		c.page.ui.window.window.Canvas().Focus(c.address) // Enter adds it
	})
}

// refresh reads all sources again.
func (c *sourcesControl) refresh() {
	c.work(sourcesLimit, text.Say("Reading …"), c.page.ui.cfg.Sources.Refresh, func() { c.page.tell("", widgets.ColorMuted) })
}

// remove removes a source, after asking.
func (c *sourcesControl) remove(s Source) {
	question := text.Say("Remove {{.File}} with its contacts? It can be added again.", "File", text.Plain(s.Address, 100))
	c.page.ui.window.ask(question, text.Say("Remove"), func() bool { return true }, func() {
		c.work(sourceLimit, "", func(ctx context.Context) error { return c.page.ui.cfg.Sources.Remove(ctx, s.Address) }, func() {})
	})
}

// work runs a slow function with the buttons disabled, and lists the sources afterwards.
func (c *sourcesControl) work(limit time.Duration, doing string, do func(context.Context) error, then func()) {
	if c.busy {
		return
	}
	enable := func(on bool) {
		c.busy = !on
		for _, b := range c.buttons {
			widgets.Enable(b, on)
		}
	}
	enable(false)
	c.page.tell(doing, widgets.ColorMuted)
	c.page.ui.do(limit, do, func(err error) {
		enable(true)
		if err != nil {
			c.page.tell(text.Explain(err), theme.ColorNameError)
		} else {
			then()
		}
		c.look()
	})
}

// lineControl is an entry that is not a setting: what is typed stays until it is used.
type lineControl struct{ entry *widgets.Input }

func (c *lineControl) object() fyne.CanvasObject  { return c.entry }
func (c *lineControl) value() string              { return "" }
func (c *lineControl) keyboard() fyne.Focusable   { return c.entry }
func (c *lineControl) show(_ string, usable bool) { widgets.Enable(c.entry, usable) }
