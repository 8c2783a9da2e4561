package app

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/rules"
	"calltray/internal/text"
	"calltray/internal/webpage"
)

// happenings finds out from the states what has happened to the calls, and has the rules of the settings carried out.
type happenings struct {
	app    *App
	runner rules.Runner

	// What is below belongs to who holds App.telling.
	life   context.Context // of the application; nil before
	calls  map[csta.ConnectionID]told
	missed []string // linkages of calls that were missed: a queue rings a telephone several times with one call
}

// told is what rules were told of a call.
type told struct{ rung, dialled, answered, ended bool }

const (
	missedKept   = 100
	sourcesDelay = 1500 * time.Millisecond // for the contacts, before a rule does without them
)

func newHappenings(a *App, settings account.Settings) *happenings {
	h := &happenings{app: a}
	h.runner.Open = func(page *url.URL) error { a.ui.OpenPage(page); return nil }
	h.runner.Proxy = func(r *http.Request) (*url.URL, error) { return signedProxy(a.current().Proxy, r) }
	h.runner.Failed = func(line int, err error) { a.ui.Say(ruleTrouble(line, err)) }
	h.runner.Set(settings.Rules)
	return h
}

// live has rules carried out from now on, until ctx ends.
func (h *happenings) live(ctx context.Context) {
	h.app.telling.Lock()
	defer h.app.telling.Unlock()
	h.life = ctx
	h.runner.Begin()
}

// follow takes a state. The caller holds App.telling.
func (h *happenings) follow(st csta.State) {
	before := h.calls
	h.calls = make(map[csta.ConnectionID]told, len(st.Calls))
	for id, t := range before {
		if st.Status != csta.Online && !t.ended {
			h.calls[id] = t // it may be there when the link is back
		}
	}
	for _, c := range st.Calls {
		t, known := before[c.ID]
		if !known && (c.Phase == csta.Active || c.Phase == csta.Held) { // it was answered before we knew of it
			t = told{rung: true, dialled: true, answered: true}
		}
		once := func(done *bool, due bool, e rules.Event) {
			if due && !*done {
				*done = true
				h.tell(e, c)
			}
		}
		once(&t.rung, c.Direction == csta.Incoming && c.Alerts(), rules.Rings)
		once(&t.dialled, c.Direction == csta.Outgoing && c.Phase != csta.Ended, rules.Dialled)
		once(&t.answered, c.Phase == csta.Active, rules.Answered)
		if c.Phase == csta.Ended && !t.ended && c.Outcome == csta.Missed {
			h.tellMissed(c)
		}
		once(&t.ended, c.Phase == csta.Ended, rules.Ended)
		h.calls[c.ID] = t
	}
}

// tellMissed tells of a call that was missed, once for all attempts of a queue.
func (h *happenings) tellMissed(c csta.Call) {
	for _, linkage := range h.missed {
		if linkage == c.Linkage && linkage != "" && linkage != c.ID.CallID {
			return
		}
	}
	h.missed = append(h.missed[max(0, len(h.missed)-missedKept):], c.Linkage)
	h.tell(rules.Missed, c)
}

// tell has the rules about an event carried out.
func (h *happenings) tell(e rules.Event, c csta.Call) {
	if h.life == nil || !h.runner.Wants(e) {
		return
	}
	number := csta.DeviceID(c.Remote.Number).Number()
	own := h.app.names.known()[number]
	h.runner.Happened(h.life, func(ctx context.Context) rules.Happening {
		ctx, cancel := context.WithTimeout(ctx, sourcesDelay)
		defer cancel()
		found, _ := h.app.book.Lookup(ctx, number) // without it, what the PBX tells
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

// tryRules carries rules out with a call that nobody makes, and returns a sentence about what became of them. An error
// is one, too.
func (a *App) tryRules(ctx context.Context, written string) (string, error) {
	if _, err := a.current().With(account.FieldRules, written); err != nil {
		return "", err
	}
	results, err := a.happenings.runner.Try(ctx, written, rules.Happening{Source: rules.Own, Call: webpage.Call{
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
	return text.Say("All {{.Count}} rules worked.", "Count", strconv.Itoa(len(results))), nil
}

func ruleTrouble(line int, err error) string { return ruleMessage(line, err).String() }

// ruleMessage is the sentence about a rule that failed.
func ruleMessage(line int, err error) text.Message {
	cause := text.Plain(err.Error(), text.MaxWords)
	for of, words := range map[error]string{
		rules.ErrSlow: text.Say("it took longer than ten seconds"), rules.ErrAway: text.Say("the server wants another address"),
		rules.ErrStorm: text.Say("too many calls at a time"), rules.ErrBatch: text.Say("it is a batch file"),
	} {
		if errors.Is(err, of) {
			cause = words
		}
	}
	return text.New("rule", "The rule in line {{.Line}} did not work ({{.Cause}}): look at the rules in the settings.", "Line", strconv.Itoa(line), "Cause", cause)
}
