package pbxsim

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// told returns the next messages, each as its root and the named leaves.
func told(c client, n int, leaves ...string) []string {
	var all []string
	for range n {
		m := c.next()
		all = append(all, strings.TrimSuffix(m.say(leaves...), " "))
	}
	return all
}

func equal(t *testing.T, got []string, want ...string) {
	t.Helper()
	for i := range got {
		got[i] = strings.Replace(got[i], "Event", "", 1) // the hub's targets have none
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestReleasingDevice(t *testing.T) {
	for word, want := range map[string]string{"party": "22334455", "own": "200", "caller": "22334455", "called": "200", "none": ""} {
		t.Run(word, func(t *testing.T) {
			both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
				c := dial()
				login(t, c, "200")
				run(t, p, "set releasing-device "+word+"\nset no-answer 50ms\ncall 22334455 200")
				equal(t, told(c, 2, "releasingdevice.deviceidentifier", "cause"), "Delivered  newCall", strings.TrimSpace("ConnectionCleared "+want+" No user responding"))
			})
		})
	}
}

func TestStackedMonitors(t *testing.T) {
	for _, tickets := range []string{"off", "on"} {
		both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
			c := dial()
			run(t, p, "set stack-monitors on\nset ticket-refs "+tickets)
			login(t, c, "200", "200")
			want := []string{"Delivered u-12345678-200", "Delivered u-12345678-200"}
			first := "u-12345678-200"
			if tickets == "on" {
				want, first = []string{"Delivered 70001", "Delivered 70002"}, "70001"
			}
			run(t, p, "call 22334455 200")
			equal(t, told(c, 2, "monitorcrossrefid"), want...)
			c.request("MonitorStop", "monitorCrossRefID="+first)
			if m := c.next(); m.root != "MonitorStopResponse" {
				t.Fatalf("got %v", m)
			}
			run(t, p, "clear")
			equal(t, told(c, 1, "monitorcrossrefid"), "ConnectionCleared "+strings.TrimPrefix(want[1], "Delivered "))
			c.request("MonitorStop", "monitorCrossRefID="+strings.TrimPrefix(want[1], "Delivered "))
			if m := c.next(); m.root != "MonitorStopResponse" {
				t.Fatalf("got %v", m)
			}
			c.request("MonitorStop", "monitorCrossRefID="+first)
			if m := c.next(); m.root != "CSTAErrorCode" {
				t.Fatalf("a third stop of two monitors: %v", m)
			}
		})
	}
}

// TestTicketsOfATrunk: each object of a trunk has a ticket, which MonitorStarted tells.
func TestTicketsOfATrunk(t *testing.T) {
	both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
		c := dial()
		run(t, p, "set ticket-refs on")
		login(t, c)
		c.request("MonitorTrunk", "monitorObject.deviceObject=1")
		refs := map[string]string{}
		trunk := ""
		for range 6 {
			m := c.next()
			if m.root == "MonitorStartResponse" {
				trunk = m.leaf["monitorcrossrefid"]
				continue
			}
			refs[m.leaf["monitoredconnection.deviceid"]] = m.leaf["monitoredconnection.monitorcrossrefid"]
		}
		run(t, p, "call 22334455 200")
		m := c.next() // the caller's leg is the trunk's
		if m.leaf["monitorcrossrefid"] != trunk {
			t.Errorf("trunk %q, told under %q", trunk, m.leaf["monitorcrossrefid"])
		}
		m = c.next()
		if ref := m.leaf["monitorcrossrefid"]; ref == "" || ref != refs["200"] || ref == "u-12345678-200" {
			t.Errorf("200 has %q of %v", ref, refs)
		}
	})
}

func TestIgnoredAgain(t *testing.T) {
	both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
		c := dial()
		run(t, p, "set ignored-again MonitorStart")
		login(t, c, "200")
		c.request("MonitorStart", "monitorObject.deviceObject=201")
		c.request("GetDoNotDisturb", "device=200")
		if m := c.next(); m.root != "GetDoNotDisturbResponse" {
			t.Fatalf("got %v: the second MonitorStart is not ignored", m)
		}
		other := dial() // on another link it is the first
		login(t, other, "200")
	})
}

func TestOneSession(t *testing.T) {
	both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
		first := dial()
		login(t, first, "200")
		run(t, p, "set one-session oldest")
		second := dial()
		second.request("StartApplicationSession", loginArgs("user@example.dk", "secret", p.Domain())...)
		if m := second.next(); m.root != "StartApplicationSessionNegResponse" {
			t.Fatalf("got %v", m)
		}
		run(t, p, "set one-session newest")
		login(t, second, "200")
		run(t, p, "await links 1\ncall 22334455 200")
		equal(t, told(second, 1, "cause"), "Delivered newCall")
	})
}

func TestSessionDuration(t *testing.T) {
	for _, told := range []string{"9300000000", "0", "-1", "forever", "1e9"} {
		both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
			run(t, p, "set session-duration "+told)
			c := dial()
			c.request("StartApplicationSession", loginArgs("user@example.dk", "secret", p.Domain())...)
			if m := c.next(); m.leaf["actualsessionduration"] != told {
				t.Errorf("got %v", m)
			}
			c.request("ResetApplicationSessionTimer")
			if m := c.next(); m.leaf["actualsessionduration"] != told {
				t.Errorf("renewed: got %v", m)
			}
		})
	}
}

func TestSnapshotStates(t *testing.T) {
	both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
		c := dial()
		login(t, c)
		run(t, p, "set snapshot ecma\ncall 22334455 200\nanswer 200\nhold 200\ncall 33445566 200")
		for states, want := range map[string]int{"-": 2, "connected": 0, "alerting": 1, "held": 1, "alerting,held": 2} {
			run(t, p, "set snapshot-states "+states)
			c.request("SnapShotDevice", "snapshotObject.deviceObject=200")
			m := c.next()
			if n := strings.Count(m.raw, "onnectionIdentifier") / map[bool]int{true: 2, false: 1}[strings.HasPrefix(m.raw, "<")]; n != want {
				t.Errorf("%s: %d calls, want %d: %v", states, n, want, m)
			}
		}
	})
}

func TestWithheld(t *testing.T) {
	for as, want := range map[string]string{"-": "anonymous", "restricted": "restricted", "sip:anonymous@anonymous.invalid": "sip:anonymous@anonymous.invalid"} {
		both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
			c := dial()
			login(t, c, "200")
			run(t, p, "set withheld-as "+as+"\ncall withheld 200")
			equal(t, told(c, 1, "callingdevice.deviceidentifier", "privatedata.remoteuser", "networkcallingdevice.deviceidentifier"), "Delivered "+want+" "+want+" "+want)
			run(t, p, "answer 200\nclear withheld")
			equal(t, told(c, 2, "callingdevice.deviceidentifier", "releasingdevice.deviceidentifier"), "Established "+want, "ConnectionCleared  "+want)
		})
	}
}

func TestNumbersAs(t *testing.T) {
	for as, want := range map[string]string{"plain": "22334455", "dashes": "+45-22-33-44-55", "sip": "sip:+4522334455@pbx.example.dk;user=phone", "brackets": "<sip:+4522334455", "percent": "%2B4522334455"} {
		both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
			c := dial()
			login(t, c, "200")
			run(t, p, "set numbers-as "+as+"\ncall 22334455 200")
			equal(t, told(c, 1, "callingdevice.deviceidentifier", "privatedata.remoteuser", "calleddevice.deviceidentifier"), "Delivered "+want+" "+want+" 200")
		})
	}
}

func TestLoseCleared(t *testing.T) {
	both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
		c := dial()
		login(t, c, "200")
		run(t, p, "set lose-cleared 1\ncall 22334455 200\nclear\ncall 22334455 200\nclear")
		equal(t, told(c, 3, "cause"), "Delivered newCall", "Delivered newCall", "ConnectionCleared Normal Clearing")
	})
}

// TestReuseCallIDs: the next call has the callID of the last, and a linkage of its own.
func TestReuseCallIDs(t *testing.T) {
	both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
		c := dial()
		login(t, c, "200")
		run(t, p, "set reuse-call-ids on\ncall 22334455 200\nclear\ncall 33445566 200\ncall 44556677 200")
		first := c.next()
		c.next()
		second, third := c.next(), c.next()
		id := func(m message) string { return m.leaf["connection.callid"] }
		link := func(m message) string { return m.leaf["calllinkagedata.globalcalldata.globalcalllinkageid"] }
		if id(first) != id(second) || link(first) == link(second) || id(third) == id(second) || link(first) == "" {
			t.Errorf("callIDs %s, %s, %s, linkages %s, %s", id(first), id(second), id(third), link(first), link(second))
		}
	})
}

// TestInvocationIDs: what the hub invokes with an invocationId wants a completion, which is noted.
func TestInvocationIDs(t *testing.T) {
	p := newPBX(t, Config{})
	url, err := p.ListenHTTP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := dialHub(t, url)
	login(t, c, "200")
	lines := make(chan string, 100)
	defer p.Watch(func(line string) { lines <- line })()
	run(t, p, "set invocation-ids on\ncall 22334455 200\ninject invocation")
	if rec := c.record(); !strings.HasPrefix(rec, `{"type":1,"invocationId":"1","target":"Delivered"`) {
		t.Errorf("got %s", rec)
	}
	if rec := c.record(); rec != `{"type":1,"invocationId":"2","target":"AreYouThere","arguments":[]}` {
		t.Errorf("got %s", rec)
	}
	c.write(`{"type":3,"invocationId":"1","result":null}` + "\x1e" + `{"type":3,"invocationId":"2","error":"no such method"}` + "\x1e")
	for _, want := range []string{"link 1 completion 1 result", "link 1 completion 2 error"} {
		for line := range lines {
			if strings.Contains(line, " completion ") {
				if line != want {
					t.Errorf("noted %q, want %q", line, want)
				}
				break
			}
		}
	}
}

func TestNegotiation(t *testing.T) {
	p := newPBX(t, Config{})
	url, err := p.ListenHTTP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	post := func() *http.Response {
		t.Helper()
		r, err := http.Post(url+"/negotiate?negotiateVersion=1", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = r.Body.Close() })
		return r
	}
	run(t, p, "set hub-status 503\nset retry-after 7s")
	if r := post(); r.StatusCode != 503 || r.Header.Get("Retry-After") != "7" {
		t.Errorf("got %d, Retry-After %q", r.StatusCode, r.Header.Get("Retry-After"))
	}
	run(t, p, "set hub-status 0\nset cookie on")
	for _, with := range []bool{false, true} {
		r := post()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		_, token, _ := strings.Cut(string(body), `"connectionToken":"`)
		token, _, _ = strings.Cut(token, `"`)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"?id="+token, nil)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="} {
			req.Header.Set(k, v)
		}
		if with {
			for _, c := range r.Cookies() {
				req.AddCookie(c)
			}
		}
		up, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = up.Body.Close()
		if want := map[bool]int{true: 101, false: 404}[with]; up.StatusCode != want {
			t.Errorf("with the cookie %v: status %d, want %d", with, up.StatusCode, want)
		}
	}
}

// TestEverySwitch turns every switch to each of its words, and back.
func TestEverySwitch(t *testing.T) {
	var b Behaviour
	for _, line := range strings.Split(b.switches(), "\n") {
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != "set" {
			continue
		}
		name, before := words[1], words[2]
		for _, value := range []string{"on", "3", "3s", "AnswerCall", before} {
			if err := b.set(name, value); err != nil && value == before {
				t.Errorf("set %s %s, as it was: %v", name, value, err)
			}
		}
	}
	if b != (Behaviour{}) {
		t.Errorf("set back, it is %+v", b)
	}
}

// TestUnknownWords: a Go program with a misspelt value fails at once.
func TestUnknownWords(t *testing.T) {
	panics := func(do func()) (got any) {
		defer func() { got = recover() }()
		do()
		return nil
	}
	const want = `pbxsim: "terminated" is not a value of Behaviour.Timer: it takes ignored, terminate, close`
	p := newPBX(t, Config{Behaviour: Behaviour{Timer: "close"}})
	if got := panics(func() { p.Set(func(b *Behaviour) { b.Timer = "terminated" }) }); got != want {
		t.Errorf("Set: got %v", got)
	}
	if got := p.Behaviour().Timer; got != "close" {
		t.Errorf("the timer is %q", got)
	}
	if got := panics(func() { New(Config{Behaviour: Behaviour{Timer: "terminated"}}) }); got != want {
		t.Errorf("New: got %v", got)
	}
}
