package ui

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/internal/contacts"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// columnsChoice is the preview of a table, where the user says what its columns hold. It counts what would be read
// with the current choice.
type columnsChoice struct {
	of     *sourcesControl
	source NewSource
	table  contacts.Table
	asked  int // how often the table was read, to recognise the newest answer

	headings *widgets.Toggle
	list     *fyne.Container
	scroll   *container.Scroll
	result   *widgets.Lines
	keep     *widgets.Action
}

// columnWords returns what a column may hold, in list order.
func columnWords() (list []contacts.Column, words []string) {
	for _, c := range []struct {
		column contacts.Column
		words  string
	}{
		{contacts.Unused, text.Say("Not used")}, {contacts.NameColumn, text.Say("Name")}, {contacts.FirstColumn, text.Say("First name")},
		{contacts.MiddleColumn, text.Say("Middle name")}, {contacts.LastColumn, text.Say("Last name")}, {contacts.CompanyColumn, text.Say("Company")},
		{contacts.NumberColumn, text.Say("Number")}, {contacts.MobileColumn, text.Say("Number: mobile")}, {contacts.WorkColumn, text.Say("Number: work")},
		{contacts.HomeColumn, text.Say("Number: home")}, {contacts.MainColumn, text.Say("Number: main number")},
		{contacts.LabelColumn, text.Say("Kind of the next number")}, {contacts.NoteColumn, text.Say("Note")},
	} {
		list, words = append(list, c.column), append(words, c.words)
	}
	return list, words
}

const (
	columnsWidth = 600
	columnHeight = 43
)

// newColumnsChoice shows the preview over the window. fresh means that the table is not a source yet.
func newColumnsChoice(of *sourcesControl, s NewSource, t contacts.Table, fresh bool) *columnsChoice {
	w := &of.page.ui.window
	c := &columnsChoice{of: of, source: s, table: t, list: widgets.NewColumn(8)}
	title := widgets.NewLines(2, theme.TextSize(), theme.ColorNameForeground)
	title.Set(text.Say("What do the columns of {{.File}} hold?", "File", text.Plain(filepath.Base(s.Address), 60)), theme.ColorNameForeground)
	c.headings = widgets.NewToggle(&w.question, text.Say("The first line holds the names of the columns"), func(on bool) {
		c.table = c.table.WithHeadings(on)
		c.fill()
		c.count()
	})
	c.headings.Checked = t.Headings != nil
	columns := container.New(layout.NewCustomPaddedLayout(2, 2, 0, 14), c.list)
	c.scroll = container.NewVScroll(columns)
	c.result = widgets.NewLines(3, theme.CaptionTextSize(), widgets.ColorMuted)
	cancel := w.button(widget.MediumImportance, text.Say("Cancel"), nil, w.question.close)
	label := text.Say("Read the table again")
	if fresh {
		label = text.Say("Add the contacts")
	}
	c.keep = w.button(widget.HighImportance, label, nil, func() {
		c.source.Layout = &c.table.Layout
		w.question.close()
		of.keep(c.source)
	})
	cancel.Keys, c.keep.Keys = &w.question, &w.question
	c.fill()

	screen := w.window.Canvas().Size()
	width := min(columnsWidth, screen.Width-80)
	rows := min(columns.MinSize().Height, max(3*columnHeight, screen.Height-280))
	c.scroll.SetMinSize(fyne.NewSize(width, rows))
	lines := 1 // of the title
	if width < columnsWidth {
		lines = 2
	}
	sized := func(lines int, size float32, o fyne.CanvasObject) fyne.CanvasObject {
		return container.NewGridWrap(fyne.NewSize(width, float32(lines)*(size+6)), o)
	}
	content := container.New(layout.NewCustomPaddedLayout(14, 10, 16, 16), widgets.NewColumn(8,
		sized(lines, theme.TextSize(), title), c.headings, c.scroll, sized(3, theme.CaptionTextSize(), c.result),
		widgets.NewRow(8, 0, layout.NewSpacer(), cancel, c.keep)))
	w.question.put(w, content, c.keep, func() bool { return true })
	c.count()
	return c
}

// fill lists the columns, each with its heading and its first values.
func (c *columnsChoice) fill() {
	c.list.RemoveAll()
	values, words := columnWords()
	for i := range c.table.Columns {
		name := text.Say("Column {{.Number}}", "Number", strconv.Itoa(i+1))
		if i < len(c.table.Headings) && strings.TrimSpace(c.table.Headings[i]) != "" {
			name = text.Plain(c.table.Headings[i], text.MaxName)
		}
		var samples []string
		for _, row := range c.table.Rows {
			if i < len(row) && strings.TrimSpace(row[i]) != "" && len(samples) < 3 {
				samples = append(samples, text.Plain(strings.TrimSpace(row[i]), 40))
			}
		}
		heading := widgets.NewLine(theme.TextSize(), true, theme.ColorNameForeground)
		heading.Set(name)
		sample := widgets.NewLine(theme.CaptionTextSize(), false, widgets.ColorMuted)
		sample.Set(strings.Join(samples, " · "))
		choice := widgets.NewSelection(&c.of.page.ui.window.question, words, nil)
		choice.SetSelectedIndex(slices.Index(values, c.table.Columns[i]))
		choice.OnChanged = func(string) {
			c.table.Columns[i] = values[choice.SelectedIndex()]
			c.count()
		}
		choice.OnFocus = func() { c.reveal(i) }
		c.list.Add(container.New(widgets.Weighted{Gap: 8, Weights: []float32{3, 2}, Fill: true}, widgets.NewColumn(1, heading, sample), choice))
	}
}

// reveal scrolls to a column whose choice gets the keyboard focus.
func (c *columnsChoice) reveal(i int) {
	row := c.list.Objects[i]
	top, bottom := row.Position().Y, row.Position().Y+row.Size().Height+4 // with the padding above and below the list
	offset := c.scroll.Offset
	offset.Y = min(max(offset.Y, bottom-c.scroll.Size().Height), top)
	if offset != c.scroll.Offset {
		c.scroll.ScrollToOffset(offset)
	}
}

// count shows what would be read.
func (c *columnsChoice) count() {
	usable := c.table.Usable()
	widgets.Enable(c.keep, usable)
	c.asked++
	if !usable {
		c.result.Set(text.Say("Choose a column with numbers, and one with names or companies."), theme.ColorNameWarning)
		return
	}
	asked, said := c.asked, ""
	s := c.source
	chosen := c.table.Layout
	chosen.Columns = slices.Clone(chosen.Columns)
	s.Layout = &chosen
	c.of.page.ui.do(sourceLimit, func(ctx context.Context) (err error) {
		said, err = c.of.page.ui.cfg.Sources.Try(ctx, s)
		return err
	}, func(err error) {
		switch {
		case asked != c.asked: // the user has changed the choice since
		case err != nil:
			c.result.Set(text.Explain(err), theme.ColorNameError)
		default:
			c.result.Set(said, widgets.ColorMuted)
		}
	})
}
