package ui

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/internal/journal"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// historyPane is the list of past calls, with the search above.
type historyPane struct {
	ui   *UI
	root *fyne.Container

	bar     *fyne.Container // the search; the line editor replaces it while open
	text    *widgets.Input
	filter  *widgets.Selection
	more    *widgets.Action
	list    *widgets.VirtualList
	nothing *widgets.Lines
	trouble *widgets.Lines
	editor  *lineEditor

	rows    map[fyne.CanvasObject]*historyRow // by their objects in the list
	items   []historyItem
	edition int
}

// historyItem is a row of the list: a call, a gap, or the heading of a day.
type historyItem struct {
	day string // the heading; "" for a call or gap
	row journal.Row
}

// filters are the filters of the list, in the order of the selection.
var filters = []journal.Filter{journal.Everything, journal.Missed, journal.Open, journal.Incoming, journal.Outgoing, journal.WithNote}

func filterNames() []string {
	return []string{text.Say("All calls"), text.Say("Missed"), text.Say("To call back"), text.Say("Incoming"), text.Say("Outgoing"), text.Say("With a note")}
}

func newHistoryPane(u *UI) *historyPane {
	p := &historyPane{ui: u, edition: -1, rows: map[fyne.CanvasObject]*historyRow{}}
	p.text = widgets.NewInput(&u.window)
	p.text.SetPlaceHolder(text.Say("Search the calls"))
	p.text.OnChanged = func(string) { p.search() }
	p.text.Before = func(e *fyne.KeyEvent) bool {
		if e.Name == fyne.KeyEscape && p.text.Text != "" {
			p.text.SetText("")
			return true
		}
		return false
	}
	p.filter = widgets.NewSelection(&u.window, filterNames(), func(string) { p.search() })
	p.filter.Selected = p.filter.Options[0]
	p.more = u.window.button(widget.LowImportance, "", theme.MoreHorizontalIcon(), p.menu)
	p.more.Hint = text.Say("More actions for the list")
	p.editor = newLineEditor(p)
	p.bar = container.New(historyBar(3, 2), p.text, p.filter, p.more)

	p.list = widgets.NewVirtualList(historyRowHeight, func() fyne.CanvasObject { return newHistoryRow(p).box }, p.set)
	p.list.Lead = headingAbove - 4 // the first day needs no gap above
	p.nothing = widgets.NewLines(2, theme.TextSize(), widgets.ColorMuted)
	p.trouble = widgets.NewLines(2, theme.CaptionTextSize(), theme.ColorNameWarning)
	p.trouble.Hide()
	lines := container.NewBorder(container.New(layout.NewCustomPaddedLayout(4, 0, 12, 12), p.trouble), nil, nil, nil,
		container.NewStack(container.New(layout.NewCustomPaddedLayout(8, 8, 12, 12), p.nothing), p.list.Box))
	p.root = container.NewBorder(container.NewStack(p.bar, p.editor.box), nil, nil, nil,
		container.New(widgets.StackedBelow{Gap: 4}, widgets.NewSurface(widgets.ColorCard, widgets.ColorEdge, 6), lines))
	return p
}

// historyBar is the layout of the search text, the filter and the button.
func historyBar(text, filter float32) widgets.Weighted {
	return widgets.Weighted{Gap: 6, Weights: []float32{text, filter, 0}, Fill: true}
}

// setNarrow lays the pane out for the narrow form, or for the wide one.
func (p *historyPane) setNarrow(narrow bool) {
	if p.bar.Layout = historyBar(3, 2); narrow {
		p.bar.Layout = historyBar(1, 1)
	}
	p.list.Draw()
}

// search applies the filter and the search text.
func (p *historyPane) search() {
	p.ui.history.search(filters[max(0, p.filter.SelectedIndex())], strings.TrimSpace(p.text.Text))
	p.list.Scroll.ScrollToTop()
}

// render shows the current rows.
func (p *historyPane) render() {
	h := &p.ui.history
	p.trouble.Set(h.trouble, theme.ColorNameWarning)
	if p.trouble.Visible() != (h.trouble != "") {
		widgets.Show(p.trouble, h.trouble != "")
		p.root.Refresh()
	}
	if h.edition != p.edition {
		p.edition = h.edition
		p.arrange(h.rows)
	}
	switch {
	case len(p.items) > 0:
		p.nothing.Set("", widgets.ColorMuted)
	case h.query.Text != "" || h.query.Filter != journal.Everything:
		p.nothing.Set(text.Say("No call is found."), widgets.ColorMuted)
	case p.ui.settings.Private:
		p.nothing.Set(text.Say("Private: no calls are kept."), widgets.ColorMuted)
	default:
		p.nothing.Set(text.Say("No calls yet"), widgets.ColorMuted)
	}
	p.list.SetCount(len(p.items))
	p.list.Draw()
}

// arrange puts a heading above the rows of each day.
func (p *historyPane) arrange(rows []journal.Row) {
	p.items = p.items[:0]
	now, before := time.Now(), ""
	for _, r := range rows {
		if day := r.Began.Local().Format(time.DateOnly); day != before {
			before = day
			p.items = append(p.items, historyItem{day: text.Capital(text.Day(r.Began, now))})
		}
		p.items = append(p.items, historyItem{row: r})
	}
}

// set shows an item in a row of the list.
func (p *historyPane) set(o fyne.CanvasObject, place int) {
	if place > len(p.items)-historyPage/4 {
		p.ui.history.extend()
	}
	p.rows[o].set(p.items[place])
}

// shown returns the visible rows with a call or a gap, from the top.
func (p *historyPane) shown() (rows []*historyRow) {
	for place, item := range p.items {
		if item.day != "" {
			continue
		}
		for _, o := range p.list.Rows {
			if r := p.rows[o]; o.Visible() && r.item.row.ID == item.row.ID && r.item.day == "" {
				rows = append(rows, r)
			}
		}
		if place > 2*len(p.list.Rows) {
			break
		}
	}
	return rows
}

// menu offers the actions for the whole list.
func (p *historyPane) menu() {
	w := &p.ui.window
	if p.ui.cfg.Journal == nil {
		return
	}
	all := fyne.NewMenuItem(text.Say("Delete all calls"), p.ui.askToDeleteAll)
	export := fyne.NewMenuItem(text.Say("Save as CSV file"), p.export)
	widget.ShowPopUpMenuAtRelativePosition(fyne.NewMenu("", export, all), w.window.Canvas(), fyne.NewPos(0, p.more.Size().Height), p.more)
}

// export writes all calls that match the query to a file.
func (p *historyPane) export() {
	u, q := p.ui, p.ui.history.query
	if u.cfg.Export == nil {
		return
	}
	file := ""
	u.do(historyLimit, func(ctx context.Context) (err error) {
		file, err = u.cfg.Export(ctx, q)
		return err
	}, func(err error) {
		if err != nil {
			u.tell(text.Say("The calls were not saved.") + " " + text.Explain(err))
			return
		}
		u.tell(text.Say("Saved to {{.File}}.", "File", text.Plain(file, 200)))
	})
}

// lineEditor edits one line, a note or a name. It replaces the search while open.
type lineEditor struct {
	pane  *historyPane
	box   *fyne.Container
	entry *widgets.Input
	keep  func(string) // nil while it is closed
}

func newLineEditor(p *historyPane) *lineEditor {
	n := &lineEditor{pane: p}
	n.entry = widgets.NewInput(&p.ui.window)
	n.entry.Before = func(e *fyne.KeyEvent) bool {
		if e.Name != fyne.KeyEscape {
			return false
		}
		n.stop()
		return true
	}
	n.entry.OnSubmitted = func(string) { n.done() }
	save := p.ui.window.button(widget.HighImportance, text.Say("Save"), theme.ConfirmIcon(), n.done)
	cancel := p.ui.window.button(widget.LowImportance, "", theme.CancelIcon(), n.stop)
	n.box = widgets.NewRow(6, 0, n.entry, save, cancel)
	n.box.Hide()
	return n
}

// start opens the editor with a text; keep gets the result.
func (n *lineEditor) start(what, words string, keep func(string)) {
	n.keep = keep
	n.entry.SetPlaceHolder(what)
	n.entry.SetText(words)
	n.entry.CursorColumn = len([]rune(words))
	n.show(true)
	n.pane.ui.window.window.Canvas().Focus(n.entry)
}

func (n *lineEditor) show(on bool) {
	widgets.Show(n.box, on)
	widgets.Show(n.pane.bar, !on)
}

func (n *lineEditor) stop() {
	n.keep = nil
	n.show(false)
	n.pane.ui.window.window.Canvas().Focus(n.pane.ui.window.calls.entry)
}

func (n *lineEditor) done() {
	if n.keep != nil {
		n.keep(n.entry.Text)
	}
	n.stop()
}

// writeNote opens the editor for a call's note.
func (p *historyPane) writeNote(r journal.Row) {
	p.editor.start(text.Say("Note about {{.Who}}", "Who", p.ui.named(r.Party())), r.Note, func(note string) {
		p.ui.cfg.Journal.Note(r.ID, text.Plain(note, journal.MaxNote))
	})
}
