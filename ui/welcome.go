package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// welcome surrounds the rows of the account section until there is an account: what to fill in, and what the tray
// icon will show.
type welcome struct {
	on     bool
	intro  *widgets.Lines
	legend fyne.CanvasObject
	more   *widgets.Action
}

func (p *settingsPage) newWelcome() {
	p.welcome.intro = widgets.NewLines(2, theme.TextSize(), theme.ColorNameForeground)
	p.welcome.intro.Set(text.Say("Calltray shows who is calling, and dials for you. Fill this in once: the password stays on this computer. “Test” tries it out."), theme.ColorNameForeground)
	p.welcome.legend = newLegend()
	p.welcome.more = p.ui.window.button(widget.LowImportance, text.Say("More settings"), nil, func() {
		p.greet(false)
		p.focus()
	})
}

// greet shows the welcome, or all settings.
func (p *settingsPage) greet(on bool) {
	p.welcome.on = on
	p.title.Set(text.Say("Settings"))
	if on {
		p.title.Set(text.Say("Welcome to Calltray"))
		p.choose(0)
	}
	widgets.Show(p.welcome.intro, on)
	widgets.Show(p.welcome.legend, on)
	widgets.Show(p.welcome.more, on)
	widgets.Show(p.buttons, !on)
	for _, key := range []account.Field{account.FieldURL, account.FieldPBXDomain} {
		row := p.form.of(key)
		widgets.Show(row.box, !on || row.loaded == "") // do not ask for what the administrator has set
	}
	p.root.Refresh()
}

// legendWords returns what a tray icon means.
func legendWords(i assets.Icon) string {
	switch i {
	case assets.Offline:
		return text.Say("Not connected: no call is seen")
	case assets.Connecting:
		return text.Say("Connecting")
	case assets.Online:
		return text.Say("Ready: calls are seen")
	case assets.Ringing:
		return text.Say("A call rings")
	case assets.InCall:
		return text.Say("You are in a call")
	case assets.DoNotDisturb:
		return text.Say("Do not disturb: nothing rings here")
	default:
		return text.Say("All calls go to another number")
	}
}

// newLegend makes the list of the tray icons and their meanings.
func newLegend() fyne.CanvasObject {
	title := widgets.NewLine(theme.TextSize(), true, theme.ColorNameForeground)
	title.Set(text.Say("What the icon beside the clock says"))
	list := container.NewGridWrap(fyne.NewSize(legendWidth, 30))
	for _, i := range []assets.Icon{assets.Online, assets.Ringing, assets.InCall, assets.DoNotDisturb, assets.Elsewhere, assets.Connecting, assets.Offline} {
		picture := canvas.NewImageFromResource(nil)
		picture.FillMode = canvas.ImageFillContain
		picture.SetMinSize(fyne.NewSquareSize(24))
		widgets.SetIcon(picture, i)
		words := widgets.NewLine(theme.TextSize(), false, theme.ColorNameForeground)
		words.Set(legendWords(i))
		list.Add(widgets.NewRow(10, 1, picture, words))
	}
	return container.New(layout.NewCustomPaddedLayout(6, 0, 0, 0), widgets.NewColumn(6, title, list))
}

// legendWidth fits the longest words.
const legendWidth = 300
