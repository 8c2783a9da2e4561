package ui

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/attention"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

const (
	noticeLines = 5
	popupTitle  = "Calltray: incoming call"
	popupWidth  = 380
	popupMargin = 12 // from the corner of the work area
	maxCards    = 3  // calls that have a card
	maxLines    = 5  // calls that have a line; the rest are counted
	// A tap within tapGuard of the cards' moving was meant for what was there before: another program's button, or
	// another call's. It is ignored.
	tapGuard = 350 * time.Millisecond
)

// popup shows the ringing calls, and the one that was answered in it. It never takes the keyboard, and nothing in it
// is preselected: a user who goes on typing must not answer a call.
type popup struct {
	ui        *UI
	shown     bool
	dismissed map[csta.ConnectionID]bool // closed by the user while ringing
	answered  []csta.ConnectionID        // answered in the popup, oldest first; emptied when the panel is closed
	tested    time.Time                  // when the self-test began to show its fake call; zero if it does not
	notice    string                     // a sentence below the calls; "" for none
	notices   int                        // counts the notices

	stand   stand           // nil until the first call
	root    *fyne.Container // contains everything; nil until it is built
	ground  *fyne.Container // the background
	body    *fyne.Container // the content, which sets the size
	cards   []*popupCard
	panel   *popupPanel
	more    []*widgets.Line     // one for each call without a card
	further *fyne.Container     // contains these lines
	words   *widgets.Lines      // the notice
	below   *fyne.Container     // the notice with its close button
	drawn   []csta.ConnectionID // the calls shown with buttons, from the top
	moved   time.Time           // when drawn last changed
}

// stand puts the popup on the screen: as a picture that the desktop shows, or in a window of Fyne's.
type stand interface {
	// room returns the popup's maximum height.
	room() (float32, error)
	// put puts the popup on the screen, or updates it.
	put() error
	// tick updates the clocks.
	tick()
	// take removes the popup from the screen.
	take()
	// ready reports whether the popup can be shown; if that is not known yet, the popup is rendered again once it is.
	ready() bool
}

// calls returns the calls to show, the one that has waited longest first, as for F2 and the command line.
func (p *popup) calls() []csta.Call {
	u := p.ui
	if u.state.Status != csta.Online && p.tested.IsZero() || !PopupEnabled(u.settings.Popup, u.cfg.Desk.Placed()) {
		return nil
	}
	var calls []csta.Call
	if !p.tested.IsZero() {
		calls = append(calls, csta.Call{ID: testCall, Remote: csta.Party{Name: text.Say("This is a test")}, Since: p.tested})
	}
	return append(calls, p.ringing(func(c attention.Channels) bool { return c.Popup })...)
}

// ringing returns the ringing calls that the user has not closed, and for which how they ask for attention is as wanted.
func (p *popup) ringing(wanted func(attention.Channels) bool) (calls []csta.Call) {
	for _, c := range csta.Waiting(p.ui.state.Calls) {
		if c.Alerts() && !p.dismissed[c.ID] && wanted(p.ui.attention(c)) {
			calls = append(calls, c)
		}
	}
	return calls
}

// PopupEnabled reports whether the popup shows calls: by the setting, or by default if the desktop lets us place a
// window.
func PopupEnabled(setting string, placed bool) bool {
	switch setting {
	case account.PopupOn:
		return true
	case account.PopupOff:
		return false
	default:
		return placed
	}
}

// wanted reports whether there is anything to show.
func (p *popup) wanted() bool {
	_, talks := p.talk()
	return len(p.calls()) > 0 || talks || p.notice != ""
}

// render updates the popup, or hides it if there is nothing to show.
func (p *popup) render() {
	p.forget()
	switch {
	case !p.wanted():
		p.hide()
		p.prepare()
	case p.standing().ready():
		p.show(p.calls())
	}
}

// prepare paints the calls about which the desktop is still being asked, so that they appear as soon as it has answered.
func (p *popup) prepare() {
	asked := p.ringing(func(c attention.Channels) bool { return c.Asking })
	if len(asked) == 0 || !PopupEnabled(p.ui.settings.Popup, p.ui.cfg.Desk.Placed()) {
		return
	}
	if s, is := p.standing().(*picture); is {
		if _, err := p.fit(asked); err == nil { // an error is reported when the popup is shown
			s.prepare()
		}
	}
}

// standing returns the stand, which is chosen on first use.
func (p *popup) standing() stand {
	if p.stand == nil {
		if p.ui.cfg.Desk.ShowsPictures() {
			p.stand = newPicture(p)
		} else {
			p.stand = &splash{popup: p}
		}
	}
	return p.stand
}

// needsFyne reports whether the popup is in a window of Fyne's.
func (p *popup) needsFyne() bool {
	_, is := p.standing().(*splash)
	return is
}

// announced returns who is calling, in few words, or no name if others may read the screen.
func (u *UI) announced(c csta.Call) string {
	if c.ID != testCall && u.attention(c).Nameless {
		return text.Say("Incoming call")
	}
	return u.named(c.Remote)
}

// forget drops dismissed calls that no longer ring, and answered calls that have ended.
func (p *popup) forget() {
	p.answered = slices.DeleteFunc(p.answered, func(id csta.ConnectionID) bool {
		return p.ui.state.Status == csta.Online && p.ui.call(id).Phase == csta.Ended
	})
	for id := range p.dismissed {
		rings := false
		for _, c := range p.ui.state.Calls {
			rings = rings || c.ID == id && c.Phase == csta.Ringing
		}
		if !rings {
			delete(p.dismissed, id)
		}
	}
}

func (p *popup) dismiss(id csta.ConnectionID) {
	if p.dismissed == nil {
		p.dismissed = make(map[csta.ConnectionID]bool)
	}
	p.dismissed[id] = true
	p.render()
}

// guarded wraps a button's function to ignore a tap right after the popup changed, which was meant for something else.
func (p *popup) guarded(do func()) func() {
	return func() {
		if time.Since(p.moved) >= tapGuard {
			do()
		}
	}
}

func (p *popup) hide() {
	if p.shown {
		p.shown, p.drawn = false, nil
		for _, c := range p.cards {
			c.forgetPointer()
		}
		p.panel.forgetPointer()
		p.stand.take()
		p.ui.restSoon(restGap)
	}
}

// show fills the cards and puts the popup on the screen.
func (p *popup) show(calls []csta.Call) {
	drawn, err := p.fit(calls)
	if err == nil {
		err = p.stand.put()
	}
	if err != nil {
		p.fail(err)
		return
	}
	p.shown = true
	if !slices.Equal(drawn, p.drawn) {
		p.drawn, p.moved = drawn, time.Now()
	}
	p.ui.tickSoon()
}

// fit fills the cards with as many calls as the screen has room for, and returns those that have buttons.
func (p *popup) fit(calls []csta.Call) (drawn []csta.ConnectionID, err error) {
	if p.root == nil {
		p.build()
	}
	room, err := p.stand.room()
	if err != nil {
		return nil, err
	}
	p.words.Set(p.notice, theme.ColorNameForeground)
	widgets.Show(p.below, p.notice != "")
	drawn = p.fill(calls, maxCards, maxLines)
	for cards, lines := maxCards, maxLines; p.size().Height > room && (cards > 1 || lines > 1); drawn = p.fill(calls, cards, lines) {
		if lines > 1 {
			lines--
		} else {
			cards, lines = cards-1, maxLines
		}
	}
	return drawn, nil
}

// fail gives up until the next render.
func (p *popup) fail(err error) {
	p.ui.log.Warn("the popup cannot be shown", "reason", err)
	p.shown = false
}

// fill shows the first calls on cards, the next ones on a line each, and the number of the rest on the last line. It
// returns the calls that have buttons.
func (p *popup) fill(calls []csta.Call, cards, lines int) (drawn []csta.ConnectionID) {
	shown := calls[:min(len(calls), cards)]
	for i, c := range p.cards {
		if i < len(shown) {
			c.set(shown[i])
			widgets.Show(c.box, true)
			drawn = append(drawn, shown[i].ID)
		} else {
			widgets.Show(c.box, false)
		}
	}
	talk, talks := p.talk()
	if widgets.Show(p.panel.box, talks); talks {
		p.panel.set(talk)
		drawn = append(drawn, csta.ConnectionID{}, talk.ID) // the zero ID tells its buttons from a card's
	}
	rest := calls[len(shown):]
	widgets.Show(p.further, len(rest) > 0)
	for i, l := range p.more {
		switch {
		case i >= min(len(rest), lines):
			widgets.Show(l, false)
			continue
		case i == lines-1 && len(rest) > lines:
			l.Set("+ " + moreCalls(len(rest)-i))
		default:
			l.Set(p.ui.announced(rest[i]))
		}
		widgets.Show(l, true)
	}
	return drawn
}

// build creates the popup's content.
func (p *popup) build() {
	p.ui.application() // provides the theme
	var objects []fyne.CanvasObject
	p.words = widgets.NewLines(noticeLines, theme.TextSize()-1, theme.ColorNameForeground)
	p.words.Least = 2 // no shorter than the button beside it
	cross := widgets.NewAction(widget.LowImportance, nil, p.endNotice, widgets.Face{})
	cross.SetIcon(theme.CancelIcon())
	p.below = container.New(layout.NewCustomPaddedLayout(8, 8, 14, 4), widgets.NewRow(4, 0, p.words, cross))
	p.below.Resize(fyne.NewSize(popupWidth, 0)) // how many lines a notice needs depends on its width
	p.cards = nil
	for range maxCards {
		c := newPopupCard(p.ui)
		p.cards = append(p.cards, c)
		objects = append(objects, c.box)
	}
	lines := widgets.NewColumn(2)
	p.further = container.New(layout.NewCustomPaddedLayout(4, 6, 14, 14), lines)
	p.more = nil
	for range maxLines {
		l := widgets.NewLine(theme.TextSize(), false, theme.ColorNameForeground)
		p.more = append(p.more, l)
		lines.Add(l)
	}
	p.panel = newPopupPanel(p.ui)
	objects = append(objects, p.further, p.panel.box, p.below)
	p.body = container.New(layout.NewCustomPaddedLayout(1, 1, 1, 1), widgets.NewColumn(0, objects...))
	p.ground = container.NewStack(widgets.NewSurface(widgets.ColorEdge, "", 0),
		container.New(layout.NewCustomPaddedLayout(1, 1, 1, 1), widgets.NewSurface(widgets.ColorCard, "", 0)))
	p.root = container.NewStack(p.ground, p.body)
}

// rebuild makes the popup be built again when it is next shown, because the language has changed.
func (p *popup) rebuild() {
	p.root = nil
	if s, is := p.stand.(*splash); is {
		p.hide()
		s.window = nil
	}
}

// warm prepares the popup before the first call: loading fonts and drawings takes longer than the rest of it.
func (p *popup) warm() {
	if s, is := p.standing().(*picture); is && !p.shown && PopupEnabled(p.ui.settings.Popup, true) {
		p.build()
		p.cards[0].set(csta.Call{Remote: csta.Party{Number: "0", Name: "Æ"}, Since: time.Now()})
		s.warm()
	}
}

// size returns the size that the popup needs. Only its buttons can widen it, in a language with long words; a caller's
// name cannot.
func (p *popup) size() fyne.Size { return p.body.MinSize().Max(fyne.NewSize(popupWidth, 0)) }

// tick updates the clocks.
func (p *popup) tick() {
	if p.shown {
		for _, c := range p.cards {
			c.tick()
		}
		p.panel.tick()
		p.stand.tick()
	}
}
