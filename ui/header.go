package ui

import (
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/cstasession"
	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// accountLine names the account in the window.
func accountLine(s account.Settings, demo bool) string {
	switch {
	case demo:
		return text.Say("Demo: a simulated PBX inside this program")
	case s.UserID == "":
		return text.Say("No account yet")
	default:
		trunk, _, _ := strings.Cut(s.PBXDomain, ".") // which tells it from the account's others
		return text.Plain(s.UserID+" · "+trunk, text.MaxWords)
	}
}

// reasonLine says why the session is not online, or since when it is and how that is known.
func reasonLine(s csta.State, h cstasession.Health, now time.Time) (string, fyne.ThemeColorName) {
	switch {
	case s.Status == csta.Online:
		return text.Say("Watching for calls since {{.Time}}.", "Time", text.TimeOfDay(s.Since)) + healthWords(h, now) + substitute(s.Path), widgets.ColorMuted
	case s.Err != nil && s.Status == csta.Offline:
		return text.Explain(s.Err), theme.ColorNameError
	case s.Err != nil:
		return text.Explain(s.Err), widgets.ColorMuted
	default:
		return text.Say("Calls are not seen yet."), widgets.ColorMuted
	}
}

// substitute tells why the link does not go the best way, and what would change that.
func substitute(p csta.Path) string {
	if p.Obstacle == "" {
		return ""
	}
	return " " + text.Way(p)
}

// healthWords tells when the exchange was last heard of: a user who sees that is not deaf.
func healthWords(h cstasession.Health, now time.Time) string {
	words := ""
	if !h.LastEvent.IsZero() {
		words += " " + text.Say("Last event at {{.Time}}.", "Time", text.TimeOfDay(h.LastEvent))
	}
	if h.RoundTrip > 0 {
		words += " " + text.Say("The PBX answered in {{.Time}} ms, {{.Ago}} ago.",
			"Time", strconv.FormatInt(max(1, h.RoundTrip.Milliseconds()), 10), "Ago", text.Clock(now.Sub(h.Checked)))
	}
	return words
}

func (p *callsPage) makeHeader() fyne.CanvasObject {
	p.icon = canvas.NewImageFromResource(nil)
	p.icon.SetMinSize(fyne.NewSquareSize(40))
	p.status = widgets.NewLine(20, true, theme.ColorNameForeground)
	p.account = widgets.NewLine(theme.TextSize(), false, widgets.ColorMuted)
	p.reason = widgets.NewLines(3, theme.TextSize()-1, widgets.ColorMuted)
	p.retry = p.ui.window.button(widget.MediumImportance, text.Say("Try now"), theme.ViewRefreshIcon(), func() {
		if p.ui.cfg.Retry != nil {
			p.ui.cfg.Retry()
		}
	})
	menu := p.ui.window.menuButton()
	settings := p.ui.window.button(widget.LowImportance, "", theme.SettingsIcon(), func() { p.ui.window.open(pageSettings) })
	text := widgets.NewColumn(1, p.status, p.account)
	head := widgets.NewRow(12, 1, p.icon, text, widgets.NewRow(4, -1, settings, menu))
	return widgets.NewColumn(6, head, widgets.NewRow(8, 0, p.reason, container.NewStack(widgets.Spacer(36), p.retry)))
}

// renderReason shows the sentence under the state. It holds times, and is brought up to date with the
// clocks.
func (p *callsPage) renderReason() {
	var h cstasession.Health
	if p.ui.cfg.Health != nil {
		h = p.ui.cfg.Health()
	}
	reason, color := reasonLine(p.ui.state, h, time.Now())
	p.reason.Set(reason, color)
}
