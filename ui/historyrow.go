package ui

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
	"calltray/cstasession/csta"
	"calltray/internal/journal"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

const historyRowHeight = 46

// headingAbove is the gap between one day's calls and the heading of the next.
const headingAbove = 20

// historyRow is one row of the list of past calls. A tap puts its number into the entry; the first button dials the
// number, which the row shows, and the second offers more actions.
type historyRow struct {
	ui   *UI
	pane *historyPane
	item historyItem
	box  *fyne.Container

	moved time.Time // when the row changed to another call

	day, call           *fyne.Container
	heading             *widgets.Line
	icon                *widget.Icon
	iconIs              assets.Glyph
	red                 bool
	first, second, time *widgets.Line
	company, rest       string // of the second line
	dial, more          *widgets.Action
}

func newHistoryRow(p *historyPane) *historyRow {
	u := p.ui
	r := &historyRow{
		ui: u, pane: p,
		heading: widgets.NewCaption(""),
		icon:    widget.NewIcon(nil),
		first:   widgets.NewLine(theme.TextSize(), false, theme.ColorNameForeground),
		second:  widgets.NewLine(theme.TextSize()-2, false, widgets.ColorMuted),
		time:    widgets.NewLine(theme.TextSize()-1, false, widgets.ColorMuted),
	}
	r.time.Align, r.time.Least = fyne.TextAlignTrailing, "00:00"
	r.dial = u.window.action(widget.LowImportance, func() {
		if r.number() != "" && r.steady() {
			u.dial(r.number())
		}
	}, widgets.Face{Label: "", Glyph: assets.Answer})
	r.more = u.window.button(widget.LowImportance, "", theme.MoreVerticalIcon(), r.menu)
	r.more.Hint = text.Say("More actions for this call")
	area := widgets.NewTapArea(&u.window, func() {
		if n := r.number(); n != "" && r.steady() {
			u.suggest(n)
		}
	})
	words := container.New(historyWords{6, r}, r.first, r.second, r.time)
	r.call = container.NewStack(area, container.New(layout.NewCustomPaddedLayout(0, 0, 12, 4),
		widgets.NewRow(6, 1, r.icon, words, r.dial, r.more)))
	r.day = container.New(layout.NewCustomPaddedLayout(headingAbove, 0, 12, 12), r.heading)
	r.box = container.NewStack(widgets.Spacer(historyRowHeight), r.call, r.day)
	p.rows[r.box] = r
	return r
}

// historyWords lays out the two lines of a row and the time: beside both lines, or in the narrow form beside the first,
// so that the second has more room.
type historyWords struct {
	gap float32
	row *historyRow
}

// MinSize has room for both lines.
func (l historyWords) MinSize(o []fyne.CanvasObject) fyne.Size {
	first, second, time := o[0].MinSize(), o[1].MinSize(), o[2].MinSize()
	return fyne.NewSize(max(first.Width, second.Width)+l.gap+time.Width, first.Height+second.Height)
}

// Layout places them.
func (l historyWords) Layout(o []fyne.CanvasObject, size fyne.Size) {
	first, second, time := o[0].MinSize().Height, o[1].MinSize().Height, o[2].MinSize()
	width, top := size.Width-l.gap-time.Width, (size.Height-time.Height)/2
	below := width
	if l.row.ui.window.calls.narrow {
		below, top = size.Width, (first-time.Height)/2
	}
	l.row.fit(below)
	for i, place := range []struct{ x, y, width, height float32 }{{0, 0, width, first}, {0, first, below, second}, {width + l.gap, top, time.Width, time.Height}} {
		o[i].Move(fyne.NewPos(place.x, place.y))
		o[i].Resize(fyne.NewSize(place.width, place.height))
	}
}

// fit writes the second line. If there is no room for all of it, the company gives way first, then what is at the end.
func (r *historyRow) fit(width float32) {
	company, rest := r.company, r.rest
	if company != "" && rest != "" {
		rest = " · " + rest
	}
	if width > 0 {
		company = r.second.Shortened(company, width-r.second.WidthOf(rest))
	}
	if company == "" {
		rest = r.rest
	}
	r.second.Set(company + rest)
}

// steady reports whether the call has been in its place for a moment: an earlier click was meant for another.
func (r *historyRow) steady() bool {
	return time.Since(r.moved) >= tapGuard && time.Since(r.ui.window.calls.grown) >= tapGuard
}

// number returns the number to call back, "" if the caller is not known.
func (r *historyRow) number() string { return r.item.row.Number }

func (r *historyRow) set(item historyItem) {
	if r.item.row.ID != item.row.ID && r.item.row.ID != 0 {
		r.moved = time.Now()
	}
	r.item = item
	widgets.Show(r.day, item.day != "")
	widgets.Show(r.call, item.day == "")
	if item.day != "" {
		r.heading.Set(item.day)
		return
	}
	c := item.row
	glyph, red := historyGlyph(c)
	if glyph != r.iconIs || red != r.red {
		r.iconIs, r.red = glyph, red
		r.icon.SetResource(historyIcon(glyph, red))
	}
	r.time.Set(text.TimeOfDay(c.Began))
	widgets.Show(r.dial, c.Number != "")
	if c.IsGap() {
		r.first.Set(c.GapWords())
		r.company, r.rest = "", c.OutcomeWords()
		r.fit(r.second.Size().Width)
		return
	}
	first, number := text.Who(r.ui.known(c.Party()))
	r.first.Set(first)
	via := text.ViaLine(c.Call())
	if r.ui.window.calls.narrow { // there is no room
		via = ""
	}
	var parts []string
	for _, part := range []string{number, c.OutcomeWords(), via, text.Plain(c.Note, journal.MaxNote)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	r.company, r.rest = text.Plain(c.Company, text.MaxName), strings.Join(parts, " · ")
	r.fit(r.second.Size().Width)
	r.dial.Hint = text.Say("Call {{.Name}}", "Name", first)
}

// menu offers the actions for the call.
func (r *historyRow) menu() {
	u, c, j := r.ui, r.item.row, r.ui.cfg.Journal
	if j == nil || !r.steady() {
		return
	}
	w := &u.window
	var items []*fyne.MenuItem
	add := func(label string, do func()) { items = append(items, fyne.NewMenuItem(label, do)) }
	if c.Number != "" {
		add(text.Say("Call back"), func() { u.dial(c.Number) })
		add(text.Say("Copy number"), func() { u.copyNumber(c.Number) })
	}
	if c.Number != "" && u.settings.Page != "" {
		add(text.Say("Open the caller's page"), func() { u.pages.ofRow(c) })
	}
	if !c.IsGap() {
		label := text.Say("Write a note")
		if c.Note != "" {
			label = text.Say("Change the note")
		}
		add(label, func() { r.pane.writeNote(c) })
	}
	if c.Number != "" && u.cfg.SaveContact != nil {
		add(text.Say("Save as contact"), func() {
			r.pane.editor.start(text.Say("Name of {{.Number}}", "Number", text.ShownNumber(c.Number)), u.known(c.Party()).Name, func(name string) {
				u.saveContact(c.Number, text.Plain(name, text.MaxName))
			})
		})
	}
	switch {
	case c.IsOpen():
		add(text.Say("Mark as done"), func() { j.Settle(c.ID, true) })
	case c.Outcome == csta.Missed:
		add(text.Say("Mark as open"), func() { j.Settle(c.ID, false) })
	}
	always := func() bool { return true }
	add(text.Say("Delete"), func() {
		w.ask(text.Say("Delete this call from the history? That cannot be undone."), text.Say("Delete"), always, func() { j.Delete(c.ID) })
	})
	if c.Number != "" {
		add(text.Say("Delete all with this number"), func() {
			w.ask(text.Say("Delete all calls with {{.Who}} from the history? That cannot be undone.", "Who", u.reached(c.Number)), text.Say("Delete"), always, func() { j.DeleteNumber(c.Number) })
		})
	}
	widget.ShowPopUpMenuAtRelativePosition(fyne.NewMenu("", items...), w.window.Canvas(), fyne.NewPos(0, r.more.Size().Height), r.more)
}

// historyGlyph returns the icon for the direction of a call, or for a missed one; red marks one that is still open.
func historyGlyph(r journal.Row) (g assets.Glyph, red bool) {
	switch {
	case r.IsGap():
		return assets.NotSeen, false
	case r.Direction == csta.Outgoing:
		return assets.Outgoing, false
	case r.Direction == csta.UnknownDirection:
		return assets.Answer, false
	case r.Outcome == csta.Missed:
		return assets.Missed, r.IsOpen()
	default:
		return assets.Incoming, false
	}
}

func historyIcon(g assets.Glyph, red bool) fyne.Resource {
	if red {
		return theme.NewErrorThemedResource(fyne.NewStaticResource(string(g)+".svg", g.SVG()))
	}
	return widgets.Icon(g)
}
