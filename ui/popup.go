package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

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
	maxCards    = 3  // calls that are shown; the others are counted
	// A tap right after the cards moved was meant for what was there before: another program's button, or
	// another call's. It counts for nothing.
	tapGuard = 350 * time.Millisecond
)

// popup shows the calls that ring. It is one window, made when the first call rings and then shown and
// hidden, because Fyne keeps something of every window that is closed. It never has the keyboard, and
// nothing in it is preselected: whoever types on must not answer a call.
type popup struct {
	ui        *UI
	shown     bool
	dismissed map[csta.ConnectionID]bool // closed by the user while ringing
	tested    time.Time                  // since when a call that nobody makes is shown, for the self-test; zero if none is
	notice    string                     // a sentence below the calls; "" for none
	notices   int                        // counts them

	window fyne.Window // nil until the first call
	handle uintptr     // of the native window; 0 until it is there
	cards  []*popupCard
	more   *widgets.Line
	words  *widgets.Lines  // the notice
	below  *fyne.Container // with its cross
	body   *fyne.Container
	drawn  []csta.ConnectionID // the calls on the cards, the newest first
	moved  time.Time           // when they last changed
}

// calls returns what there is to show, the newest first.
func (p *popup) calls() []csta.Call {
	u := p.ui
	if u.state.Status != csta.Online && p.tested.IsZero() || !popupEnabled(u.settings.Popup, u.cfg.Desk.Placed()) {
		return nil
	}
	var calls []csta.Call
	if !p.tested.IsZero() {
		calls = append(calls, csta.Call{ID: testCall, Remote: csta.Party{Name: text.Say("This is a test")}, Since: p.tested})
	}
	for _, c := range living(u.state) {
		if c.Alerts() && !p.dismissed[c.ID] {
			calls = append(calls, c)
		}
	}
	return calls
}

// popupEnabled decides by the setting, and by whether the desktop lets us place a window.
func popupEnabled(setting string, placed bool) bool {
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
func (p *popup) wanted() bool { return len(p.calls()) > 0 || p.notice != "" }

// render shows the calls that ring, or takes the window off the screen.
func (p *popup) render() {
	p.forget()
	switch {
	case !p.wanted():
		p.hide()
	case p.ui.app != nil:
		p.show(p.calls())
	}
}

// forget drops from the dismissed calls those that do not ring any more.
func (p *popup) forget() {
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

func (p *popup) hide() {
	if p.shown {
		p.window.Hide()
		p.shown, p.drawn = false, nil
		for _, c := range p.cards {
			c.forgetPointer()
		}
		p.ui.restSoon()
	}
}

// show fills the cards, the newest call on top, and puts the window into its corner. It grows upwards: a
// second call does not move the buttons of the first.
func (p *popup) show(calls []csta.Call) {
	defer p.survive()
	if p.window == nil {
		p.make()
	}
	shown := calls[:min(len(calls), maxCards)]
	var drawn []csta.ConnectionID
	for i, c := range p.cards {
		if i < len(shown) {
			c.set(shown[i])
			c.box.Show()
			drawn = append(drawn, shown[i].ID)
		} else {
			c.box.Hide()
		}
	}
	if more := len(calls) - len(shown); more > 0 {
		p.more.Set("+ " + moreCalls(more))
		p.more.Show()
	} else {
		p.more.Hide()
	}
	p.words.Set(p.notice, theme.ColorNameForeground)
	widgets.Show(p.below, p.notice != "")
	if size := p.size(); p.body.Size() != size {
		p.window.Resize(size)
		p.place()
	}
	p.appear()
	if !same(drawn, p.drawn) {
		p.drawn, p.moved = drawn, time.Now()
	}
	p.ui.tickSoon()
}

func same(a, b []csta.ConnectionID) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// rebuild makes the popup anew when it is next shown: its words are in another language by then.
func (p *popup) rebuild() {
	p.hide()
	p.window, p.handle = nil, 0
}

// tick brings the clocks up to date.
func (p *popup) tick() {
	if p.shown {
		for _, c := range p.cards {
			c.tick()
		}
	}
}
