package app

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/rules"
)

// begin starts a, and waits until its session, which has no address, has reported that: from then on, only the
// test shows states.
func begin(t *testing.T, a *App) (end func()) {
	t.Helper()
	end = a.Begin(t.Context())
	for deadline := time.Now().Add(time.Minute); a.State().Err == nil; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the session does not end")
		}
	}
	return end
}

// Each event of a call is reported to the rules once, with the contact's name, and not again if the same state
// comes again or the link was down.
func TestRulesAreToldOfCalls(t *testing.T) {
	got := make(chan map[string]string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body map[string]string
		_ = json.NewDecoder(r.Body).Decode(&body)
		body["path"] = r.URL.Path
		got <- body
	}))
	defer server.Close()
	var written []string
	for _, event := range []string{"rings", "answered", "ended", "missed", "dialled"} {
		written = append(written, event+" => post "+server.URL+"/all")
	}
	written = append(written, "rings internal => post "+server.URL+"/internal", "missed queue external source:own => post "+server.URL+"/own")
	a := New(Config{Settings: account.Settings{Rules: strings.Join(written, "\n"), Proxy: "none"}, Demo: true, Logger: slog.New(slog.DiscardHandler)})
	a.events.sources, a.events.again = time.Minute, time.Millisecond // however slow this machine is
	defer begin(t, a)()
	if err := a.saveContact(t.Context(), "22334455", "Anna Holm", "Ærø Bageri"); err != nil {
		t.Fatal(err)
	}
	call := func(id string, phase csta.Phase, number string) csta.Call {
		return csta.Call{ID: csta.ConnectionID{CallID: id}, Linkage: "L" + id, Phase: phase, Remote: csta.Party{Number: number, Name: "PBX"}, Since: time.Now()}
	}
	// sees gives a state, and returns what the server was told: event, path, name.
	sees := func(want int, calls ...csta.Call) (list []string) {
		t.Helper()
		a.show(csta.State{Status: csta.Online, Calls: calls})
		for range want {
			select {
			case b := <-got:
				list = append(list, fmt.Sprint(b["event"], " ", b["path"], " ", b["name"], " ", b["e164"], " ", b["seconds"], " ", b["outcome"]))
			case <-time.After(time.Minute):
				t.Fatalf("told only %q", list)
			}
		}
		slices.Sort(list)
		return list
	}
	ring, other := call("1", csta.Ringing, "22334455"), call("2", csta.Ringing, "203")
	other.Remote.Name = "Bo"
	for _, step := range []struct {
		what  string
		calls []csta.Call
		want  []string
	}{
		{"rings", []csta.Call{ring}, []string{"rings /all Anna Holm +4522334455 0 "}},
		{"again, and a colleague", []csta.Call{ring, other}, []string{"rings /all Bo 203 0 ", "rings /internal Bo 203 0 "}},
		{"answered", []csta.Call{func() csta.Call { c := ring; c.Phase, c.Answered = csta.Active, time.Now(); return c }()}, []string{"answered /all Anna Holm +4522334455 0 "}},
		{"ended", []csta.Call{func() csta.Call {
			c := ring
			c.Phase, c.Answered, c.Since, c.Outcome = csta.Ended, c.Since, c.Since.Add(7*time.Second), csta.Answered
			return c
		}()}, []string{"ended /all Anna Holm +4522334455 7 answered"}},
		{"dialled", []csta.Call{func() csta.Call { c := call("3", csta.Calling, "86121314"); c.Direction = csta.Outgoing; return c }()}, []string{"dialled /all PBX +4586121314 0 "}},
		{"answered before", []csta.Call{call("4", csta.Active, "86121314")}, nil},
		{"missed by a queue", []csta.Call{func() csta.Call {
			c := call("5", csta.Ended, "22334455")
			c.Outcome, c.Via = csta.Missed, "900"
			return c
		}()}, []string{"ended /all Anna Holm +4522334455 0 missed", "missed /all Anna Holm +4522334455 0 missed", "missed /own Anna Holm +4522334455 0 missed"}},
		{"and once more", []csta.Call{func() csta.Call {
			c := call("6", csta.Ended, "22334455")
			c.Outcome, c.Via, c.Linkage = csta.Missed, "900", "L5"
			return c
		}()}, []string{"ended /all Anna Holm +4522334455 0 missed"}},
	} {
		if list := sees(len(step.want), step.calls...); !slices.Equal(list, step.want) {
			t.Errorf("%s: %q, want %q", step.what, list, step.want)
		}
	}
	ring.ID.CallID = "7"
	sees(1, ring)
	a.show(csta.State{Status: csta.Connecting})
	sees(0, ring)
	a.events.runner.Wait()
	if len(got) != 0 {
		t.Errorf("told once more: %v", <-got)
	}
}

// A queue rings a telephone several times with one call: that is one call that rings, and it was missed only if nobody
// answers a later attempt. Whoever lifts the receiver has dialled when there is a number.
func TestEventsOfAttempts(t *testing.T) {
	incoming := func(id string, phase csta.Phase, outcome csta.Outcome) csta.Call {
		return csta.Call{ID: csta.ConnectionID{CallID: id}, Linkage: "Q", Phase: phase, Outcome: outcome, Via: "900", Remote: csta.Party{Number: "22334455"}, Since: time.Now()}
	}
	outgoing := func(phase csta.Phase, number string) csta.Call {
		return csta.Call{ID: csta.ConnectionID{CallID: "9"}, Linkage: "O", Direction: csta.Outgoing, Phase: phase, Remote: csta.Party{Number: number}}
	}
	direct := func(phase csta.Phase, outcome csta.Outcome) csta.Call {
		return csta.Call{ID: csta.ConnectionID{CallID: "8"}, Linkage: "8", Phase: phase, Outcome: outcome}
	}
	const second, ringing, ended = time.Second, csta.Ringing, csta.Ended
	type step struct {
		after time.Duration
		call  csta.Call
	}
	for what, test := range map[string]struct {
		steps []step
		want  []string
	}{
		"answered at the second attempt": {[]step{
			{0, incoming("1", ringing, 0)}, {9 * second, incoming("1", ended, csta.Missed)}, {9 * second, incoming("2", ringing, 0)},
			{25 * second, incoming("2", csta.Active, 0)}, {90 * second, incoming("2", ended, csta.Transferred)},
		}, []string{"rings 1", "ended 1", "answered 2", "ended 2"}},
		"answered by a colleague at the second": {[]step{
			{0, incoming("1", ringing, 0)}, {9 * second, incoming("1", ended, csta.Missed)}, {20 * second, incoming("2", ringing, 0)},
			{20 * second, incoming("2", ended, csta.AnsweredElsewhere)},
		}, []string{"rings 1", "ended 1", "ended 2"}},
		"missed three times": {[]step{
			{0, incoming("1", ringing, 0)}, {9 * second, incoming("1", ended, csta.Missed)}, {20 * second, incoming("2", ringing, 0)},
			{20 * second, incoming("2", ended, csta.Missed)}, {50 * second, incoming("3", ringing, 0)}, {9 * second, incoming("3", ended, csta.Missed)},
		}, []string{"rings 1", "ended 1", "ended 2", "missed 2", "ended 3"}},
		"transferred back": {[]step{
			{0, incoming("1", ringing, 0)}, {second, incoming("1", csta.Active, 0)}, {second, incoming("1", ended, csta.Transferred)},
			{second, incoming("2", ringing, 0)}, {second, incoming("2", ended, csta.Missed)},
		}, []string{"rings 1", "answered 1", "ended 1", "rings 2", "ended 2", "missed 2"}},
		"no queue": {[]step{{0, direct(ringing, 0)}, {second, direct(ended, csta.Missed)}}, []string{"rings 8", "missed 8", "ended 8"}},
		"dialled": {[]step{
			{0, outgoing(csta.Calling, "")}, {second, outgoing(csta.Calling, "86121314")}, {second, outgoing(csta.Active, "86121314")}, {second, outgoing(ended, "86121314")},
		}, []string{"dialled 9 86121314", "answered 9 86121314", "ended 9 86121314"}},
		"lifted only":            {[]step{{0, outgoing(csta.Calling, "")}, {second, outgoing(ended, "")}}, []string{"ended 9"}},
		"dialled who knows whom": {[]step{{0, outgoing(csta.Calling, "")}, {second, outgoing(csta.Active, "")}}, []string{"dialled 9", "answered 9"}},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var got []string
				h := &callEvents{app: &App{}, again: againLimit}
				h.tell = func(e rules.Event, c csta.Call) {
					number := c.Remote.Number
					if c.Direction == csta.Incoming {
						number = ""
					}
					got = append(got, strings.TrimSpace(fmt.Sprint(e, " ", c.ID.CallID, " ", number)))
				}
				follow := func(calls ...csta.Call) {
					h.app.telling.Lock()
					defer h.app.telling.Unlock()
					h.follow(csta.State{Status: csta.Online, Calls: calls})
				}
				for _, s := range test.steps {
					time.Sleep(s.after)
					follow(s.call)
					if s.call.Phase == ended {
						follow()
					}
				}
				time.Sleep(2 * againLimit)
				synctest.Wait()
				h.app.telling.Lock()
				defer h.app.telling.Unlock()
				if !slices.Equal(got, test.want) {
					t.Errorf("told %q, want %q", got, test.want)
				}
			})
		})
	}
}

// A call that a queue may send again is reported as missed when Calltray quits, unless it is ringing at that
// moment.
func TestMissedAtQuit(t *testing.T) {
	attempt := func(id string, phase csta.Phase, linkage string) csta.Call {
		return csta.Call{ID: csta.ConnectionID{CallID: id}, Linkage: linkage, Phase: phase, Outcome: csta.Missed, Via: "900"}
	}
	synctest.Test(t, func(t *testing.T) {
		var got []string
		h := &callEvents{app: &App{}, again: againLimit}
		h.tell = func(e rules.Event, c csta.Call) { got = append(got, fmt.Sprint(e, " ", c.ID.CallID)) }
		follow := func(calls ...csta.Call) {
			h.app.telling.Lock()
			defer h.app.telling.Unlock()
			h.follow(csta.State{Status: csta.Online, Calls: calls})
		}
		follow(attempt("1", csta.Ringing, "Q"), attempt("2", csta.Ringing, "R"))
		follow(attempt("1", csta.Ended, "Q"), attempt("2", csta.Ended, "R"))
		follow(attempt("3", csta.Ringing, "R"))
		got = nil
		began := time.Now()
		h.quit()
		if want := []string{"missed 1"}; !slices.Equal(got, want) || time.Since(began) > quitLimit {
			t.Errorf("told %q after %v, want %q", got, time.Since(began), want)
		}
		time.Sleep(2 * againLimit)
		synctest.Wait()
		if len(got) != 1 {
			t.Errorf("told again: %q", got)
		}
	})
}

// A rule that tells who calls waits for the look-up of a number that no contact has; one that does not is not kept back
// by it, and no other call is, either.
func TestRulesWaitForTheName(t *testing.T) {
	got, release := make(chan string, 10), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/who" {
			<-release
			fmt.Fprint(w, `{"name": "Anna Holm", "company": "Ærø Bageri"}`)
			return
		}
		got <- r.URL.Path + " " + r.URL.Query().Get("n")
	}))
	defer server.Close()
	written := "rings => post " + server.URL + "/plain?n={number} {\"x\": 1}\nrings => post " + server.URL + "/named?n={name} {\"x\": 1}"
	a := New(Config{Settings: account.Settings{Rules: written, LookupURL: server.URL + "/who?q={e164}", Proxy: "none"}, Demo: true, Logger: slog.New(slog.DiscardHandler)})
	a.people.unknown.Limit, a.events.sources = time.Minute, time.Minute // however slow this machine is
	defer begin(t, a)()
	a.show(csta.State{Status: csta.Online, Calls: []csta.Call{{ID: csta.ConnectionID{CallID: "1"}, Phase: csta.Ringing, Remote: csta.Party{Number: "22334455"}, Since: time.Now()}}})
	for _, want := range []string{"/plain 22334455", "/named Anna Holm"} {
		select {
		case said := <-got:
			if said != want {
				t.Errorf("the server was told %q, want %q", said, want)
			}
		case <-time.After(time.Minute):
			t.Fatalf("the server was not told %q", want)
		}
		if want[1] == 'p' {
			close(release)
		}
	}
}

// A sentence reports the result of trying the rules on the page.
func TestTryRules(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bad" {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer server.Close()
	a := New(Config{Settings: account.Settings{Proxy: "none"}, Demo: true, Logger: slog.New(slog.DiscardHandler)})
	for rules, want := range map[string]string{
		"# nothing": "There are no rules yet: delete the # in front of an example, and write your own address there.",
		"missed internal => post " + server.URL + "/\nrings => post " + server.URL + "/": "All 2 rules worked.",
		"missed => post " + server.URL + "/":                                             "The rule worked.",
		"\nmissed => post " + server.URL + "/bad":                                        "The rule in line 2 did not work (HTTP 403): look at the rules in the settings.",
		"sometimes => post " + server.URL:                                                "A rule begins with rings, answered, ended, missed or dialled.",
	} {
		said, err := a.tryRules(t.Context(), rules)
		if err != nil {
			said = err.Error()
		}
		if said != want {
			t.Errorf("%q: %q, want %q", rules, said, want)
		}
	}
}

// A number that no contact has is looked up while it calls: not a colleague's, not one that is known, not one of an
// earlier call, not one that the user dials. The name is filled in when it comes.
func TestUnknownNumbersAreLookedUp(t *testing.T) {
	asked := make(chan string, 10)
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Query().Get("q")
		<-release
		fmt.Fprint(w, `{"name": "Anna Holm", "company": "Ærø Bageri"}`)
	}))
	defer server.Close()
	a := New(Config{Settings: account.Settings{LookupURL: server.URL + "/?q={e164}", Proxy: "none"}, Demo: true, Logger: slog.New(slog.DiscardHandler)})
	a.people.unknown.Limit = time.Minute // however slow this machine is
	defer begin(t, a)()
	if err := a.saveContact(t.Context(), "86121314", "Bo", ""); err != nil {
		t.Fatal(err)
	}
	call := func(id, number string) csta.Call {
		return csta.Call{ID: csta.ConnectionID{CallID: id}, Phase: csta.Ringing, Remote: csta.Party{Number: number}, Since: time.Now()}
	}
	a.people.of("44444444") // somebody of the history
	st := csta.State{Status: csta.Online, Calls: []csta.Call{call("1", "203"), call("2", "86121314"), call("3", ""), call("4", "22334455"), call("5", "33445566")}}
	st.Calls[4].Direction, st.Calls[4].Phase = csta.Outgoing, csta.Calling
	wait := func(want string) {
		t.Helper()
		select {
		case q := <-asked:
			if q != want {
				t.Errorf("asked about %s, want %s", q, want)
			}
		case <-time.After(time.Minute):
			t.Fatal("nobody is asked")
		}
	}
	a.show(st)
	a.show(st)
	wait("+4522334455")
	if k := a.people.of("22334455"); k.Name != "" {
		t.Errorf("known too early: %+v", k)
	}
	close(release)
	defer func() {
		ringing := a.State().Calls[3]
		if said, want := a.describe(ringing), "Ærø Bageri"; !strings.Contains(said, want) {
			t.Errorf("the notification says %q, and not %q", said, want)
		}
		if ringing.Phase = csta.Ended; strings.Contains(a.describe(ringing), "Bageri") {
			t.Errorf("of a missed call the notification says %q", a.describe(ringing))
		}
	}()
	for deadline := time.Now().Add(time.Minute); a.people.of("22334455").Company != "Ærø Bageri" || a.State().Calls[3].Remote.Name != "Anna Holm"; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not filled in: %+v", a.people.of("22334455"))
		}
	}
	st.Calls = slices.Clone(st.Calls)      // what was shown is theirs
	st.Calls[2].Remote.Number = "44556677" // it was not told when the call came
	a.show(st)
	wait("+4544556677")
	a.people.wait()
	if len(asked) != 0 {
		t.Errorf("asked about %s, too", <-asked)
	}
}
