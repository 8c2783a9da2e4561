package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/internal/text"
	"calltray/ui/widgets"
)

// overlay is a panel that covers the right half of the window for a while.
type overlay struct {
	window *mainWindow
	root   *fyne.Container
	title  *widgets.Line
	cross  *widgets.Action
}

func newOverlay(w *mainWindow, close func()) overlay {
	o := overlay{window: w, title: widgets.NewLine(18, true, theme.ColorNameForeground)}
	o.cross = w.button(widget.LowImportance, "", theme.CancelIcon(), close)
	return o
}

// fill lays the overlay out.
func (o *overlay) fill(content fyne.CanvasObject) {
	o.root = container.NewStack(widgets.NewSurface(widgets.ColorCard, theme.ColorNamePrimary, 6),
		container.New(layout.NewCustomPaddedLayout(10, 14, 18, 10), widgets.NewColumn(8,
			widgets.NewRow(8, 0, o.title, o.cross), content)))
	o.root.Hide()
}

// help is the list of the window's keys.
type help struct {
	overlay
	keys []shortcut
	list *fyne.Container
}

func newHelp(w *mainWindow) *help {
	h := &help{keys: w.shortcuts()}
	h.overlay = newOverlay(w, h.toggle)
	h.title.Set(text.Say("Keys"))
	h.list = widgets.NewColumn(11)
	for _, s := range h.keys {
		key := widgets.NewLine(theme.TextSize(), true, theme.ColorNamePrimary)
		key.Least = "Ctrl+Q."
		key.Set(s.name)
		what := widgets.NewLines(2, theme.TextSize(), theme.ColorNameForeground)
		what.Least = 1
		what.Set(s.what, theme.ColorNameForeground)
		h.list.Add(widgets.NewRow(16, 1, key, what))
	}
	h.fill(h.list)
	return h
}

func (h *help) toggle() {
	h.window.keypad.close()
	widgets.Show(h.root, !h.root.Visible())
	h.window.render()
	h.list.Refresh() // its lines know their width now, and so how many they are
}
