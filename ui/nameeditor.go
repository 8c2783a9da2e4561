package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/internal/text"
	"calltray/ui/widgets"
)

// editName opens the editor for the selected colleague's name.
func (p *colleaguesPage) editName() {
	if p.number != "" {
		p.editor.start(p.number)
	}
}

// nameEditor edits the user's name for an extension. It replaces the page's footer.
type nameEditor struct {
	page   *colleaguesPage
	box    *fyne.Container
	entry  *widgets.Input
	save   *widgets.Action
	open   bool
	number string // the extension being named
}

// renameLimit is how long writing the name to disk may take.
const renameLimit = 10 * time.Second

func newNameEditor(p *colleaguesPage) *nameEditor {
	n := &nameEditor{page: p}
	n.entry = widgets.NewInput(&p.ui.window)
	n.entry.Before = n.escape
	n.entry.OnSubmitted = func(string) { n.keep() }
	n.save = p.ui.window.button(widget.HighImportance, text.Say("Save"), theme.ConfirmIcon(), n.keep)
	cancel := p.ui.window.button(widget.LowImportance, "", theme.CancelIcon(), n.stop)
	n.box = widgets.NewRow(6, 0, n.entry, n.save, cancel)
	n.box.Hide()
	return n
}

func (n *nameEditor) start(number string) {
	n.number, n.open = number, true
	what := text.Say("Name of {{.Number}}; empty: as the PBX tells it", "Number", text.ShownNumber(number))
	if n.page.ui.window.calls.narrow {
		what = text.Say("Name of {{.Number}}", "Number", text.ShownNumber(number))
	}
	n.entry.SetPlaceHolder(what)
	name := n.page.ui.office.name(number)
	n.entry.SetText(name)
	n.entry.CursorColumn = len([]rune(name))
	n.page.renderFoot()
	n.page.ui.window.window.Canvas().Focus(n.entry)
}

// escape closes the editor on Esc.
func (n *nameEditor) escape(e *fyne.KeyEvent) bool {
	if e.Name != fyne.KeyEscape {
		return false
	}
	n.stop()
	return true
}

func (n *nameEditor) stop() {
	n.open = false
	n.page.renderFoot()
	n.page.ui.window.window.Canvas().Focus(n.page.ui.window.calls.entry)
}

// keep saves the name. If that fails, the editor stays open.
func (n *nameEditor) keep() {
	u, number, name := n.page.ui, n.number, text.Plain(n.entry.Text, text.MaxName)
	n.save.Disable()
	u.do(renameLimit, func(ctx context.Context) error { return u.cfg.Rename(ctx, number, name) }, func(err error) {
		n.save.Enable()
		if err != nil {
			u.tell(text.Say("The name was not saved.") + " " + text.Explain(err))
			return
		}
		u.office.rename(number, name)
		if n.open && n.number == number {
			n.stop()
		}
		u.render() // calls may show the name
		n.page.edition = u.office.arrange(true)
		n.page.search()
		n.page.render()
		n.page.list.Reveal(max(0, n.page.place()))
	})
}
