package ui

import (
	"image/color"
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
	"calltray/internal/journal"
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
		trunk, _, _ := strings.Cut(s.PBXDomain, ".") // distinguishes it from the account's others
		return text.Plain(s.UserID+" · "+trunk, text.MaxWords)
	}
}

// reasonLine says why the session is not online, or which calls were missed.
func reasonLine(s csta.State, missed journal.Unseen) (string, fyne.ThemeColorName) {
	switch {
	case s.Status == csta.Online && missed.Count > 0:
		return missedLine(missed, false), theme.ColorNameError
	case s.Status == csta.Online && s.Path.Obstacle != "": // says what would remove it
		return text.Way(s.Path), widgets.ColorMuted
	case s.Status == csta.Online:
		return text.Say("Calls to this telephone are shown."), widgets.ColorMuted
	case s.Err != nil && s.Status == csta.Offline:
		return text.Explain(s.Err), theme.ColorNameError
	case s.Err != nil:
		return text.Explain(s.Err), widgets.ColorMuted
	default:
		return text.Say("Calls are not seen yet."), widgets.ColorMuted
	}
}

// healthWords says since when the link is up and when the PBX was last heard from: proof that we are not deaf.
func healthWords(s csta.State, h cstasession.Health, now time.Time) string {
	if s.Status != csta.Online {
		return text.Say("Calls are not seen yet.")
	}
	words := text.Say("Connected since {{.Time}}.", "Time", text.TimeOfDay(s.Since))
	if !h.LastEvent.IsZero() {
		words += " " + text.Say("Last event at {{.Time}}.", "Time", text.TimeOfDay(h.LastEvent))
	}
	if h.RoundTrip > 0 {
		words += " " + text.Say("The PBX answered in {{.Time}} ms, {{.Ago}} ago.",
			"Time", strconv.FormatInt(max(1, h.RoundTrip.Milliseconds()), 10), "Ago", text.Clock(now.Sub(h.Checked)))
	}
	return words
}

// The size of the status and its icon in the wide form.
const (
	statusSize  = 20
	statusImage = 40
)

func (p *callsPage) makeHeader() fyne.CanvasObject {
	p.icon = canvas.NewImageFromResource(nil)
	p.icon.SetMinSize(fyne.NewSquareSize(statusImage))
	p.status = widgets.NewLine(statusSize, true, theme.ColorNameForeground)
	p.account = widgets.NewLine(theme.TextSize(), false, widgets.ColorMuted)
	p.reason = widgets.NewLines(6, theme.TextSize()-1, widgets.ColorMuted)
	p.reason.Least = 1 // the button beside it leaves room for two; only an offline reason may need more
	p.retry = p.ui.window.button(widget.MediumImportance, text.Say("Try now"), theme.ViewRefreshIcon(), func() {
		if p.ui.cfg.Retry != nil {
			p.ui.cfg.Retry()
		}
	})
	p.quiet = p.ui.window.action(widget.LowImportance, p.askQuiet, quietFaces()...)
	room := canvas.NewRectangle(color.Transparent) // for either button, so that nothing moves
	room.SetMinSize(p.retry.MinSize().Max(p.quiet.MinSize()))
	menu := p.ui.window.menuButton()
	settings := p.ui.window.button(widget.LowImportance, "", theme.SettingsIcon(), func() { p.ui.window.open(pageSettings) })
	settings.Hint, menu.Hint = text.Say("Settings"), text.Say("Menu")
	text := widgets.NewColumn(1, p.status, p.account)
	head := widgets.NewRow(12, 1, p.icon, text, widgets.NewRow(4, -1, settings, menu))
	return widgets.NewColumn(6, head, widgets.NewRow(8, 0, p.reason, container.NewStack(room, p.retry, p.quiet)))
}

// renderReason shows the sentence below the status.
func (p *callsPage) renderReason() {
	missed := p.ui.history.missed()
	missed.Last = p.ui.known(missed.Last)
	reason, color := reasonLine(p.ui.state, missed)
	before := p.reason.MinSize()
	if p.reason.Set(reason, color); p.reason.MinSize() != before {
		p.allMoved()
		p.root.Refresh()
	}
}

// quietFaces returns the faces of the do-not-disturb button while that is off, and on.
func quietFaces() []widgets.Face {
	return []widgets.Face{{Label: text.Say("Do not disturb")}, {Label: text.Say("Let calls ring")}}
}

// renderQuiet shows what the do-not-disturb button does now.
func (p *callsPage) renderQuiet() {
	u := p.ui
	face, importance := quietFaces()[0], widget.LowImportance
	if u.state.Telephone.DoNotDisturb == csta.On {
		face, importance = quietFaces()[1], widget.WarningImportance
	}
	why := whyNot(u.state, u.state.Telephone.DoNotDisturb != csta.Unknown, "SetDoNotDisturb", "GetDoNotDisturb")
	if _, busy := u.telephone.changing[doNotDisturb]; busy && why == "" {
		why = text.Say("The PBX is still at work on it: wait a moment.")
	}
	p.quiet.SetImportance(importance)
	p.quiet.Set(face)
	p.quiet.Become(why)
	widgets.Show(p.quiet, u.state.Status == csta.Online && !p.retry.Visible())
}
