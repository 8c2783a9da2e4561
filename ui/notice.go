package ui

import (
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// testFor is how long the self-test's call is shown.
const testFor = 2 * time.Second

// testCall is the self-test's call, which no PBX knows.
var testCall = csta.ConnectionID{CallID: "calltray self-test"}

// test shows a fake call, and sends to result whether it is on the screen.
func (p *popup) test(result chan<- error) {
	u := p.ui
	if !PopupEnabled(u.settings.Popup, u.cfg.Desk.Placed()) {
		result <- nil // the popup is off, as configured
		return
	}
	p.tested = time.Now()
	u.render()
	time.AfterFunc(testFor, func() {
		u.post(func() {
			p.tested = time.Time{}
			if p.shown {
				result <- nil
			} else {
				result <- text.ErrNotShown
			}
			u.render()
		})
	})
}

// noticeFor is how long a notice is shown.
const noticeFor = 20 * time.Second

// note shows a sentence for a while, for a user who has no window on the screen. Without a popup it uses the desktop's
// notifications; no window opens.
func (p *popup) note(sentence string) {
	u := p.ui
	if !PopupEnabled(u.settings.Popup, u.cfg.Desk.Placed()) {
		if u.cfg.Notify != nil {
			u.cfg.Notify(sentence)
		}
		return
	}
	p.notice = sentence
	p.notices++
	n := p.notices
	time.AfterFunc(noticeFor, func() {
		u.post(func() {
			if p.notices == n {
				p.endNotice()
			}
		})
	})
	u.render()
}

func (p *popup) endNotice() {
	p.notice = ""
	p.render()
}
