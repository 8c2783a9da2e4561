package ui

import (
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"fyne.io/fyne/v2/test"

	"calltray/assets"
	"calltray/cstasession/csta"
	"calltray/internal/dialplan"
	"calltray/internal/journal"
	"calltray/internal/text"
)

func TestTrayMenu(t *testing.T) {
	test.NewTempApp(t)
	bakery := call("1", csta.Ringing, "22334455", "Ærø Bageri")
	talk := call("2", csta.Active, "203", "")
	dialling := call("3", csta.Calling, "112", "")
	hold := call("4", csta.Held, "", "")
	one := []dialplan.Number{{Dial: "+4522334455", Shown: "+45 22 33 44 55"}}
	online := func(calls ...csta.Call) csta.State {
		return csta.State{Status: csta.Online, Calls: calls}
	}
	always := "(Do not disturb (not known yet))|(Forward all calls… (not known yet))|Open|Settings|Quit"
	for _, c := range []struct {
		name    string
		state   csta.State
		numbers []dialplan.Number
		want    string // the titles; in brackets: out of use
	}{
		{"idle", online(), nil, "(Online · extension 200)|Dial…|Dial from clipboard…|" + always},
		{"a number on the clipboard", online(), one, "(Online · extension 200)|Dial…|Dial +45 22 33 44 55|" + always},
		{"two numbers on the clipboard", online(), append(one, one[0]), "(Online · extension 200)|Dial…|Dial from clipboard…|" + always},
		{"ringing", online(bakery), nil, "(Online · extension 200)|(Ærø Bageri · 22 33 44 55 is calling)|Answer|(Hold)|Hang up|Dial…|Dial from clipboard…|" + always},
		{"talking", online(talk), nil, "(Online · extension 200)|(Talking to 203)|(Answer)|Hold|Hang up|Dial…|Dial from clipboard…|" + always},
		{"dialling", online(dialling), nil, "(Online · extension 200)|(Calling 112)|(Answer)|(Hold)|Hang up|Dial…|Dial from clipboard…|" + always},
		{"on hold", online(hold), nil, "(Online · extension 200)|(On hold: Number withheld)|(Answer)|Resume|Hang up|Dial…|Dial from clipboard…|" + always},
		{"ended", online(ended("9", csta.Missed, "203", "")), nil, "(Online · extension 200)|Dial…|Dial from clipboard…|" + always},
		{"offline with a call", csta.State{Status: csta.Offline, Calls: []csta.Call{bakery}}, one,
			"(Offline · extension 200)|(Ærø Bageri · 22 33 44 55 is calling)|(Answer)|(Hold)|(Hang up)|Dial…|(Dial +45 22 33 44 55)|" + strings.ReplaceAll(always, "not known yet", "offline")},
		{"five calls", online(call("5", csta.Active, "5", ""), call("6", csta.Active, "6", ""), talk, dialling, bakery), nil,
			"(Online · extension 200)|(Ærø Bageri · 22 33 44 55 is calling)|Answer|(Hold)|Hang up|(Calling 112)|(Answer)|(Hold)|Hang up|(Talking to 203)|(Answer)|Hold|Hang up|2 more calls|Dial…|Dial from clipboard…|" + always},
	} {
		places := slots([trayCalls]csta.ConnectionID{}, c.state)
		var got []string
		for _, e := range trayMenu(c.state, places, "200", c.numbers, nil, "", false) {
			switch {
			case e.title == "":
			case e.disabled:
				got = append(got, "("+e.title+")")
			default:
				got = append(got, e.title)
			}
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, strings.Join(got, "|"), c.want)
		}
	}
}

// The tray tells that no call will ring here, and lets it be changed; it follows what others change.
func TestTrayTellsWhyNothingRings(t *testing.T) {
	test.NewTempApp(t)
	rule := func(kind string, active bool, to string) csta.Forwarding {
		return csta.Forwarding{Type: kind, Active: active, To: to}
	}
	ringing := call("1", csta.Ringing, "203", "")
	talk := call("1", csta.Active, "203", "")
	for _, c := range []struct {
		name           string
		status         csta.Status
		quiet          csta.Switch
		rules          []csta.Forwarding
		refused        string
		calls          []csta.Call
		icon           assets.Icon
		head           string
		quietAt, forAt string
	}{
		{"nothing known", csta.Online, csta.Unknown, nil, "", nil, assets.Online, "Online · extension 200",
			"(Do not disturb (not known yet))", "(Forward all calls… (not known yet))"},
		{"all off", csta.Online, csta.Off, []csta.Forwarding{}, "", nil, assets.Online, "Online · extension 200",
			"Do not disturb", "Forward all calls…"},
		{"do not disturb", csta.Online, csta.On, []csta.Forwarding{rule("forwardImmediate", false, "203")}, "", nil, assets.DoNotDisturb,
			"Online · extension 200 · do not disturb", "✓ Do not disturb", "Forward all calls to 203"},
		{"forwarded", csta.Online, csta.Off, []csta.Forwarding{rule("forwardBusy", true, "9"), rule("forwardImmediate", true, "22334455")}, "", nil, assets.Elsewhere,
			"Online · extension 200 · all calls go to 22 33 44 55", "Do not disturb", "✓ Forward all calls to 22 33 44 55"},
		{"both", csta.Online, csta.On, []csta.Forwarding{rule("forwardImmediate", true, "203")}, "", nil, assets.DoNotDisturb,
			"Online · extension 200 · do not disturb · all calls go to 203", "✓ Do not disturb", "✓ Forward all calls to 203"},
		{"some calls are forwarded", csta.Online, csta.Off, []csta.Forwarding{rule("forwardNoAns", true, "203")}, "", nil, assets.Online,
			"Online · extension 200", "Do not disturb", "Forward all calls…"},
		{"a call rings all the same", csta.Online, csta.On, nil, "", []csta.Call{ringing}, assets.Ringing,
			"Online · extension 200 · do not disturb", "✓ Do not disturb", "(Forward all calls… (not known yet))"},
		{"talking", csta.Online, csta.On, nil, "", []csta.Call{talk}, assets.InCall,
			"Online · extension 200 · do not disturb", "✓ Do not disturb", "(Forward all calls… (not known yet))"},
		{"offline, as last known", csta.Offline, csta.On, []csta.Forwarding{rule("forwardImmediate", true, "203")}, "", nil, assets.Offline,
			"Offline · extension 200", "(✓ Do not disturb (offline))", "(✓ Forward all calls to 203 (offline))"},
		{"refused", csta.Online, csta.Off, []csta.Forwarding{}, "SetDoNotDisturb SetForwarding", nil, assets.Online,
			"Online · extension 200", "(Do not disturb (the PBX does not offer it))", "(Forward all calls… (the PBX does not offer it))"},
		{"not told", csta.Online, csta.Unknown, nil, "GetDoNotDisturb GetForwarding", nil, assets.Online,
			"Online · extension 200", "(Do not disturb (the PBX does not offer it))", "(Forward all calls… (the PBX does not offer it))"},
		{"a hostile number", csta.Online, csta.Off, []csta.Forwarding{rule("forwardImmediate", true, "2\u202e0\n3{{.Who}}")}, "", nil, assets.Elsewhere,
			"Online · extension 200 · all calls go to “20 3{{.Who}}”", "Do not disturb", "✓ Forward all calls to “20 3{{.Who}}”"},
		{"forwarded to a word of the PBX", csta.Online, csta.Off, []csta.Forwarding{rule("forwardImmediate", true, "busy")}, "", nil, assets.Elsewhere,
			"Online · extension 200 · all calls go to the busy tone", "Do not disturb", "✓ Forward all calls to the busy tone"},
	} {
		s := csta.State{Status: c.status, Calls: c.calls, Telephone: csta.Telephone{DoNotDisturb: c.quiet, Forwarding: c.rules}, Refused: map[string]string{}}
		for _, service := range strings.Fields(c.refused) {
			s.Refused[service] = "serviceNotSupported"
		}
		m := trayMenu(s, [trayCalls]csta.ConnectionID{}, "200", nil, nil, "", false)
		shown := func(e entry) string {
			title := e.title
			if e.checked {
				title = "✓ " + title
			}
			if e.disabled {
				title = "(" + title + ")"
			}
			return title
		}
		if got := m[entryStatus].title; got != c.head {
			t.Errorf("%s: the headline is %q, want %q", c.name, got, c.head)
		}
		if got := shown(m[entryQuiet]); got != c.quietAt {
			t.Errorf("%s: %q, want %q", c.name, got, c.quietAt)
		}
		if got := shown(m[entryForward]); got != c.forAt {
			t.Errorf("%s: %q, want %q", c.name, got, c.forAt)
		}
		if got := trayIcon(s); got != c.icon {
			t.Errorf("%s: the icon is %s, want %s", c.name, got, c.icon)
		}
		tip := trayTip(s, journal.Unseen{}, "200", false, false)
		for _, words := range strings.Split(c.head, " · ")[2:] {
			if !strings.Contains(tip, " - "+words) {
				t.Errorf("%s: the tip is %q, want %q in it", c.name, tip, words)
			}
		}
	}
}

// While others see the screen, the tray tells of calls and of nobody; the window tells who calls.
func TestTrayOnASharedScreen(t *testing.T) {
	shared := false
	f := newFixture(t, func(c *Config) { c.Shared = func() bool { return shared } })
	f.openWindow()
	missed := journal.Unseen{Count: 2, Last: csta.Party{Name: "Anna Holm", Number: "22334455"}, Began: time.Date(2026, 1, 1, 9, 5, 0, 0, time.Local)}
	calls := []csta.Call{call("1", csta.Ringing, "86121314", "Bo Lund"), call("2", csta.Held, "203", "Mette")}
	all := func() string {
		f.online(calls...)
		m := trayMenu(f.ui.state, slots([trayCalls]csta.ConnectionID{}, f.ui.state), "200", nil, nil, "", shared)
		words := trayTip(f.ui.state, missed, "200", false, shared)
		for _, e := range m {
			words += "\n" + e.title
		}
		return words
	}
	for _, want := range []string{"Bo Lund", "Mette", "Anna Holm"} {
		if got := all(); !strings.Contains(got, want) {
			t.Errorf("not shared: %s", got)
		}
	}
	shared = true
	got := all()
	for _, name := range []string{"Bo Lund", "Mette", "Anna", "86", "203", "22"} {
		if strings.Contains(got, name) {
			t.Errorf("shared: %s", got)
		}
	}
	for _, want := range []string{"Incoming call", "On hold", "2 missed calls, the last 09:05"} {
		if !strings.Contains(got, want) {
			t.Errorf("shared: %q is not in %s", want, got)
		}
	}
	if said := strings.Join(saidIn(f.ui.window.window.Canvas().Content()), "\n"); !strings.Contains(said, "Bo Lund") {
		t.Errorf("the window says %s", said)
	}
}

// Nothing in the menu moves when a call changes its phase.
func TestTrayMenuOfACallMovesNothing(t *testing.T) {
	test.NewTempApp(t)
	for _, phase := range []csta.Phase{csta.Ringing, csta.Calling, csta.Active, csta.Held} {
		c := call("1", phase, "203", "")
		s := csta.State{Status: csta.Online, Calls: []csta.Call{c}}
		m := trayMenu(s, slots([trayCalls]csta.ConnectionID{}, s), "200", nil, nil, "", false)
		if a, h := m[entryFirstCall+1], m[entryFirstCall+3]; a.title != "Answer" || h.title != "Hang up" || h.disabled || a.disabled != (phase != csta.Ringing) {
			t.Errorf("%s: Answer is %+v, Hang up %+v", phase, a, h)
		}
	}
}

func TestTrayMenuWhileAServiceRuns(t *testing.T) {
	test.NewTempApp(t)
	c := call("1", csta.Ringing, "203", "")
	s := csta.State{Status: csta.Online, Calls: []csta.Call{c}}
	m := trayMenu(s, slots([trayCalls]csta.ConnectionID{}, s), "200", nil, map[doing]bool{{c.ID, actAnswer}: true}, "", false)
	if !m[entryFirstCall+1].disabled || m[entryFirstCall+3].disabled {
		t.Error("Answer can be chosen twice, or Hang up not at all")
	}
}

// A call keeps its place in the menu while others come and go.
func TestSlots(t *testing.T) {
	a, b, c, d := call("a", csta.Active, "", ""), call("b", csta.Active, "", ""), call("c", csta.Active, "", ""), call("d", csta.Active, "", "")
	var places [trayCalls]csta.ConnectionID
	for _, step := range []struct {
		calls []csta.Call
		want  string
	}{
		{[]csta.Call{a}, "a,,"},
		{[]csta.Call{a, b}, "a,b,"},
		{[]csta.Call{a, b, c}, "a,b,c"},
		{[]csta.Call{a, b, c, d}, "a,b,c"},
		{[]csta.Call{a, c, d}, "a,d,c"},
		{[]csta.Call{c}, ",,c"},
		{[]csta.Call{c, a}, "a,,c"},
		{nil, ",,"},
	} {
		places = slots(places, csta.State{Calls: step.calls})
		var got []string
		for _, p := range places {
			got = append(got, p.CallID)
		}
		if strings.Join(got, ",") != step.want {
			t.Errorf("places %q, want %q", strings.Join(got, ","), step.want)
		}
	}
}

func TestTrayIconAndTip(t *testing.T) {
	test.NewTempApp(t)
	ringing := call("1", csta.Ringing, "22334455", "Ærø Bageri")
	active := call("2", csta.Active, "203", "Bo")
	conference := active
	conference.Conference = true
	for _, c := range []struct {
		state csta.State
		icon  assets.Icon
		tip   string
	}{
		{csta.State{Status: csta.Online}, assets.Online, "Calltray - online - extension 200"},
		{csta.State{Status: csta.Connecting}, assets.Connecting, "Calltray - connecting - extension 200"},
		{csta.State{}, assets.Offline, "Calltray - offline - extension 200"},
		{csta.State{Err: csta.ErrLoginRefused}, assets.Offline, "Calltray - offline - " + text.Explain(csta.ErrLoginRefused)},
		{csta.State{Status: csta.Online, Calls: []csta.Call{active}}, assets.InCall, "Calltray - online - extension 200 - Talking to Bo · 203"},
		{csta.State{Status: csta.Online, Calls: []csta.Call{active, ringing}}, assets.Ringing, "Calltray - online - extension 200 - Ærø Bageri · 22 33 44 55 is calling"},
		{csta.State{Status: csta.Online, Calls: []csta.Call{ringing, active}}, assets.Ringing, "Calltray - online - extension 200 - Talking to Bo · 203"},
		{csta.State{Status: csta.Online, Calls: []csta.Call{ended("3", csta.Missed, "", "")}}, assets.Online, "Calltray - online - extension 200"},
		{csta.State{Status: csta.Online, Calls: []csta.Call{call("4", csta.Ringing, "", "<img src=x>")}}, assets.Ringing, "Calltray - online - extension 200 - ‹img src=x› is calling"},
		{csta.State{Status: csta.Offline, Calls: []csta.Call{ringing}}, assets.Offline, "Calltray - offline - extension 200"},
		{csta.State{Status: csta.Online, Calls: []csta.Call{asking("2-att", csta.Active, active, "204", "")}}, assets.InCall, "Calltray - online - extension 200 - Asking 204"},
		{csta.State{Status: csta.Online, Calls: []csta.Call{conference}}, assets.InCall, "Calltray - online - extension 200 - Conference with Bo · 203"},
	} {
		if got := trayIcon(c.state); got != c.icon {
			t.Errorf("%+v: icon %s, want %s", c.state, got, c.icon)
		}
		if got := trayTip(c.state, journal.Unseen{}, "200", false, false); got != c.tip {
			t.Errorf("tip %q, want %q", got, c.tip)
		}
	}
	if got := trayTip(csta.State{}, journal.Unseen{}, "", true, false); got != "Calltray (demo) - offline" {
		t.Errorf("the demo's tip is %q", got)
	}
}

// A name from right to left does not reverse the number beside it, nor the words: in the tooltip, also where it is
// cut for Windows, in the menu, and in the rows.
func TestNamesFromRightToLeftAreIsolated(t *testing.T) {
	const name = "שלום עולם"
	f := newFixture(t)
	page := f.openWindow()
	c := call("1", csta.Ringing, "22334455", name)
	c.Via, c.ViaName = "400", name
	s := csta.State{Status: csta.Online, Calls: []csta.Call{c}, Telephone: csta.Telephone{DoNotDisturb: csta.On}}
	f.ui.Show(s)
	f.settle()
	m := trayMenu(s, slots([trayCalls]csta.ConnectionID{}, s), "200", nil, nil, "", false)
	f.ui.choose(c.ID)
	isolated := "\u2068" + name + "\u2069"
	for where, got := range map[string]string{"menu": m[entryFirstCall].title, "tooltip": trayTip(s, journal.Unseen{}, "200", false, false), "tooltip of Windows": shortTip(trayTip(s, journal.Unseen{}, "200", false, false)),
		"row": page.rows[0].second.Text, "popup": f.ui.popup.cards[0].via.Text, "message": f.ui.window.message} {
		if !strings.Contains(got, isolated) {
			t.Errorf("%s: %q", where, got)
		}
	}
	long := "Calltray - " + "\u2068" + strings.Repeat("א", 200) + "\u2069 · 22 33 44 55"
	if got := shortTip(long); len(utf16.Encode([]rune(got))) > tipUnits || !strings.HasSuffix(got, "א\u2069…") {
		t.Errorf("cut it is %q, of %d units", got, len(utf16.Encode([]rune(got))))
	}
	for _, tip := range []string{"Calltray - online", strings.Repeat("a", tipUnits-2)} {
		if got := shortTip(tip); got != tip {
			t.Errorf("%q is cut to %q", tip, got)
		}
	}
}

func TestEscapeMenu(t *testing.T) {
	if got := escapeMenu("a_b & c"); got != "a__b & c" && got != "a_b && c" {
		t.Errorf("escapeMenu = %q", got)
	}
}

// choose clicks an entry of the menu.
func (f *fixture) choose(n int) { f.ui.chosen(f.ui.tray.look.menu[n], false) }

// What a click does is what the entry said when the user saw it, even if the state has changed since.
func TestChosenDoesWhatWasShown(t *testing.T) {
	f := newFixture(t)
	f.ui.tray.looks = make(chan trayLook, 1)
	f.ui.clip.numbers = []dialplan.Number{{Dial: "22334455", Shown: "22 33 44 55"}}
	f.online(call("1", csta.Ringing, "203", ""))
	f.ui.clip.numbers = []dialplan.Number{{Dial: "90909090", Shown: "90 90 90 90"}} // not on the panel yet
	look := f.ui.tray.look
	for n, want := range map[int]string{entryFirstCall + 1: "answer 1", entryFirstCall + 3: "clear 1", entryClip: "call 22334455"} {
		f.ui.busy, f.ui.tray.look = map[doing]bool{}, look
		f.choose(n)
		if got := f.asked(); got != want {
			t.Errorf("entry %d: the phone was asked to %q, want %q", n, got, want)
		}
	}
	f.choose(entryStatus)
	f.notAsked("the status line")
}

func TestChosenHoldsAndSwitches(t *testing.T) {
	f := newFixture(t)
	f.ui.tray.looks = make(chan trayLook, 1)
	s := csta.State{Status: csta.Online, Calls: []csta.Call{call("1", csta.Active, "203", "")}}
	choose := func(n int, want string) {
		t.Helper()
		f.ui.Show(s)
		f.settle()
		f.choose(n)
		if got := f.asked(); got != want {
			t.Errorf("%q asked the phone to %q, want %q", f.ui.tray.look.menu[n].title, got, want)
		}
		f.until("nothing is on its way", func() bool { return len(f.ui.busy) == 0 && len(f.ui.telephone.changing) == 0 })
	}
	choose(entryFirstCall+2, "hold 1")
	s.Calls[0].Phase = csta.Held
	choose(entryFirstCall+2, "retrieve 1")
	s.Telephone = csta.Telephone{DoNotDisturb: csta.Off, Forwarding: []csta.Forwarding{{Type: "forwardImmediate", Active: true, To: "203"}}}
	choose(entryQuiet, "do-not-disturb true")
	choose(entryForward, "forwardImmediate false 203 0s")
	s.Telephone = csta.Telephone{DoNotDisturb: csta.On, Forwarding: []csta.Forwarding{{Type: "forwardImmediate"}}}
	choose(entryQuiet, "do-not-disturb false")
	choose(entryForward, "forwardImmediate true 203 0s") // where it last went
	if got := f.ui.tray.look.menu[entryForward].title; got != "Forward all calls to 203" {
		t.Errorf("the menu says %q", got)
	}
}

// A panel that does not answer must not hold up anybody: only the newest look waits for it.
func TestTrayKeepsOnlyTheNewestLook(t *testing.T) {
	f := newFixture(t)
	f.ui.tray.looks = make(chan trayLook, 1)
	for _, s := range []csta.Status{csta.Connecting, csta.Offline, csta.Online} {
		f.show(s, nil)
	}
	if got := (<-f.ui.tray.looks).icon; got != assets.Online {
		t.Errorf("the panel is shown %s, want %s", got, assets.Online)
	}
	select {
	case l := <-f.ui.tray.looks:
		t.Errorf("an old look waits: %s", l.icon)
	default:
	}
}
