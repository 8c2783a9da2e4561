package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/internal/text"
	"calltray/ui/widgets"
)

// menuButton makes the window's menu button.
func (w *mainWindow) menuButton() *widgets.Action {
	var b *widgets.Action
	b = w.button(widget.LowImportance, "", theme.MenuIcon(), func() {
		menu := widget.NewPopUpMenu(w.menu(), w.window.Canvas())
		menu.ShowAtRelativePosition(fyne.NewPos(b.Size().Width-menu.MinSize().Width, b.Size().Height), b)
	})
	return b
}

// menu returns what the window offers besides the calls.
func (w *mainWindow) menu() *fyne.Menu {
	contacts := fyne.NewMenuItem(text.Say("Your own contacts"), func() { w.open(pageBook) })
	contacts.Disabled = w.ui.cfg.OwnBook == nil
	return fyne.NewMenu("",
		contacts,
		fyne.NewMenuItem(text.Say("Guide"), func() { w.open(pageGuide) }),
		fyne.NewMenuItem(text.Say("Keys")+" (F1)", func() { w.help.toggle() }),
		fyne.NewMenuItem(text.Say("Settings"), func() { w.open(pageSettings) }),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(text.Say("Quit Calltray"), w.ui.askToQuit))
}
