package ui

import (
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/cstasession/csta"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// The calls page has two forms. The wide one shows the side panel beside the calls. The narrow one shows only the calls;
// the colleagues replace the recent calls while the user says whom to call. Dragging the window's edge switches between
// them.
const (
	narrowWidth = 380 // the least width of the window
	wideFrom    = 860 // the least width of the wide form
	sidesGap    = 16  // between the column and the side, and around them
)

// sides lays out the column of the calls and the side panel.
type sides struct{ page *callsPage }

// MinSize is the narrow form's width, so that the user can drag the window to it.
func (l sides) MinSize(o []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(narrowWidth-2*sidesGap, 0)
	for _, half := range o {
		if half.Visible() {
			size.Height = max(size.Height, half.MinSize().Height)
		}
	}
	return size
}

// Layout places both, in the form that fits.
func (l sides) Layout(o []fyne.CanvasObject, size fyne.Size) {
	p := l.page
	if p.root == nil {
		return // the page is still being made
	}
	changed := p.setNarrow(size.Width < wideFrom-2*sidesGap)
	width, right := size.Width, float32(0)
	if !p.narrow {
		width = (size.Width - sidesGap) / 2
		right = width + sidesGap
	}
	for i, x := range []float32{0, right} {
		o[i].Move(fyne.NewPos(x, 0))
		o[i].Resize(fyne.NewSize(width, size.Height))
	}
	if changed {
		p.fit()
		p.keepInView(0)
	}
}

// sharedPlace lays out what takes turns below the calls: recent calls, choices, and in the narrow form the side.
type sharedPlace struct{ page *callsPage }

// MinSize is that of the choices while they are shown, else that of the recent calls, even while hidden.
func (l sharedPlace) MinSize([]fyne.CanvasObject) fyne.Size {
	if l.page.choices.Visible() {
		return l.page.choices.MinSize()
	}
	return l.page.recent.MinSize()
}

// Layout gives each object the whole place.
func (l sharedPlace) Layout(o []fyne.CanvasObject, size fyne.Size) {
	layout.NewStackLayout().Layout(o, size)
}

// setNarrow changes the form, and reports whether it was another one.
func (p *callsPage) setNarrow(narrow bool) (changed bool) {
	if p.narrow == narrow {
		return false
	}
	p.narrow = narrow
	w := &p.ui.window
	if w.page == pageCalls {
		w.question.close() // it has the width of the other form
	}
	size, image, part, from, to := float32(statusSize), float32(statusImage), widgets.Whole, p.recentArea, p.right
	if narrow {
		size, image, part, from, to = statusSize*0.8, statusImage*0.7, widgets.LabelAlone, p.right, p.recentArea
		w.side.turn(sideColleagues) // there is no room for the tabs
		if w.page == pageCalls {
			w.widened = widening{} // the user has made the window narrow, or it is so already
		}
	}
	p.status.SetTextSize(size)
	p.icon.SetMinSize(fyne.NewSquareSize(image))
	for _, a := range []*widgets.Action{p.dial, p.ask, p.transfer} {
		a.Reduce(part)
	}
	p.limitPreview()
	p.history.setNarrow(narrow)
	for _, r := range p.rows {
		r.room.SetMinSize(fyne.NewSize(0, p.rowHeight()))
	}
	p.seen = p.room
	p.scroll.SetMinSize(fyne.NewSize(0, float32(p.room)*p.rowHeight()))
	widgets.Show(w.side.bar, !narrow)
	widgets.Show(p.look, narrow)
	from.Remove(w.side.root)
	to.Add(w.side.root)
	p.looked, p.lookedFor = lookAutomatic, lookReasons{}
	p.arrange()
	if w.shown {
		p.formed = time.Now()
		p.sideMoved = p.formed
		p.allMoved()
	}
	p.column.Refresh()
	p.right.Refresh()
	return true
}

// belowMoved records that what is below the calls has moved. It ignores clicks for a moment: they were meant for what
// was there before.
func (p *callsPage) belowMoved() {
	p.grown = time.Now()
	if p.narrow && p.ui.window.shown {
		p.sideMoved = p.grown
	}
}

// allMoved records that the calls have moved as well.
func (p *callsPage) allMoved() {
	p.belowMoved()
	for _, r := range p.rows {
		r.moved = p.grown
	}
}

// steadily returns a function that does something, unless the form has just changed.
func (p *callsPage) steadily(do func()) func() {
	return func() {
		if time.Since(p.formed) >= tapGuard {
			do()
		}
	}
}

// covered reports whether the keypad or the list of keys is open. It covers the side, and in the narrow form everything.
func (p *callsPage) covered() bool {
	w := &p.ui.window
	return w.keypad.root.Visible() || w.help.root.Visible()
}

// look says what the narrow form shows below the calls.
type look int

const (
	lookAutomatic  look = iota // the colleagues while the user says whom to call, else the recent calls
	lookColleagues             // the user asked for the colleagues
	lookRecent                 // the user asked for the recent calls
)

// lookReasons are the reasons to show the colleagues. When they change, what the user asked for before no longer holds.
type lookReasons struct {
	typed  string
	chosen string // the selected colleague
	call   csta.ConnectionID
}

// holds reports whether the user is saying whom to call: by a name, as a number needs no list; by selecting a
// colleague; or by choosing a call to transfer.
func (l lookReasons) holds() bool {
	return strings.ContainsFunc(l.typed, unicode.IsLetter) || l.chosen != "" || !l.call.IsZero()
}

// looking reports whether the narrow form shows the colleagues. What the user asked for is forgotten once the reasons have
// changed.
func (p *callsPage) looking() bool {
	if now := (lookReasons{p.entry.Text, p.ui.window.side.colleagues.number, p.ui.chosenCall}); now != p.lookedFor {
		p.looked, p.lookedFor = lookAutomatic, now
	}
	return p.looked == lookColleagues || p.looked == lookAutomatic && p.lookedFor.holds()
}

// lookAt shows the colleagues or the recent calls in the narrow form, until a reason for the other changes.
func (p *callsPage) lookAt(l look) {
	p.looking() // records the present reasons
	p.looked = l
	p.renderTarget() // who is hidden is not called
}

// arrange shows what the form has room for: the recent calls or the side, and what covers it.
func (p *callsPage) arrange() {
	if p.root == nil {
		return
	}
	w := &p.ui.window
	covered, offers := p.covered(), len(w.choices) > 0
	instead := p.narrow && !offers && p.looking() // the colleagues take the place of the recent calls
	before := w.side.root.Visible()
	widgets.Show(p.column, !p.narrow || !covered)
	widgets.Show(p.right, !p.narrow || covered)
	widgets.Show(w.side.root, !covered && (!p.narrow || instead))
	widgets.Show(p.recent, !offers && !instead)
	if offers != p.offering || instead != p.instead {
		p.offering, p.instead = offers, instead
		p.caption()
		p.fit()
	}
	if p.narrow && w.side.root.Visible() != before {
		p.belowMoved()
		p.keepFocus()
	}
}

// caption says what is below the calls, and what the button beside it leads to.
func (p *callsPage) caption() {
	words, face := text.Say("Recent calls"), lookFaces()[0]
	switch {
	case p.offering:
		words = text.Say("Choose a number")
	case p.instead:
		words, face = text.Say("Colleagues"), lookFaces()[1]
	}
	p.recentCaption.Set(words)
	p.look.Set(face)
	widgets.Enable(p.look, !p.offering)
}

// keepFocus moves the keyboard focus to the entry if it is on something that is now hidden.
func (p *callsPage) keepFocus() {
	c := p.ui.window.window.Canvas()
	focused, ok := c.Focused().(fyne.CanvasObject)
	if ok && focused != p.entry && p.column.Visible() && fyne.CurrentApp().Driver().AbsolutePositionForObject(focused).IsZero() {
		c.Focus(p.entry)
	}
}

// lookFaces returns the faces of the button that leads to the colleagues, and back.
func lookFaces() []widgets.Face {
	return []widgets.Face{{Label: text.Say("Colleagues")}, {Label: text.Say("Recent calls")}}
}

// makeLook makes the button of the narrow form that switches between the recent calls and the colleagues.
func (p *callsPage) makeLook() fyne.CanvasObject {
	p.look = p.ui.window.action(widget.LowImportance, func() {
		if p.looking() {
			p.lookAt(lookRecent)
		} else {
			p.lookAt(lookColleagues)
		}
	}, lookFaces()...)
	p.look.Alignment = widget.ButtonAlignTrailing
	p.look.Hide()
	return p.look
}

// shrinking lays out a call's buttons, which lose their labels where there is no room for them.
type shrinking struct {
	row *callRow
	all widgets.Weighted
}

// MinSize is that of the buttons without their labels.
func (l shrinking) MinSize(o []fyne.CanvasObject) fyne.Size {
	least := theme.IconInlineSize() + 2*theme.InnerPadding()
	return fyne.NewSize(callButtons*(least+l.all.Gap), l.all.MinSize(o).Height)
}

// Layout leaves out as few labels as it can. Answer and Hang up keep theirs longest.
func (l shrinking) Layout(o []fyne.CanvasObject, size fyne.Size) {
	if len(o) <= callButtons { // the row is still being made
		return
	}
	for _, form := range []struct{ main, others widgets.Part }{
		{widgets.Whole, widgets.Whole}, {widgets.Whole, widgets.GlyphAlone}, {widgets.GlyphAlone, widgets.GlyphAlone}} {
		part := func(i int, b *widgets.Action) widgets.Part {
			if i == callButtons-1 || b.Importance == widget.SuccessImportance {
				return form.main
			}
			return form.others
		}
		width := float32(0)
		for i, b := range l.row.buttons {
			if b.Visible() {
				width += b.Width(part(i, b)) + l.all.Gap
			}
		}
		if width > size.Width && form.main != widgets.GlyphAlone {
			continue
		}
		for i, b := range l.row.buttons {
			b.Reduce(part(i, b))
		}
		break
	}
	l.all.Layout(o, size)
}
