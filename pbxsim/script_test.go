package pbxsim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestScriptErrors(t *testing.T) {
	for _, c := range []struct{ script, want string }{
		{"dance", `line 1, "dance": there is no command "dance": type help to see all of them`},
		{"# a remark\n\n  call 22334455\n", `line 3, "call 22334455": type it as: call FROM TO [NAME]`},
		{`call 22334455 200 "Ærø`, `a quote is open`},
		{"call bager 200", "a number has digits, * and #, and may begin with +: type it without blanks"},
		{"call 200 201", "200 is an extension: type dial 200 201"},
		{"call 400 201", "400 is a queue, which calls nobody"},
		{"dial 22334455 201", "there is no extension 22334455: type call 22334455 201 for an outside caller"},
		{"dial 200 200", "200 cannot call itself"},
		{"answer", "there is no call that rings: type calls to see all"},
		{"answer 201", "201 has no call that rings: type calls to see all"},
		{"call 22334455 400\nanswer", "there is more than one call that rings: name the device or the callID of one of 201 SIP/hpbx-00000235, 202 SIP/hpbx-00000236"},
		{"clear", "there are 0 calls: type clear and the device of one"},
		{"hold", "there is no call that could be held"},
		{"retrieve 200", "200 has no call on hold"},
		{"deflect bager", "a number has digits"},
		{"transfer 200 201", "200 has no call to transfer"},
		{"busy 299 on", "there is no extension 299"},
		{"busy 200 maybe", `"maybe" is neither on nor off: type busy 200 on, or busy 200 off`},
		{"forward 299 off", "there is no extension 299"},
		{"forward 200 bager", "a number has digits"},
		{"consult 200 201", "200 has no call to ask about"},
		{"complete 200", "200 asks nobody: type consult 200 and a number"},
		{"pickup 200", "there is no call that rings"},
		{"call 22334455 201\npickup 299", "there is no extension 299"},
		{"dnd 299 on", "there is no extension 299"},
		{"dnd 200 maybe", `"maybe" is neither on nor off: type dnd 200 on`},
		{"forward 200 never 201", "there is no forwarding of the type never"},
		{"forward 200 immediate 200", "calls cannot be forwarded there"},
		{"forward 200 no-answer 201 soon", `"soon" is not a length of time`},
		{"member 499 201 in", "there is no queue 499"},
		{"member 400 200 in", "200 is no member of 400"},
		{"member 400 201 maybe", `"maybe" is neither in nor out: type member 400 201 in`},
		{"queue add", "type it as: queue add 410"},
		{"queue 499", "there is no queue 499"},
		{"phone 299", "there is no extension 299"},
		{"watch maybe", `"maybe" is neither on nor off: type watch on, or watch off`},
		{"queue mend 410", "type it as: queue add 410"},
		{"queue add 400", "there is a 400 already"},
		{"queue add 410 Salg 299", "there is no extension 299"},
		{"queue remove 410", "there is no queue 410"},
		{"conference 200", "200 asks nobody: type consult 200 and a number"},
		{"call 22334455 200\nanswer\nconsult 200 201\nconference 200", "somebody has not answered yet"},
		{"call 22334455 200\nanswer\nconsult 200 201\nanswer 201\nconference 200\ntransfer 200 202", "a conference cannot be transferred"},
		{"alternate 200", "200 asks nobody"},
		{"system down", `"down" is no state of a PBX: it is one of normal, disabled`},
		{"life 0/s", `"0/s" is no rate: type it as 2/s or 30/m`},
		{"life 2/day", `"2/day" is no rate`},
		{"wait long", `"long" is not a length of time: type it as 2s or 500ms`},
		{"await godot", "type it as: await monitor 200"},
		{"await monitor 299", "there is no extension or queue 299"},
		{"await links many", `"many" is not a number`},
		{"silence maybe", `"maybe" is neither on nor off: type silence on, or silence off`},
		{"restart soon", `"soon" is not a length of time`},
		{"inject soup", "type it as: inject unknown"},
		{"set", ""},
		{"set chunk", "type a value too: set chunk VALUE"},
		{"set chunk x", `"x" is not a number: type set chunk 1`},
		{"set chunk -1", `"-1" is not a number`},
		{"set timer never", `"never" is not a value of timer: type set timer and one of ignored, terminate, close`},
		{"set silence maybe", `"maybe" is neither on nor off: type set silence on, or set silence off`},
		{"set max-session soon", `"soon" is not a length of time`},
		{"set nonsense 1", `there is no switch "nonsense": type set to see all of them`},
		{"quit\ndance", ""},
		{"", ""},
	} {
		t.Run(c.script, func(t *testing.T) {
			err := newPBX(t, Config{Seed: 1}).Run(context.Background(), strings.NewReader(c.script), io.Discard)
			if got := fmt.Sprint(err); c.want == "" && err != nil || !strings.Contains(got, c.want) && err != nil || c.want != "" && err == nil {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestScriptOutput plays a script with a client, and compares all that is written.
func TestScriptOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPBX(t, Config{Seed: 1, Outside: Demo})
		in, typing := io.Pipe()
		var out strings.Builder
		ended := make(chan error)
		go func() { ended <- p.Run(t.Context(), in, &out) }()
		say := func(lines string) {
			_, _ = io.WriteString(typing, lines)
			synctest.Wait()
		}
		say("await monitor 200\ncall 22334455 200 \"Ærø Bageri\"\n")
		c := pipe(t, p)
		login(t, c, "200")
		m := c.next()
		say("await service AnswerCall\nwait 2s\ncalls\nlinks\nhold\ncalls\nclear\nawait idle\n")
		c.request("AnswerCall", "callToBeAnswered.callID="+m.leaf["connection.callid"], "callToBeAnswered.deviceID=200")
		for range 4 { // AnswerCallResponse, Established, Held, ConnectionCleared
			c.next()
		}
		c.request("Bad\u00a0name")
		c.next()
		c.request("MakeCall", "callingDevice=200", "calledDirectoryNumber=22 33")
		c.next()
		c.close()
		say("await links 0\ncalls\n")
		_ = typing.Close()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		linkage := m.leaf["calllinkagedata.globalcalldata.globalcalllinkageid"]
		want := strings.ReplaceAll(`link 1 open tcp pipe
service StartApplicationSession link 1
link 1 login user@example.dk
service MonitorStart 200 link 1
link 1 monitor u-12345678-200
event Delivered 22334455 SIP/hpbx-00000233
event Delivered 200 SIP/hpbx-00000234
call LINKAGE
service AnswerCall 200 SIP/hpbx-00000234 link 1
event Established 22334455 SIP/hpbx-00000233
event Established 200 SIP/hpbx-00000234
leg LINKAGE SIP/hpbx-00000233 22334455 Active out 200 200 "Ærø Bageri"
leg LINKAGE SIP/hpbx-00000234 200 Active in 22334455 200 "Ærø Bageri"
calls 1
link 1 tcp pipe user@example.dk u-12345678-200
links 1
event Held 200 SIP/hpbx-00000234
leg LINKAGE SIP/hpbx-00000233 22334455 Active out 200 200 "Ærø Bageri"
leg LINKAGE SIP/hpbx-00000234 200 Held in 22334455 200 "Ærø Bageri"
calls 1
event ConnectionCleared 22334455 SIP/hpbx-00000233
event ConnectionCleared 200 SIP/hpbx-00000234
link 1 error "not well-formed XML at line 1, column 11"
service MakeCall 200 "22 33" link 1
refused MakeCall "this cannot be dialled" link 1
link 1 closed
calls 0
`, "LINKAGE", linkage)
		if got := out.String(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

// TestEveryCommand plays every command once, so that help promises nothing that is not there.
func TestEveryCommand(t *testing.T) {
	p := newPBX(t, Config{})
	if _, err := p.ListenTCP("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	script := `
		help
		set
		call 22334455 200
		answer
		hold
		retrieve
		transfer 201
		deflect 201 202
		clear
		dial 200 22334455
		clear 200
		busy 200 on
		busy 200 off
		forward 200 201
		forward 200 off
		forward 200 no-answer 202 20s
		forward 200 no-answer off
		call 22334455 200
		answer
		consult 200 201
		answer 201
		alternate 200
		alternate 200
		reconnect 200
		consult 200 203
		answer 203
		conference 200
		clear 203
		consult 200 202
		answer 202
		complete 200
		clear 202
		call 22334455 201
		pickup 200 201
		clear 200
		dnd 200 on
		dnd 200 off
		member 400 201 out
		queue add 410 "Salg" 200,201
		queue remove 410
		system overloadReached
		life 2/s
		life off
		inject unknown
		inject malformed
		inject raw "<x/>\x00"
		drop
		forget
		silence
		silence off
		restart 0
		wait 0
		await idle
		links
		calls
		phone
		watch off
		quit
		this is never read`
	var out strings.Builder
	if err := p.Run(t.Context(), strings.NewReader(script), &out); err != nil {
		t.Fatal(err)
	}
	for _, c := range commands() {
		if !slices.ContainsFunc(strings.Fields(script), func(w string) bool { return w == c.name }) {
			t.Errorf("%s is not played", c.name)
		}
		if !strings.Contains(out.String(), "  "+strings.TrimSpace(c.name+" "+c.args)+"\n") {
			t.Errorf("help has no %s", c.name)
		}
	}
}

func TestRunEnds(t *testing.T) {
	p := newPBX(t, Config{})
	ctx, cancel := context.WithCancel(context.Background())
	in, typing := io.Pipe()
	defer typing.Close() // ends the read that Run leaves behind
	ended := make(chan error)
	go func() { ended <- p.Run(ctx, in, io.Discard) }()
	_, _ = io.WriteString(typing, "wait 1h\n")
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	in, typing = io.Pipe()
	go func() { _ = typing.CloseWithError(os.ErrPermission) }()
	if err := p.Run(context.Background(), in, io.Discard); !errors.Is(err, os.ErrPermission) {
		t.Errorf("got %v", err)
	}
}

// TestSeed: the same seed gives the same identifiers.
func TestSeed(t *testing.T) {
	ids := func(seed uint64) string {
		c, err := newPBX(t, Config{Seed: seed}).Call("22334455", "200", "")
		if err != nil {
			t.Fatal(err)
		}
		return c.Linkage()
	}
	one, again, two := ids(1), ids(1), ids(2)
	if one != again || one == two {
		t.Errorf("seeds 1, 1 and 2 give %s, %s and %s", one, again, two)
	}
	if random, other := ids(0), ids(0); random == other {
		t.Errorf("without a seed, twice %s", random)
	}
}

func TestCallHandle(t *testing.T) {
	p := newPBX(t, Config{})
	c, err := p.Call("22334455", "200", "Ærø Bageri")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	steps := []struct {
		name string
		do   func() error
		want string // statuses of the legs, or the error
	}{
		{"somebody else answers", func() error { return c.Answer("201") }, "201 has no part in the call"},
		{"answer", func() error { return c.Answer("200") }, "Active Active"},
		{"answer again", func() error { return c.Answer("200") }, "200 has no ringing call"},
		{"hold", func() error { return c.Hold("200") }, "Active Held"},
		{"hold again", func() error { return c.Hold("200") }, "200 is in no call that could be held"},
		{"retrieve", func() error { return c.Retrieve("200") }, "Active Active"},
		{"transfer", func() error { return c.Transfer("200", "400") }, "Active Queued Alerting Alerting"},
		{"deflect", func() error { return c.Deflect("201", "203") }, "Active Queued Alerting Alerting"},
		{"answer there", func() error { return c.Answer("203") }, "Active Active"},
		{"clear", func() error { return c.Clear("203") }, ""},
		{"clear again", func() error { return c.Clear("203") }, "the call is over"},
	}
	for _, s := range steps {
		got := ""
		if err := s.do(); err != nil {
			got = err.Error()
		} else if calls := p.Calls(); len(calls) > 0 {
			var statuses []string
			for _, l := range calls[0].Legs {
				statuses = append(statuses, l.Status)
			}
			got = strings.Join(statuses, " ")
		}
		if got != s.want {
			t.Errorf("%s: got %q, want %q", s.name, got, s.want)
		}
	}
	if d := time.Since(start); d > patience {
		t.Errorf("took %v", d)
	}
}
