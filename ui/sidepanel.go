package ui

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"calltray/internal/text"
	"calltray/ui/widgets"
)

// sidePanel is the right half of the window: the colleagues, the queues, or the user's own telephone. The tab
// buttons do not move.
type sidePanel struct {
	ui   *UI
	root *fyne.Container
	bar  *fyne.Container // holds the tabs; hidden in the narrow form

	page       sidePage
	tabs       [sidePages]*widgets.Action
	roots      [sidePages]fyne.CanvasObject
	colleagues *colleaguesPage
	queues     *queuesPage
	telephone  *telephonePage
}

// sidePage is a page of the side panel.
type sidePage int

const (
	sideColleagues sidePage = iota
	sideQueues
	sideTelephone
	sidePages
)

func newSidePanel(u *UI) *sidePanel {
	s := &sidePanel{ui: u, colleagues: newColleaguesPage(u), queues: newQueuesPage(u), telephone: newTelephonePage(u)}
	s.roots = [sidePages]fyne.CanvasObject{s.colleagues.root, s.queues.root, s.telephone.root}
	s.bar = container.NewGridWithColumns(int(sidePages))
	for i, name := range []string{text.Say("Colleagues"), text.Say("Queues"), text.Say("My telephone")} {
		s.tabs[i] = u.window.button(widget.MediumImportance, name, nil, func() { s.open(sidePage(i)) })
		s.bar.Add(s.tabs[i])
	}
	s.root = container.NewBorder(s.bar, nil, nil, nil,
		container.New(widgets.StackedBelow{Gap: 8}, append([]fyne.CanvasObject{widgets.NewSurface(widgets.ColorCard, widgets.ColorEdge, 6)}, s.roots[:]...)...))
	s.turn(sideColleagues)
	return s
}

// open shows one of the pages, in a window with room for it.
func (s *sidePanel) open(page sidePage) {
	s.turn(page)
	s.ui.window.suitPage()
}

// turn shows one of the pages.
func (s *sidePanel) turn(page sidePage) {
	s.page = page
	for i, root := range s.roots {
		widgets.Show(root, sidePage(i) == page)
		s.tabs[i].StandOut(sidePage(i) == page)
	}
	if page == sideTelephone {
		s.telephone.opened()
	}
	s.render()
	if s.ui.window.calls != nil {
		s.ui.window.calls.renderTarget()
	}
}

// render shows what has changed: the session's state, reports of the PBX, or that the window is visible.
func (s *sidePanel) render() {
	w := &s.ui.window
	if w.page != pageCalls || !w.shown && !w.opening {
		s.ui.office.watch(false) // it is updated when it is next visible
		s.colleagues.within = false
		return
	}
	s.ui.office.watch(true)
	switch s.page {
	case sideColleagues:
		s.colleagues.render()
	case sideQueues:
		s.queues.render()
	case sideTelephone:
		s.telephone.render()
	}
	s.renderWaiting()
}

// renderWaiting shows the number of waiting calls on the queues tab.
func (s *sidePanel) renderWaiting() {
	words := text.Say("Queues")
	if n := s.ui.office.waitingCalls(); n > 0 {
		words += " (" + strconv.Itoa(n) + ")"
	}
	if tab := s.tabs[sideQueues]; tab.Text != words {
		tab.SetText(words)
	}
}

// tick updates the clocks.
func (s *sidePanel) tick() {
	if s.page == sideQueues {
		s.queues.tick()
	}
}

// filter shows the colleagues whose name or number contains text, which is in the window's entry.
func (s *sidePanel) filter(text string) { s.colleagues.filter(text) }

// move moves the selection among the colleagues shown, up (-1) or down (1).
func (s *sidePanel) move(by int) {
	if s.page != sideColleagues {
		s.open(sideColleagues)
	}
	s.colleagues.move(by)
}

// chosen returns the number of the selected colleague: selected by pointer or key, or as the first whose name
// contains the entry's text. It returns nobody while the list that shows the selection is hidden.
func (s *sidePanel) chosen() (number string, ok bool) {
	if s.page != sideColleagues || s.hidden() {
		return "", false
	}
	return s.colleagues.number, s.colleagues.number != ""
}

// hidden reports whether the narrow form shows something else, or has no room for the side.
func (s *sidePanel) hidden() bool {
	p := s.ui.window.calls
	return p != nil && p.narrow && (!s.root.Visible() || !p.recentArea.Visible())
}

// release clears the selection.
func (s *sidePanel) release() { s.colleagues.release() }
