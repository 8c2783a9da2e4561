package ui

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"calltray/internal/text"
	"calltray/ui/widgets"
)

// sidePanel is the right half of the window: the colleagues, the queues, and the user's own telephone, one at a
// time. The buttons that choose have fixed places.
type sidePanel struct {
	ui   *UI
	root *fyne.Container

	page       sidePage
	tabs       [sidePages]*widgets.Action
	roots      [sidePages]fyne.CanvasObject
	colleagues *colleaguesPage
	queues     *queuesPage
	telephone  *telephonePage
}

// sidePage is what the side shows.
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
	tabs := container.NewGridWithColumns(int(sidePages))
	for i, name := range []string{text.Say("Colleagues"), text.Say("Queues"), text.Say("My telephone")} {
		s.tabs[i] = u.window.button(widget.MediumImportance, name, nil, func() { s.open(sidePage(i)) })
		tabs.Add(s.tabs[i])
	}
	s.root = container.NewBorder(tabs, nil, nil, nil,
		container.New(widgets.StackedBelow{Gap: 8}, append([]fyne.CanvasObject{widgets.NewSurface(widgets.ColorCard, widgets.ColorEdge, 6)}, s.roots[:]...)...))
	s.open(sideColleagues)
	return s
}

// open shows one of the pages.
func (s *sidePanel) open(page sidePage) {
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

// render shows what has changed: the session's state, what the exchange told, or that the window is seen.
func (s *sidePanel) render() {
	w := &s.ui.window
	if w.page != pageCalls || !w.shown && !w.opening {
		s.ui.office.watch(false) // it is brought up to date when it is looked at again
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

// renderWaiting shows on the tab of the queues how many calls wait.
func (s *sidePanel) renderWaiting() {
	words := text.Say("Queues")
	if n := s.ui.office.waitingCalls(); n > 0 {
		words += " (" + strconv.Itoa(n) + ")"
	}
	if tab := s.tabs[sideQueues]; tab.Text != words {
		tab.SetText(words)
	}
}

// tick brings the clocks up to date.
func (s *sidePanel) tick() {
	if s.page == sideQueues {
		s.queues.tick()
	}
}

// filter shows the colleagues whose name or number holds the text, which is in the window's entry.
func (s *sidePanel) filter(text string) { s.colleagues.filter(text) }

// move moves the choice among the colleagues that are shown, up (-1) or down (1).
func (s *sidePanel) move(by int) {
	if s.page != sideColleagues {
		s.open(sideColleagues)
	}
	s.colleagues.move(by)
}

// chosen returns the number of the colleague who is chosen, by pointer or key, or as the first of those
// whose name the entry holds; nobody, while the list that shows who it is is not.
func (s *sidePanel) chosen() (number string, ok bool) {
	if s.page != sideColleagues {
		return "", false
	}
	return s.colleagues.number, s.colleagues.number != ""
}

// release gives up the choice.
func (s *sidePanel) release() { s.colleagues.release() }
