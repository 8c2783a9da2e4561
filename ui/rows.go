package ui

import (
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/account"
	"calltray/assets"
	"calltray/cstasession"
)

// accountLine names the account in the window.
func accountLine(s account.Settings, demo bool) string {
	switch {
	case demo:
		return say("Demo: a simulated PBX inside this program")
	case s.UserID == "":
		return say("No account yet")
	default:
		return plain(s.UserID+" · "+s.PBXDomain, maxWords)
	}
}

// reasonLine says why the session is not online, or since when it is and how that is known.
func reasonLine(s cstasession.State, h cstasession.Health, now time.Time) (string, fyne.ThemeColorName) {
	switch {
	case s.Status == cstasession.Online:
		return say("Watching for calls since {{.Time}}.", "Time", timeOfDay(s.Since)) + healthWords(h, now), colorMuted
	case s.Err != nil && s.Status == cstasession.Offline:
		return Explain(s.Err), theme.ColorNameError
	case s.Err != nil:
		return Explain(s.Err), colorMuted
	default:
		return say("Calls are not seen yet."), colorMuted
	}
}

// healthWords tells when the exchange was last heard of: a user who sees that is not deaf.
func healthWords(h cstasession.Health, now time.Time) string {
	words := ""
	if !h.LastEvent.IsZero() {
		words += " " + say("Last event at {{.Time}}.", "Time", timeOfDay(h.LastEvent))
	}
	if h.RoundTrip > 0 {
		words += " " + say("The PBX answered in {{.Time}} ms, {{.Ago}} ago.",
			"Time", strconv.FormatInt(max(1, h.RoundTrip.Milliseconds()), 10), "Ago", clock(now.Sub(h.Checked)))
	}
	return words
}

// icon makes a Fyne resource of a drawing, coloured by the theme.
func icon(g assets.Glyph) fyne.Resource {
	return theme.NewThemedResource(fyne.NewStaticResource(string(g)+".svg", g.SVG()))
}

// callRow is one call in the window.
type callRow struct {
	call cstasession.Call
	box  *fyne.Container

	icon                *canvas.Image
	first, second, time *line
	answer, hangUp      *widget.Button
}

func newCallRow(u *UI) *callRow {
	r := &callRow{
		icon:   canvas.NewImageFromResource(nil),
		first:  newLine(theme.TextSize()+1, true, theme.ColorNameForeground),
		second: newLine(theme.TextSize()-1, false, colorMuted),
		time:   newLine(theme.TextSize(), false, colorMuted),
	}
	r.icon.SetMinSize(fyne.NewSquareSize(24))
	r.time.align, r.time.least = fyne.TextAlignTrailing, "0:00:00"
	r.answer = widget.NewButtonWithIcon(say("Answer"), icon(assets.Answer), func() { u.answer(r.call.ID) })
	r.answer.Importance = widget.SuccessImportance
	r.hangUp = widget.NewButtonWithIcon(say("Hang up"), icon(assets.HangUp), func() { u.hangUp(r.call.ID) })
	r.hangUp.Importance = widget.DangerImportance
	text := container.New(stack{}, r.first, r.second)
	r.box = container.NewStack(spacer(callRowHeight), container.New(layout.NewCustomPaddedLayout(0, 0, 12, 10),
		container.New(row{gap: 10, grow: 1}, r.icon, text, r.time, r.answer, r.hangUp)))
	return r
}

func (r *callRow) set(c cstasession.Call, usable bool) {
	r.call = c
	state := assets.InCall
	if c.Phase == cstasession.Ringing {
		state = assets.Ringing
	}
	setIcon(r.icon, state)
	first, number := who(c.Remote)
	r.first.set(first)
	r.second.set(callDetails(c, number))
	show(r.answer, c.Phase == cstasession.Ringing)
	enable(r.answer, usable)
	enable(r.hangUp, usable)
	r.tick()
}

// callDetails is the second line of a call. That it rings, its button says.
func callDetails(c cstasession.Call, number string) string {
	var parts []string
	if number != "" {
		parts = append(parts, number)
	}
	if c.Uncertain {
		parts = append(parts, say("Not certain since the connection was lost"))
	} else if number == "" || c.Phase != cstasession.Ringing {
		parts = append(parts, phaseWord(c))
	}
	if via := viaLine(c); via != "" {
		parts = append(parts, via)
	}
	return strings.Join(parts, " · ")
}

func (r *callRow) tick() {
	if r.box.Visible() || r.call.Phase != cstasession.Ended {
		r.time.set(clock(time.Since(r.call.Since)))
	}
}

// pastRow is one ended call in the window. A tap puts its number into the entry; its button dials the
// number, which the row shows.
type pastRow struct {
	past past
	box  *fyne.Container

	icon                *widget.Icon
	iconIs              assets.Glyph
	first, second, time *line
	dial                *widget.Button
}

func newPastRow(u *UI) *pastRow {
	r := &pastRow{
		icon:   widget.NewIcon(nil),
		first:  newLine(theme.TextSize(), false, theme.ColorNameForeground),
		second: newLine(theme.TextSize()-2, false, colorMuted),
		time:   newLine(theme.TextSize()-1, false, colorMuted),
	}
	r.time.align, r.time.least = fyne.TextAlignTrailing, "00:00"
	r.dial = widget.NewButtonWithIcon("", icon(assets.Answer), func() {
		if n := r.past.number(); n != "" {
			u.dial(n)
		}
	})
	r.dial.Importance = widget.LowImportance
	area := newTapArea(func() {
		if n := r.past.number(); n != "" {
			u.window.setNumber(shownNumber(n))
			u.tell(say("Press Enter to dial {{.Number}}.", "Number", shownNumber(n)))
			u.window.window.Canvas().Focus(u.window.calls.entry)
		}
	})
	text := container.New(stack{}, r.first, r.second)
	r.box = container.NewStack(spacer(pastRowHeight), area, container.New(layout.NewCustomPaddedLayout(0, 0, 12, 10),
		container.New(row{gap: 10, grow: 1}, r.icon, text, r.time, r.dial)))
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
	first, number := who(c.Remote)
	parts := []string{p.outcome()}
	if number != "" {
		parts = append([]string{number}, parts...)
	}
	if via := viaLine(c); via != "" {
		parts = append(parts, via)
	}
	r.first.set(first)
	r.second.set(strings.Join(parts, " · "))
	r.time.set(timeOfDay(c.Began))
	show(r.dial, p.number() != "")
}

// setGap shows a time in which no call was seen.
func (r *pastRow) setGap(p past) {
	if r.iconIs = assets.NotSeen; r.icon.Resource == nil || r.icon.Resource.Name() != icon(assets.NotSeen).Name() {
		r.icon.SetResource(icon(assets.NotSeen))
	}
	until := say("now")
	if !p.ended.IsZero() {
		until = timeOfDay(p.ended)
	}
	r.first.set(say("Offline {{.From}} – {{.Until}}", "From", timeOfDay(p.lost), "Until", until))
	r.second.set(say("Calls in this time were not seen."))
	r.time.set(timeOfDay(p.lost))
	show(r.dial, false)
}

// pastGlyph is the direction of a call, or that it was missed.
func pastGlyph(c cstasession.Call) assets.Glyph {
	switch {
	case c.Direction == cstasession.Outgoing:
		return assets.Outgoing
	case c.Outcome == cstasession.Missed:
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
	return icon(g)
}
