package ui

import (
	"net/url"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/dialplan"
	"calltray/internal/journal"
	"calltray/internal/text"
	"calltray/internal/webpage"
)

// pages opens the page about a caller in the browser: at the user's request, and automatically if so configured.
type pages struct {
	ui     *UI
	opened map[csta.ConnectionID]bool // the current calls; true once the page has opened
	recent []time.Time                // when the last pages opened automatically
}

// At most mostPages open automatically within pagesLimit, so that a flood of calls does not fill the screen.
const (
	mostPages  = 4
	pagesLimit = 10 * time.Second
)

// pageRows returns the settings for a caller's page: its address, and when it opens.
func (p *settingsPage) pageRows() []row {
	return []row{
		{title: text.Say("Page of a caller"), key: account.FieldPage, control: p.text(),
			help: text.Say("For example https://crm.example.dk/search?q={e164}; also {number}, {name}, {company}. Empty for none. “Open the caller's page” is in the menu of a call.")},
		{title: text.Say("It opens by itself"), key: account.FieldPageWhen,
			control: p.choice(account.PageNever, text.Say("Never"), account.PageRinging, text.Say("When a call from outside rings"), account.PageAnswered, text.Say("When you have answered it")),
			help:    text.Say("The browser takes the keyboard when it opens a page.")},
	}
}

// follow opens the page of each call that has reached the configured phase.
func (p *pages) follow(s csta.State) {
	before := p.opened
	p.opened = make(map[csta.ConnectionID]bool, len(s.Calls))
	for _, c := range s.Calls {
		opened, known := before[c.ID]
		if !known && c.Phase != csta.Ringing {
			opened = true // answered before we saw it
		}
		due := p.ui.settings.PageWhen == account.PageRinging && c.Alerts() || p.ui.settings.PageWhen == account.PageAnswered && c.Phase == csta.Active
		number := csta.DeviceID(c.Remote.Number).Number()
		if kind, _ := p.ui.plan.Load().Classify(number); due && !opened && number != "" && kind != dialplan.Internal && c.Direction == csta.Incoming {
			opened = true
			p.byItself(c)
		}
		p.opened[c.ID] = opened
	}
}

// byItself opens the page of a call automatically, unless too many have just opened.
func (p *pages) byItself(c csta.Call) {
	if p.may() {
		p.open(c)
	}
}

// may reports whether one more page may open automatically, and counts it.
func (p *pages) may() bool {
	now := time.Now()
	for len(p.recent) > 0 && now.Sub(p.recent[0]) > pagesLimit {
		p.recent = p.recent[1:]
	}
	if len(p.recent) >= mostPages {
		p.ui.log.Warn("a caller's page is not opened: too many have just opened")
		return false
	}
	p.recent = append(p.recent, now)
	return true
}

// ofRow opens the page of a call in the history.
func (p *pages) ofRow(r journal.Row) {
	p.show(r.Call(), r.Talked())
}

// open opens the page of a current call.
func (p *pages) open(c csta.Call) {
	talked := time.Duration(0)
	if !c.Answered.IsZero() {
		talked = time.Since(c.Answered)
	}
	p.show(c, talked)
}

// show opens the page of a call, and tells the user if that fails.
func (p *pages) show(c csta.Call, talked time.Duration) {
	u := p.ui
	if u.settings.Page == "" {
		return
	}
	number := csta.DeviceID(c.Remote.Number).Number()
	page, err := webpage.Address(u.settings.Page, webpage.Call{
		Number: number, E164: u.E164(number), Name: u.known(c.Remote).Name, Company: u.about(c.Remote).Company,
		Direction: c.Direction.String(), Queue: csta.DeviceID(c.Via).Number(), Outcome: c.Outcome.String(), Talked: talked, Linkage: c.Linkage,
	})
	if err != nil {
		p.fail(err)
		return
	}
	if err := p.browse(page); err != nil {
		p.fail(err)
	}
}

// browse opens a page in the browser.
func (p *pages) browse(page *url.URL) error {
	browse := p.ui.cfg.Browse
	if browse == nil {
		browse = p.ui.application().OpenURL
	}
	return browse(page)
}

// fail tells the user that a page could not be opened.
func (p *pages) fail(err error) {
	p.ui.log.Warn("a caller's page", "err", err)
	p.ui.tell(text.Say("The caller's page could not be opened: look at its address in the settings."))
}
