package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
	"calltray/cstasession/csta"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// pastRow is one ended call in the window. A tap puts its number into the entry; its button dials the
// number, which the row shows.
type pastRow struct {
	ui   *UI
	past past
	box  *fyne.Container

	icon                *widget.Icon
	iconIs              assets.Glyph
	first, second, time *widgets.Line
	dial                *widgets.Action
}

func newPastRow(p *callsPage) *pastRow {
	u := p.ui
	r := &pastRow{
		ui:     u,
		icon:   widget.NewIcon(nil),
		first:  widgets.NewLine(theme.TextSize(), false, theme.ColorNameForeground),
		second: widgets.NewLine(theme.TextSize()-2, false, widgets.ColorMuted),
		time:   widgets.NewLine(theme.TextSize()-1, false, widgets.ColorMuted),
	}
	r.time.Align, r.time.Least = fyne.TextAlignTrailing, "00:00"
	r.dial = p.action(widget.LowImportance, func() {
		if n := r.past.number(); n != "" {
			u.dial(n)
		}
	}, widgets.Face{Label: "", Glyph: assets.Answer})
	area := widgets.NewTapArea(&u.window, func() {
		if n := r.past.number(); n != "" {
			u.window.setNumber(text.ShownNumber(n))
			u.tell(text.Say("Press Enter to dial {{.Number}}.", "Number", text.ShownNumber(n)))
			u.window.window.Canvas().Focus(u.window.calls.entry)
		}
	})
	text := widgets.NewColumn(0, r.first, r.second)
	r.box = container.NewStack(widgets.Spacer(pastRowHeight), area, container.New(layout.NewCustomPaddedLayout(0, 0, 12, 10),
		widgets.NewRow(10, 1, r.icon, text, r.time, r.dial)))
	return r
}

func (r *pastRow) set(p past) {
	r.past = p
	if p.isGap() {
		r.setGap(p)
		return
	}
	c := p.call
	glyph := pastGlyph(c)
	if glyph != r.iconIs {
		r.iconIs = glyph
		r.icon.SetResource(pastIcon(glyph))
	}
	first, number := text.Who(r.ui.known(c.Remote))
	parts := []string{p.outcome()}
	if number != "" {
		parts = append([]string{number}, parts...)
	}
	if via := text.ViaLine(c); via != "" {
		parts = append(parts, via)
	}
	r.first.Set(first)
	r.second.Set(strings.Join(parts, " · "))
	r.time.Set(text.TimeOfDay(c.Began))
	widgets.Show(r.dial, p.number() != "")
}

// setGap shows a time in which no call was seen.
func (r *pastRow) setGap(p past) {
	if r.iconIs = assets.NotSeen; r.icon.Resource == nil || r.icon.Resource.Name() != widgets.Icon(assets.NotSeen).Name() {
		r.icon.SetResource(widgets.Icon(assets.NotSeen))
	}
	until := text.Say("now")
	if !p.ended.IsZero() {
		until = text.TimeOfDay(p.ended)
	}
	if until == text.TimeOfDay(p.lost) { // within a minute
		r.first.Set(text.Say("Offline at {{.From}} for {{.Time}}", "From", until, "Time", text.Clock(p.ended.Sub(p.lost))))
	} else {
		r.first.Set(text.Say("Offline {{.From}} – {{.Until}}", "From", text.TimeOfDay(p.lost), "Until", until))
	}
	r.second.Set(text.Say("Calls in this time were not seen."))
	r.time.Set(text.TimeOfDay(p.lost))
	widgets.Show(r.dial, false)
}

// pastGlyph is the direction of a call, or that it was missed.
func pastGlyph(c csta.Call) assets.Glyph {
	switch {
	case c.Direction == csta.Outgoing:
		return assets.Outgoing
	case c.Outcome == csta.Missed:
		return assets.Missed
	default:
		return assets.Incoming
	}
}

// pastIcon is the drawing, red for a missed call.
func pastIcon(g assets.Glyph) fyne.Resource {
	if g == assets.Missed {
		return theme.NewErrorThemedResource(fyne.NewStaticResource(string(g)+".svg", g.SVG()))
	}
	return widgets.Icon(g)
}
