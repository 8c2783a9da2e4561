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
	"calltray/internal/text"
	"calltray/ui/widgets"
)

const (
	noticeLines = 5
	popupTitle  = "Calltray: incoming call"
	popupWidth  = 380
	popupMargin = 12 // from the corner of the work area
	maxCards    = 3  // calls that have a card
	maxLines    = 5  // calls that have a line; the others are counted
	// A tap right after the cards moved was meant for what was there before: another program's button, or
	// another call's. It counts for nothing.
	tapGuard = 350 * time.Millisecond
)

// popup shows the calls that ring, and the one that was answered in it. It never has the keyboard, and nothing in it is preselected: whoever types on
// must not answer a call.
type popup struct {
	ui        *UI
	shown     bool
	dismissed map[csta.ConnectionID]bool // closed by the user while ringing
	answered  []csta.ConnectionID        // in the popup, the last one last; without those whose panel was closed
	tested    time.Time                  // since when a call that nobody makes is shown, for the self-test; zero if none is
	notice    string                     // a sentence below the calls; "" for none
	notices   int                        // counts them

	stand   stand           // nil until the first call
	root    *fyne.Container // of all that it shows; nil until it is built
	ground  *fyne.Container // what it stands on
	built   time.Time
	body    *fyne.Container // what needs room
	cards   []*popupCard
	panel   *popupPanel
	more    []*widgets.Line     // a call each, that has no card
	further *fyne.Container     // with their lines
	words   *widgets.Lines      // the notice
	below   *fyne.Container     // with its cross
	drawn   []csta.ConnectionID // the calls on the cards, from the top
	moved   time.Time           // when they last changed
}

// stand is what brings the popup to the screen: the desktop, as a picture, or a window of Fyne's.
type stand interface {
	// room returns how high the popup may be.
	room() (float32, error)
	// put puts the popup on the screen, or brings it up to date.
	put() error
	// tick brings the clocks up to date.
	tick()
	// take takes the popup off the screen.
	take()
	// stale reports whether what was built then must be built anew before it is shown.
	stale(built time.Time) bool
	// ready reports whether a window can be made; if that is not known yet, the popup is rendered again when it is.
	ready() bool
}

// calls returns what there is to show: who has waited longest comes first, as for F2 and the command line.
func (p *popup) calls() []csta.Call {
	u := p.ui
	if u.state.Status != csta.Online && p.tested.IsZero() || !PopupEnabled(u.settings.Popup, u.cfg.Desk.Placed()) {
		return nil
	}
	var calls []csta.Call
	if !p.tested.IsZero() {
		calls = append(calls, csta.Call{ID: testCall, Remote: csta.Party{Name: text.Say("This is a test")}, Since: p.tested})
	}
	for _, c := range u.state.Calls {
		if c.Phase == csta.Ringing && c.Alerts() && !p.dismissed[c.ID] && u.attention(c).Popup {
			calls = append(calls, c)
		}
	}
	return calls
}

// PopupEnabled decides by the setting, and by whether the desktop lets us place a window, whether the popup shows calls.
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

// render shows the calls that ring, or takes the window off the screen.
func (p *popup) render() {
	p.forget()
	switch {
	case !p.wanted():
		p.hide()
	case p.standing().ready():
		p.show(p.calls())
	}
}

// standing returns the stand, which is chosen when it is first needed.
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

// needsFyne reports whether the popup is on a window of Fyne's.
func (p *popup) needsFyne() bool {
	_, is := p.standing().(*splash)
	return is
}

// announced is who calls, in few words, unless others may read it.
func (u *UI) announced(c csta.Call) string {
	if c.ID != testCall && u.attention(c).Nameless {
		return text.Say("Incoming call")
	}
	return u.named(c.Remote)
}

// forget drops from the dismissed calls those that do not ring any more, and from the answered ones those that are over.
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

// guarded wraps what a button does: a tap right after the popup changed was meant for something else.
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

// show fills the cards and puts them into the corner.
func (p *popup) show(calls []csta.Call) {
	if p.root == nil || p.stand.stale(p.built) {
		p.build()
	}
	room, err := p.stand.room()
	if err != nil {
		p.fail(err)
		return
	}
	p.words.Set(p.notice, theme.ColorNameForeground)
	widgets.Show(p.below, p.notice != "")
	drawn := p.fill(calls, maxCards, maxLines)
	for cards, lines := maxCards, maxLines; p.size().Height > room && (cards > 1 || lines > 1); drawn = p.fill(calls, cards, lines) {
		if lines > 1 {
			lines--
		} else {
			cards, lines = cards-1, maxLines
		}
	}
	if err := p.stand.put(); err != nil {
		p.fail(err)
		return
	}
	p.shown = true
	if !slices.Equal(drawn, p.drawn) {
		p.drawn, p.moved = drawn, time.Now()
	}
	p.ui.tickSoon()
}

// fail gives up until the next state.
func (p *popup) fail(err error) {
	p.ui.log.Warn("the popup cannot be shown", "reason", err)
	p.shown = false
}

// fill shows the first calls on cards, the next ones on a line each, and counts the others on the last line.
func (p *popup) fill(calls []csta.Call, cards, lines int) (drawn []csta.ConnectionID) {
	shown := calls[:min(len(calls), cards)]
	for i, c := range p.cards {
		if i < len(shown) {
			c.set(shown[i])
			c.box.Show()
			drawn = append(drawn, shown[i].ID)
		} else {
			c.box.Hide()
		}
	}
	talk, talks := p.talk()
	if widgets.Show(p.panel.box, talks); talks {
		p.panel.set(talk)
		drawn = append(drawn, csta.ConnectionID{}, talk.ID) // its buttons are others than a card's
	}
	rest := calls[len(shown):]
	widgets.Show(p.further, len(rest) > 0)
	for i, l := range p.more {
		switch {
		case i >= min(len(rest), lines):
			l.Hide()
			continue
		case i == lines-1 && len(rest) > lines:
			l.Set("+ " + moreCalls(len(rest)-i))
		default:
			l.Set(p.ui.announced(rest[i]))
		}
		l.Show()
	}
	return drawn
}

// build makes all that the popup shows.
func (p *popup) build() {
	p.ui.application() // whose theme it is made in
	var objects []fyne.CanvasObject
	p.words = widgets.NewLines(noticeLines, theme.TextSize()-1, theme.ColorNameForeground)
	cross := widgets.NewAction(widget.LowImportance, nil, p.endNotice, widgets.Face{})
	cross.SetIcon(theme.CancelIcon())
	p.below = container.New(layout.NewCustomPaddedLayout(8, 8, 14, 4), widgets.NewRow(4, 0, p.words, cross))
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
	p.built = time.Now()
	p.ground = container.NewStack(widgets.NewSurface(widgets.ColorEdge, "", 0),
		container.New(layout.NewCustomPaddedLayout(1, 1, 1, 1), widgets.NewSurface(widgets.ColorCard, "", 0)))
	p.root = container.NewStack(p.ground, p.body)
}

// rebuild makes the popup anew when it is next shown: its words are in another language by then.
func (p *popup) rebuild() {
	p.root = nil
	if s, is := p.stand.(*splash); is {
		p.hide()
		s.window = nil
	}
}

// warm has the popup ready before the first call: fonts and drawings take longer than all else about it.
func (p *popup) warm() {
	if s, is := p.standing().(*picture); is && !p.shown && PopupEnabled(p.ui.settings.Popup, true) {
		p.build()
		p.cards[0].set(csta.Call{Remote: csta.Party{Number: "0", Name: "Æ"}, Since: time.Now()})
		s.warm()
	}
}

// size is what the popup needs. Only its buttons can make it wider, in a language of long words; a caller's name
// cannot.
func (p *popup) size() fyne.Size { return p.body.MinSize().Max(fyne.NewSize(popupWidth, 0)) }

// tick brings the clocks up to date.
func (p *popup) tick() {
	if p.shown {
		for _, c := range p.cards {
			c.tick()
		}
		p.panel.tick()
		p.stand.tick()
	}
}
