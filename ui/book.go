package ui

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/internal/text"
	"calltray/ui/widgets"
)

// OwnBook is the user's own contacts. Its functions may block; their errors are messages for the user.
type OwnBook struct {
	List   func(ctx context.Context, words string) ([]OwnContact, error) // those that match every word, by name
	Save   func(context.Context, OwnContact) error                       // replaces the one with its ID; ID 0 adds one
	Delete func(ctx context.Context, id int64) error
	Export func(context.Context) (file string, err error) // all of them, as vCard, to a new file
}

// OwnContact is one of the user's own contacts.
type OwnContact struct {
	ID                  int64
	Name, Company, Note string
	Numbers             []OwnNumber
}

// OwnNumber is one of a contact's numbers.
type OwnNumber struct{ Label, Number string }

// bookLimit is how long a disk access may take.
const bookLimit = 10 * time.Second

// bookPage lists and edits the user's own contacts. The fields above the list hold the chosen one, or a new one.
type bookPage struct {
	ui     *UI
	root   *fyne.Container
	search *widgets.Input
	list   *widgets.VirtualList
	none   *widgets.Lines
	result *widgets.Lines
	rows   map[fyne.CanvasObject]*bookRow
	shown  []OwnContact

	changes                OwnContact // the contact in the fields; its ID is 0 for a new one
	name, company, numbers *widgets.Input
	what                   *widgets.Line
}

// bookRow is a contact in the list.
type bookRow struct {
	page  *bookPage
	box   *fyne.Container
	name  *widgets.Line
	about *widgets.Line
	of    OwnContact
}

const bookRowHeight = 52

func newBookPage(u *UI) *bookPage {
	p := &bookPage{ui: u, rows: map[fyne.CanvasObject]*bookRow{}}
	back := u.window.button(widget.LowImportance, text.Say("Calls"), theme.NavigateBackIcon(), func() { u.window.open(pageCalls) })
	title := widgets.NewLine(20, true, theme.ColorNameForeground)
	title.Align = fyne.TextAlignCenter
	title.Set(text.Say("Your own contacts"))
	entry := func(hint string) *widgets.Input {
		e := widgets.NewInput(&u.window)
		e.SetPlaceHolder(hint)
		e.OnSubmitted = func(string) { p.save() }
		return e
	}
	p.name, p.company, p.numbers = entry(text.Say("Name")), entry(text.Say("Company")), entry(text.Say("Numbers, with commas between"))
	p.what = widgets.NewLine(theme.TextSize(), true, theme.ColorNameForeground)
	save := u.window.button(widget.HighImportance, text.Say("Save"), nil, p.save)
	anew := u.window.button(widget.MediumImportance, text.Say("Empty"), nil, func() { p.edit(OwnContact{}) })
	p.result = widgets.NewLines(2, theme.TextSize(), widgets.ColorMuted)
	p.search = widgets.NewInput(&u.window)
	p.search.SetPlaceHolder(text.Say("Search your contacts"))
	p.search.OnChanged = func(string) { p.look() }
	export := u.window.button(widget.MediumImportance, text.Say("Save all as vCard"), nil, p.export)

	p.list = widgets.NewVirtualList(bookRowHeight, func() fyne.CanvasObject { return p.newRow().box }, func(o fyne.CanvasObject, place int) {
		p.rows[o].set(p.shown[place])
	})
	p.none = widgets.NewLines(2, theme.TextSize(), widgets.ColorMuted)
	fields := container.New(widgets.Weighted{Gap: 8, Weights: []float32{3, 3, 4}, Fill: true}, p.name, p.company, p.numbers)
	top := widgets.NewColumn(0,
		container.New(layout.NewCustomPaddedLayout(0, 8, 8, 8), widgets.NewRow(0, 1, back, title, sizeOf(back))), // as on the other pages
		container.New(layout.NewCustomPaddedLayout(0, 6, 16, 16), widgets.NewColumn(8,
			p.what, fields, widgets.NewRow(8, 0, p.result, anew, save), widgets.NewRow(8, 0, p.search, export))))
	list := container.New(layout.NewCustomPaddedLayout(0, 0, 16, 16), container.New(widgets.StackedBelow{Gap: 4},
		widgets.NewSurface(widgets.ColorCard, widgets.ColorEdge, 6), container.NewStack(container.New(layout.NewCustomPaddedLayout(8, 8, 12, 12), p.none), p.list.Box)))
	p.root = container.New(layout.NewCustomPaddedLayout(10, 12, 0, 0), container.NewBorder(top, nil, nil, nil, list))
	p.edit(OwnContact{})
	return p
}

func (p *bookPage) newRow() *bookRow {
	r := &bookRow{page: p, name: widgets.NewLine(theme.TextSize(), true, theme.ColorNameForeground), about: widgets.NewLine(theme.CaptionTextSize(), false, widgets.ColorMuted)}
	change := p.ui.window.button(widget.LowImportance, text.Say("Change"), nil, func() { p.edit(r.of) })
	remove := p.ui.window.button(widget.LowImportance, text.Say("Delete"), nil, func() { p.remove(r.of) })
	r.box = container.New(layout.NewCustomPaddedLayout(4, 4, 12, 4), widgets.NewRow(8, 0, widgets.NewColumn(1, r.name, r.about), change, remove))
	p.rows[r.box] = r
	return r
}

func (r *bookRow) set(c OwnContact) {
	r.of = c
	first, parts := c.Name, []string{}
	if first == "" {
		first = c.Company
	} else if c.Company != "" {
		parts = append(parts, text.Plain(c.Company, text.MaxName))
	}
	for _, n := range c.Numbers {
		parts = append(parts, text.ShownNumber(n.Number))
	}
	r.name.Set(text.Plain(first, text.MaxName))
	r.about.Set(strings.Join(parts, " · "))
}

// open shows the contacts as they are now.
func (p *bookPage) open() {
	p.tell("", false)
	p.look()
}

// look searches the contacts and lists the matches.
func (p *bookPage) look() {
	if p.ui.cfg.OwnBook == nil {
		return
	}
	words := p.search.Text
	var list []OwnContact
	p.ui.do(bookLimit, func(ctx context.Context) (err error) {
		list, err = p.ui.cfg.OwnBook.List(ctx, words)
		return err
	}, func(err error) {
		if words != p.search.Text {
			return // the user has typed more
		}
		if err != nil {
			p.tell(text.Explain(err), true)
			return
		}
		p.shown = list
		said := ""
		switch {
		case len(list) == 0 && strings.TrimSpace(words) != "":
			said = text.Say("No contact is found.")
		case len(list) == 0:
			said = text.Say("None yet. “Save as contact” in the menu of a call writes one, too.")
		}
		p.none.Set(said, widgets.ColorMuted)
		p.list.SetCount(len(list))
		p.list.Draw()
	})
}

// edit puts a contact into the fields.
func (p *bookPage) edit(c OwnContact) {
	p.changes = c
	p.name.Fill(c.Name)
	p.company.Fill(c.Company)
	var numbers []string
	for _, n := range c.Numbers {
		numbers = append(numbers, n.Number)
	}
	p.numbers.Fill(strings.Join(numbers, ", "))
	said := text.Say("New contact")
	if c.ID != 0 {
		said = text.Say("Change {{.Name}}", "Name", text.Plain(cmp.Or(c.Name, c.Company), text.MaxName))
	}
	p.what.Set(said)
	if p.ui.window.window != nil && p.ui.window.page == pageBook {
		p.ui.window.window.Canvas().Focus(p.name)
	}
}

// entered returns the contact in the fields. A number that was there before keeps its label.
func (p *bookPage) entered() OwnContact {
	c := OwnContact{ID: p.changes.ID, Name: strings.TrimSpace(p.name.Text), Company: strings.TrimSpace(p.company.Text), Note: p.changes.Note}
	for _, number := range strings.FieldsFunc(p.numbers.Text, func(r rune) bool { return r == ',' || r == ';' }) {
		n := OwnNumber{Number: strings.TrimSpace(number)}
		if at := slices.IndexFunc(p.changes.Numbers, func(o OwnNumber) bool { return o.Number == n.Number }); at >= 0 {
			n = p.changes.Numbers[at]
		}
		if n.Number != "" {
			c.Numbers = append(c.Numbers, n)
		}
	}
	return c
}

// save saves the contact in the fields.
func (p *bookPage) save() {
	c := p.entered()
	p.ui.do(bookLimit, func(ctx context.Context) error { return p.ui.cfg.OwnBook.Save(ctx, c) }, func(err error) {
		if err != nil {
			p.tell(text.Explain(err), true)
			return
		}
		p.tell(text.Say("Saved: {{.Name}}.", "Name", text.Plain(cmp.Or(c.Name, c.Company), text.MaxName)), false)
		p.edit(OwnContact{})
		p.look()
	})
}

// remove deletes a contact after asking.
func (p *bookPage) remove(c OwnContact) {
	name := text.Plain(cmp.Or(c.Name, c.Company), text.MaxName)
	p.ui.window.ask(text.Say("Delete {{.Name}} from your contacts? That cannot be undone.", "Name", name), text.Say("Delete"), func() bool { return true }, func() {
		p.ui.do(bookLimit, func(ctx context.Context) error { return p.ui.cfg.OwnBook.Delete(ctx, c.ID) }, func(err error) {
			if err != nil {
				p.tell(text.Explain(err), true)
				return
			}
			p.tell(text.Say("Deleted: {{.Name}}.", "Name", name), false)
			if p.changes.ID == c.ID {
				p.edit(OwnContact{})
			}
			p.look()
		})
	})
}

// export writes all contacts to a file.
func (p *bookPage) export() {
	file := ""
	p.ui.do(bookLimit, func(ctx context.Context) (err error) {
		file, err = p.ui.cfg.OwnBook.Export(ctx)
		return err
	}, func(err error) {
		if err != nil {
			p.tell(text.Explain(err), true)
			return
		}
		p.tell(text.Say("Saved to {{.File}}.", "File", text.Plain(file, 200)), false)
	})
}

func (p *bookPage) tell(sentence string, wrong bool) {
	color := widgets.ColorMuted
	if wrong {
		color = theme.ColorNameError
	}
	p.result.Set(sentence, color)
}
