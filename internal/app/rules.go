package app

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/rules"
	"calltray/internal/text"
	"calltray/internal/webpage"
)

// callEvents derives from the states what has happened to the calls, and runs the rules of the settings.
type callEvents struct {
	app     *App
	runner  rules.Runner
	sources time.Duration                // for the contacts, before a rule continues without them
	again   time.Duration                // within which a missed call may come from the queue again
	tell    func(rules.Event, csta.Call) // runs the rules about an event; it does not block

	// The following is owned by whoever holds App.telling.
	life    context.Context // of the application; nil before
	calls   map[csta.ConnectionID]fired
	rung    linkages    // of calls that have rung and were not answered since
	missed  linkages    // of those reported to rules as missed
	waiting []csta.Call // missed calls that may come again
}

// fired says which events of a call were reported to rules.
type fired struct {
	rung, dialled, answered, ended bool

	linkage string
}

// linkages are the calls with which a queue tries a telephone several times.
type linkages []string

const (
	linkagesKept = 100
	sourcesLimit = 1500 * time.Millisecond
	againLimit   = 30 * time.Second
	quitLimit    = time.Second // for rules that still have to run
)

// hasAttempts reports whether a later call may be another attempt of this one.
func hasAttempts(c csta.Call) bool { return c.Linkage != "" && c.Linkage != c.ID.CallID }

// add adds a call, and reports whether it is the first attempt.
func (l *linkages) add(c csta.Call) bool {
	if !hasAttempts(c) {
		return true
	}
	if slices.Contains(*l, c.Linkage) {
		return false
	}
	*l = append((*l)[max(0, len(*l)-linkagesKept):], c.Linkage)
	return true
}

// remove removes a call.
func (l *linkages) remove(c csta.Call) {
	*l = slices.DeleteFunc(*l, func(linkage string) bool { return linkage == c.Linkage })
}

func newCallEvents(a *App, settings account.Settings) *callEvents {
	h := &callEvents{app: a, sources: sourcesLimit, again: againLimit}
	h.tell = h.carryOut
	h.runner.Open = func(ctx context.Context, page *url.URL) error {
		tried, err := a.ui.OpenPage(ctx, page)
		if !tried && err == nil {
			return rules.ErrStorm
		}
		return err
	}
	h.runner.Proxy = func(r *http.Request) (*url.URL, error) { return signedProxy(a.current().Proxy, r) }
	h.runner.Failed = func(line int, err error) { a.ui.Report(ruleMessage(line, err).String()) }
	h.runner.Set(settings.Rules)
	return h
}

// live enables rules until ctx ends.
func (h *callEvents) live(ctx context.Context) {
	h.app.telling.Lock()
	defer h.app.telling.Unlock()
	h.life = ctx
	h.runner.Begin()
}

// follow applies a state. The caller holds App.telling.
func (h *callEvents) follow(st csta.State) {
	before := h.calls
	h.calls = make(map[csta.ConnectionID]fired, len(st.Calls))
	for id, t := range before {
		if st.Status != csta.Online && !t.ended {
			h.calls[id] = t // it may still be there when the link is back
		}
	}
	for _, c := range st.Calls {
		t, known := before[c.ID]
		if !known && (c.Phase == csta.Active || c.Phase == csta.Held) { // it was answered before we knew of it
			t = fired{rung: true, dialled: true, answered: true}
		}
		t.linkage = c.Linkage
		first := func(done *bool, due bool) bool {
			due = due && !*done
			*done = *done || due
			return due
		}
		if first(&t.rung, c.Direction == csta.Incoming && c.Alerts()) && h.rung.add(c) {
			h.tell(rules.Rings, c)
		}
		// A user who first lifts the handset has not dialled anything yet.
		if first(&t.dialled, c.Direction == csta.Outgoing && (c.Phase == csta.Active || c.Phase != csta.Ended && c.Remote.Number != "")) {
			h.tell(rules.Dialled, c)
		}
		if first(&t.answered, c.Phase == csta.Active) {
			h.rung.remove(c) // it may be transferred back to us
			h.missed.remove(c)
			h.waiting = slices.DeleteFunc(h.waiting, func(w csta.Call) bool { return w.Linkage == c.Linkage })
			h.tell(rules.Answered, c)
		}
		if first(&t.ended, c.Phase == csta.Ended) {
			h.end(c)
		}
		h.calls[c.ID] = t
	}
}

// end reports a call that has ended. A missed call is reported once for all attempts of a queue, when no
// further one has come.
func (h *callEvents) end(c csta.Call) {
	h.waiting = slices.DeleteFunc(h.waiting, c.Supersedes)
	switch {
	case c.Outcome != csta.Missed:
	case !hasAttempts(c):
		h.tell(rules.Missed, c)
	default:
		h.waiting = append(h.waiting, c)
		time.AfterFunc(h.again, func() { h.lost(c) })
	}
	h.tell(rules.Ended, c)
}

// alive reports whether a later attempt of a call is still in progress.
func (h *callEvents) alive(c csta.Call) bool {
	for _, t := range h.calls {
		if t.linkage == c.Linkage && !t.ended {
			return true
		}
	}
	return false
}

// lost reports a call as missed, if nothing was heard of it since.
func (h *callEvents) lost(c csta.Call) {
	h.app.telling.Lock()
	defer h.app.telling.Unlock()
	at := slices.IndexFunc(h.waiting, func(w csta.Call) bool { return w.ID == c.ID && w.Since.Equal(c.Since) })
	if at < 0 {
		return
	}
	if h.alive(c) {
		time.AfterFunc(h.again, func() { h.lost(c) })
		return
	}
	h.waiting = slices.Delete(h.waiting, at, at+1)
	if h.missed.add(c) {
		h.tell(rules.Missed, c)
	}
}

// quit reports the missed calls that may come again, since nobody will be there to see it, and gives the rules
// a moment to run.
func (h *callEvents) quit() {
	h.app.telling.Lock()
	for _, c := range h.waiting {
		if !h.alive(c) && h.missed.add(c) {
			h.tell(rules.Missed, c)
		}
	}
	h.waiting = nil
	h.app.telling.Unlock()
	h.runner.Finish(quitLimit)
}

// carryOut runs the rules about an event.
func (h *callEvents) carryOut(e rules.Event, c csta.Call) {
	if h.life == nil || !h.runner.Wants(e) {
		return
	}
	number := csta.DeviceID(c.Remote.Number).Number()
	own := h.app.names.known()[number]
	h.runner.Happened(h.life, e, func(life context.Context, names bool) rules.Happening {
		ctx, cancel := context.WithTimeout(life, h.sources)
		defer cancel()
		found, err := h.app.book.Lookup(ctx, number) // if it fails, the PBX's name remains
		if names && err == nil && found.Name == "" && found.Company == "" {
			found = h.app.people.stranger(life, c, h.app.ui.Internal)
		}
		name := c.Remote.Name
		if own == "" {
			name = cmp.Or(nameOf(found), name)
		}
		talked := time.Duration(0)
		switch {
		case c.Answered.IsZero():
		case c.Phase == csta.Ended:
			talked = c.Since.Sub(c.Answered)
		default:
			talked = time.Since(c.Answered)
		}
		return rules.Happening{Event: e, Source: found.Source, Internal: number != "" && h.app.ui.Internal(number), Call: webpage.Call{
			Number: number, E164: h.app.ui.E164(number), Name: name, Company: found.Company, Direction: c.Direction.String(),
			Queue: csta.DeviceID(c.Via).Number(), Outcome: c.Outcome.String(), Talked: max(0, talked), Linkage: c.Linkage,
		}}
	})
}

// tryRules runs rules with an imaginary call, and returns a sentence about the result. The error is a sentence,
// too.
func (a *App) tryRules(ctx context.Context, written string) (string, error) {
	if _, err := a.current().With(account.FieldRules, written); err != nil {
		return "", err
	}
	results, err := a.events.runner.Try(ctx, written, rules.Happening{Source: rules.Own, Call: webpage.Call{
		Number: "22334455", E164: "+4522334455", Name: "Anna Holm", Company: "Ærø Bageri", Direction: csta.Incoming.String(),
		Queue: "900", Outcome: csta.Answered.String(), Talked: 90 * time.Second, Linkage: "test"}})
	if err != nil {
		return "", err
	}
	for _, r := range results {
		if r.Err != nil {
			return "", &text.Error{Err: r.Err, Message: ruleMessage(r.Line, r.Err)}
		}
	}
	if len(results) == 0 {
		return text.Say("There are no rules yet: delete the # in front of an example, and write your own address there."), nil
	}
	if len(results) == 1 {
		return text.Say("The rule worked."), nil
	}
	return text.Say("All {{.Count}} rules worked.", "Count", strconv.Itoa(len(results))), nil
}

// ruleMessage returns the sentence about a failed rule.
func ruleMessage(line int, err error) text.Message {
	cause := text.Plain(err.Error(), text.MaxWords)
	for of, words := range map[error]string{
		rules.ErrSlow: text.Say("it took longer than ten seconds, so Calltray stopped it"), rules.ErrAway: text.Say("the server redirects to another address"),
		rules.ErrStorm: text.Say("there was too much to do at once"), rules.ErrBatch: text.Say("it is a batch file"),
		rules.ErrShell: text.Say("it is a shell, which takes names for commands"),
	} {
		if errors.Is(err, of) {
			cause = words
		}
	}
	return text.New("rule", "The rule in line {{.Line}} did not work ({{.Cause}}): look at the rules in the settings.", "Line", strconv.Itoa(line), "Cause", cause)
}
