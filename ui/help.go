package ui

import (
	"calltray/internal/text"
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// overlay is what lies over the right half of the window for a while.
type overlay struct {
	window *mainWindow
	root   *fyne.Container
	title  *line
	cross  *action
}

func newOverlay(w *mainWindow, close func()) overlay {
	o := overlay{window: w, title: newLine(18, true, theme.ColorNameForeground)}
	o.cross = w.button(widget.LowImportance, "", theme.CancelIcon(), close)
	return o
}

// fill lays the overlay out.
func (o *overlay) fill(content fyne.CanvasObject) {
	o.root = container.NewStack(newSurface(colorCard, theme.ColorNamePrimary, 6),
		container.New(layout.NewCustomPaddedLayout(10, 14, 18, 10), newColumn(8,
			newRow(8, 0, o.title, o.cross), content)))
	o.root.Hide()
}

// help is the list of the window's keys.
type help struct {
	overlay
	keys []shortcut
}

func newHelp(w *mainWindow) *help {
	h := &help{keys: w.shortcuts()}
	h.overlay = newOverlay(w, h.toggle)
	h.title.set(text.Say("Keys"))
	list := newColumn(11)
	for _, s := range h.keys {
		key := newLine(theme.TextSize(), true, theme.ColorNamePrimary)
		key.least = "Ctrl+Q."
		key.set(s.name)
		what := newLine(theme.TextSize(), false, theme.ColorNameForeground)
		what.set(s.what)
		list.Add(newRow(16, 1, key, what))
	}
	h.fill(list)
	return h
}

func (h *help) toggle() {
	h.window.keypad.close()
	show(h.root, !h.root.Visible())
	h.window.render()
}
