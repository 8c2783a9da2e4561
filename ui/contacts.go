package ui

import (
	"context"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/journal"
	"calltray/internal/text"
)

// findLimit is how long a search of the contacts may take.
const findLimit = 5 * time.Second

// leastFind is how many letters must be typed before the contacts are searched.
const leastFind = 2

// lookUp searches the contacts for a text. The matches arrive later, below everybody already listed.
func (p *colleaguesPage) lookUp(typed string) {
	u := p.ui
	p.found = nil
	if u.cfg.Find == nil || len([]rune(typed)) < leastFind {
		return
	}
	var list []Found
	u.do(findLimit, func(ctx context.Context) (err error) {
		list, err = u.cfg.Find(ctx, typed)
		return err
	}, func(err error) {
		if err != nil || p.text != typed {
			return
		}
		for _, f := range list {
			t := &target{number: csta.DeviceID(f.Number).Number(), told: f.Name, isCaller: true}
			t.call("")
			var about []string
			for _, part := range []string{f.Company, f.Label} {
				if part = text.Plain(part, text.MaxName); part != "" && part != t.name {
					about = append(about, part)
				}
			}
			if t.about = strings.Join(about, " · "); t.about == "" {
				t.about = text.Say("Contact")
			}
			p.found = append(p.found, t)
		}
		p.search()
		p.list.SetCount(len(p.shown))
		p.render()
		u.window.calls.renderTarget()
	})
}

// withContacts appends the contacts whose numbers are not listed yet.
func (p *colleaguesPage) withContacts(shown []*target) []*target {
	for _, t := range p.found {
		double := false
		for _, o := range shown {
			double = double || o.number == t.number || len(t.number) >= 7 && journal.Tail(o.number) == journal.Tail(t.number)
		}
		if !double {
			shown = append(shown, t)
		}
	}
	return shown
}

// saveContact saves the name that the user gives a number.
func (u *UI) saveContact(number, name string) {
	if u.cfg.SaveContact == nil || name == "" {
		return
	}
	company := u.about(csta.Party{Number: number}).Company
	u.do(renameLimit, func(ctx context.Context) error { return u.cfg.SaveContact(ctx, number, name, company) }, func(err error) {
		if err != nil {
			u.tell(text.Say("The contact was not saved.") + " " + text.Explain(err))
		}
	})
}

// Memory returns what is known about a caller in one line: the last call and the last note.
func (k Known) Memory() string {
	parts := []string{}
	for _, part := range []string{k.Last, text.Plain(k.Note, journal.MaxNote)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " · ")
}
