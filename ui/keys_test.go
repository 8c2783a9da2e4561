package ui

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/journal"
	"calltray/ui/widgets"
)

// Every key that the list names does what it says, wherever in the page the keyboard is.
func TestShortcuts(t *testing.T) {
	ring, talk := call("r", csta.Ringing, "1", ""), call("t", csta.Active, "2", "")
	held := call("h", csta.Held, "3", "")
	asks := asking("h-att", csta.Active, held, "202", "")
	cases := []struct {
		key   fyne.KeyName
		entry string
		calls []csta.Call
		want  string
	}{
		{fyne.KeyF2, "", []csta.Call{ring}, "answer r"},
		{fyne.KeyF2, "", []csta.Call{talk, ring}, "answer r"},
		{fyne.KeyF3, "", []csta.Call{talk}, "hold t"},
		{fyne.KeyF3, "", []csta.Call{held}, "retrieve h"},
		{fyne.KeyF5, "202", []csta.Call{talk}, "consult t with 202"},
		{fyne.KeyReturn, "202", []csta.Call{talk}, "consult t with 202"},
		{fyne.KeyEnter, "202", nil, "call 202"},
		{fyne.KeyReturn, "202", []csta.Call{ring}, "call 202"},
		{fyne.KeyF6, "", []csta.Call{held, asks}, "reconnect h-att and h"},
		{fyne.KeyF8, "202", []csta.Call{ring}, "deflect r to 202"},
		{fyne.KeyF8, "202", []csta.Call{talk, ring}, "transfer t to 202"},
		{fyne.KeyF8, "", []csta.Call{held, asks}, "transfer h-att and h"},
		{fyne.KeyF8, "202", []csta.Call{held, talk}, "transfer t to 202"},
		{fyne.KeyF9, "", []csta.Call{talk, ring}, "clear t"},
		{fyne.KeyF9, "", []csta.Call{held, asks}, "clear h-att"},
	}
	for where, focus := range map[string]func(f *fixture) fyne.Focusable{
		"the entry": func(f *fixture) fyne.Focusable { return f.ui.window.calls.entry },
		"a button":  func(f *fixture) fyne.Focusable { return f.page().button("Paste and dial") },
		"a tab":     func(f *fixture) fyne.Focusable { return f.page().button("Queues") },
		"a row": func(f *fixture) fyne.Focusable {
			if len(living(f.ui.state)) == 0 {
				return f.ui.window.calls.entry
			}
			return f.row(1).area()
		},
		"nothing": func(f *fixture) fyne.Focusable { return nil },
	} {
		f := newFixture(t)
		p := f.openWindow()
		for _, c := range cases {
			if where != "the entry" && where != "nothing" && (c.key == fyne.KeyReturn || c.key == fyne.KeyEnter) {
				continue // it presses the button
			}
			f.online()
			f.online(c.calls...)
			p.entry.SetText(c.entry)
			f.ui.window.window.Canvas().Focus(focus(f))
			f.press(c.key)
			if got := f.asked(); got != c.want {
				t.Errorf("%s at %s: the phone was asked to %s, want %s", c.key, where, got, c.want)
			}
			f.until("the service is over", func() bool { return len(f.ui.busy) == 0 && f.ui.window.message == "" })
			f.ui.window.clear()
		}
	}
}

// A key that has no name, as those of the Danish letters, does nothing but type.
func TestKeysWithoutAName(t *testing.T) {
	f := newFixture(t)
	p := f.openWindow()
	f.online(call("t", csta.Active, "2", ""))
	for _, focus := range []fyne.Focusable{p.entry, p.paste, f.row(1).area(), nil} {
		f.ui.window.window.Canvas().Focus(focus)
		f.press(fyne.KeyUnknown)
		f.typed("ø")
	}
	if p.entry.Text != "øøøø" {
		t.Errorf("the entry holds %q", p.entry.Text)
	}
	f.notAsked("letters without a name")
}

// A key whose action is not possible tells why.
func TestShortcutsThatCannot(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	f.online()
	for key, want := range map[fyne.KeyName]string{
		fyne.KeyF2: "No call rings that could be answered.",
		fyne.KeyF3: "There is no call to hold or resume.",
		fyne.KeyF4: "Digits can be played while talking only.",
		fyne.KeyF5: "Talk to a caller first: then you can ask somebody about the call.",
		fyne.KeyF6: "Nobody is being asked: press “Ask first” while talking.",
		fyne.KeyF7: "Choose the colleague whose telephone rings.",
		fyne.KeyF8: "There is no call to transfer: it must be ringing or active.",
		fyne.KeyF9: "There is no call to hang up.",

		fyne.KeyF10: "No missed call waits to be called back.",

		fyne.KeyReturn: "Type a name or a number, or choose a colleague.",
	} {
		f.ui.tell("")
		f.press(key)
		if got := f.ui.window.message; got != want {
			t.Errorf("%s: the message is %q, want %q", key, got, want)
		}
	}
	f.notAsked("keys without a call")
}

// What is said of the calls as they are is taken back when they are others; what went wrong stays.
func TestSentenceThatIsNoLongerTrue(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	ring := call("r", csta.Ringing, "1", "")
	f.online()
	f.press(fyne.KeyF2)
	f.online()
	if f.ui.window.message != "No call rings that could be answered." {
		t.Errorf("the message is %q", f.ui.window.message)
	}
	f.online(ring)
	if f.ui.window.message != "" {
		t.Errorf("while a call rings, the message is %q", f.ui.window.message)
	}
	f.ui.choose(ring.ID)
	f.online(ring, call("s", csta.Ringing, "2", ""))
	if !strings.HasPrefix(f.ui.window.message, "Transfer 1:") {
		t.Errorf("beside another call, the message is %q", f.ui.window.message)
	}
	f.online(call("s", csta.Ringing, "2", ""))
	if f.ui.window.message != "" {
		t.Errorf("after the call, the message is %q", f.ui.window.message)
	}
	f.ui.tell("1 was not passed on.")
	f.online()
	if f.ui.window.message != "1 was not passed on." {
		t.Errorf("the message is %q", f.ui.window.message)
	}
}

// Whom a name chooses is seen.
func TestNameOpensTheColleagues(t *testing.T) {
	f := newFixture(t)
	p := f.openWindow()
	f.online()
	side := f.ui.window.side
	side.open(sideQueues)
	f.typed("2")
	if side.page != sideQueues {
		t.Error("a digit left the queues")
	}
	f.typed("ø")
	if p.entry.Text != "2ø" || side.page != sideColleagues {
		t.Errorf("with %q in the entry, page %d is shown", p.entry.Text, side.page)
	}
}

// A key that is pressed just when a call ends is not meant for the one that takes its place.
func TestKeyForACallThatHasJustEnded(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	first, second := call("1", csta.Active, "1", ""), call("2", csta.Held, "2", "")
	f.online(first, second)
	f.online(ended("1", csta.Answered, "1", ""), second)
	lasting(t, &f.ui.subjectMoved)
	f.press(fyne.KeyF9)
	f.notAsked("F9 just after the first call ended")
	if !strings.HasPrefix(f.ui.window.message, "That call has just ended") {
		t.Errorf("the message is %q", f.ui.window.message)
	}
	f.ui.subjectMoved = time.Now().Add(-tapGuard)
	f.press(fyne.KeyF9)
	if got := f.asked(); got != "clear 2" {
		t.Errorf("the phone was asked to %s", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
}

// Help lists every key that does something, and comes and goes with F1 and Esc.
func TestHelp(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	w := &f.ui.window
	f.press(fyne.KeyF1)
	if !w.help.root.Visible() || w.side.root.Visible() {
		t.Error("F1 does not show the keys in the place of the colleagues")
	}
	listed := map[string]bool{}
	for _, s := range w.help.keys {
		if s.name == "" || s.what == "" || listed[s.name] {
			t.Errorf("the list has %+v", s)
		}
		listed[s.name] = true
	}
	for _, name := range []string{"F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "Enter", "Esc"} {
		if !listed[name] {
			t.Errorf("the list lacks %s", name)
		}
	}
	f.press(fyne.KeyEscape)
	if w.help.root.Visible() || !w.side.root.Visible() || !w.shown {
		t.Error("Esc does not take the keys away, and nothing else")
	}
}

// Esc takes one thing away at a time.
func TestEscapeInTurn(t *testing.T) {
	f := newFixture(t)
	p := f.openWindow()
	p.entry.SetText("20")
	f.press(fyne.KeyEscape)
	if p.entry.Text != "" || !f.ui.window.shown {
		t.Errorf("the first Esc leaves %q", p.entry.Text)
	}
	f.press(fyne.KeyEscape)
	if f.ui.window.shown {
		t.Error("the second Esc leaves the window")
	}
}

// From a ringing call to one that is passed on: at most three keys. And the other ways to say who.
func TestPassOnInThreeKeys(t *testing.T) {
	ring, talk := call("r", csta.Ringing, "22334455", "Ærø Bageri"), call("t", csta.Active, "22334455", "Ærø Bageri")
	f := newFixture(t)
	f.openOffice()
	f.tells(colleague("205", "Maja Holm"), colleague("202", "Bo Lund"))
	for _, c := range []struct {
		what string
		call csta.Call
		do   func(f *fixture)
		want string
	}{
		{"down and F8", ring, func(f *fixture) { f.press(fyne.KeyDown); f.press(fyne.KeyF8) }, "deflect r to 202"},
		{"two letters and F8", ring, func(f *fixture) { f.typed("ma"); f.press(fyne.KeyF8) }, "deflect r to 205"},
		{"answer, a letter, F8", talk, func(f *fixture) { f.typed("m"); f.press(fyne.KeyF8) }, "transfer t to 205"},
		{"a name and F5", talk, func(f *fixture) { f.typed("maj"); f.press(fyne.KeyF5) }, "consult t with 205"},
		{"a name and Enter", talk, func(f *fixture) { f.typed("maj"); f.press(fyne.KeyReturn) }, "consult t with 205"},
		{"a number that many have, and F8", ring, func(f *fixture) { f.typed("20"); f.press(fyne.KeyF8) }, "deflect r to 20"},
		{"a number, then down", ring, func(f *fixture) { f.typed("20"); f.press(fyne.KeyDown); f.press(fyne.KeyDown); f.press(fyne.KeyF8) }, "deflect r to 205"},
		{"a name and Enter, while it rings", ring, func(f *fixture) { f.typed("maj"); f.press(fyne.KeyReturn) }, "call 205"},
		{"a click in a row", ring, func(f *fixture) { f.ui.pass("205", false) }, "deflect r to 205"},
	} {
		f.inOffice()
		f.inOffice(c.call)
		c.do(f)
		if got := f.asked(); got != c.want {
			t.Errorf("%s: the phone was asked to %s, want %s", c.what, got, c.want)
		}
		f.until("the entry is empty and nobody chosen", func() bool {
			_, chosen := f.ui.window.side.chosen()
			return f.ui.window.number == "" && !chosen && len(f.ui.busy) == 0
		})
	}
}

// What is called by name is named before it is called.
func TestCallByName(t *testing.T) {
	f := newFixture(t)
	p := f.openOffice()
	f.tells(colleague("205", "Maja Holm"), colleague("202", "Bo Lund"))
	f.phone.asked = make(chan string)
	f.typed("maj")
	f.press(fyne.KeyReturn)
	if got := f.ui.window.message; got != "Dialling Maja Holm · 205 …" {
		t.Errorf("the message is %q", got)
	}
	if got := f.asked(); got != "call 205" {
		t.Errorf("the phone was asked to %s", got)
	}
	f.until("the entry is empty", func() bool { return f.ui.window.number == "" })
	f.typed("xyz")
	f.press(fyne.KeyReturn)
	f.notAsked("a name that nobody has")
	if got := f.ui.window.message; got != "A number cannot hold letters: write it in digits." {
		t.Errorf("%d are listed, the message is %q", len(p.shown), got)
	}
}

func TestPickUpTheChosen(t *testing.T) {
	f := newFixture(t)
	f.openOffice()
	f.tells(colleague("202", "Bo Lund"), colleague("205", "Maja Holm", call("x", csta.Ringing, "1", "")))
	f.press(fyne.KeyDown)
	f.press(fyne.KeyF7)
	if got := f.ui.window.message; got != "No call rings at Bo Lund · 202." {
		t.Errorf("the message is %q", got)
	}
	f.press(fyne.KeyDown)
	f.press(fyne.KeyF7)
	if got := f.asked(); got != "pick up x" {
		t.Errorf("the phone was asked to %s", got)
	}
	f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
}

// Esc leads back from wherever in a page the keyboard is, also from a tick box or a list that Fyne made.
func TestEscapeFromEverywhere(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		c.Settings = goodSettings
		c.Check = func(context.Context, account.Settings, string, string, func(Step)) error { return nil }
	})
	f.openWindow()
	f.online()
	w := &f.ui.window
	w.side.open(sideTelephone)
	f.settle()
	for from, to := range map[page]func() bool{
		pageCheck:    func() bool { return w.page == pageSettings },
		pageSettings: func() bool { return w.page == pageCalls && w.shown },
		pageCalls:    func() bool { return !w.shown },
	} {
		w.open(from)
		root, count := map[page]fyne.CanvasObject{pageCheck: w.check.root, pageSettings: w.settings.root, pageCalls: w.side.root}[from], 0
		for _, o := range test.LaidOutObjects(root) {
			focus, ok := o.(fyne.Focusable)
			if d, can := o.(fyne.Disableable); !ok || !o.Visible() || can && d.Disabled() {
				continue
			}
			count++
			w.open(from)
			w.clear()
			w.window.Canvas().Focus(focus)
			f.press(fyne.KeyEscape)
			if !to() {
				t.Errorf("page %d: Esc is lost at %T %v", from, o, o.Position())
			}
		}
		if least := map[page]int{pageCheck: 2, pageSettings: 10, pageCalls: 8}[from]; count < least {
			t.Errorf("page %d: only %d things were tried", from, count)
		}
	}
}

// Keys that act on calls do so on every page; those that need to know where a call goes show where that is said.
func TestKeysOnEveryPage(t *testing.T) {
	ring, talk := call("r", csta.Ringing, "22334455", "Ærø"), call("t", csta.Active, "203", "Bo")
	for _, page := range []page{pageSettings, pageCheck, pageGuide, pageBook} {
		for key, want := range map[fyne.KeyName]string{fyne.KeyF2: "answer r", fyne.KeyF3: "hold t", fyne.KeyF9: "clear t"} {
			f := newFixture(t)
			f.ui.settings.Popup = account.PopupOff
			f.openWindow()
			f.online(talk, ring)
			f.ui.window.open(page)
			f.press(key)
			if got := f.asked(); got != want || f.ui.window.page != page {
				t.Errorf("%s on page %d asked the phone to %q, want %q; the page is %d", key, page, got, want, f.ui.window.page)
			}
		}
		for _, key := range []fyne.KeyName{fyne.KeyF5, fyne.KeyF8} {
			f := newFixture(t)
			f.ui.settings.Popup = account.PopupOff
			f.openWindow()
			f.online(talk)
			f.ui.window.number = "202" // which nobody sees there
			f.ui.window.open(page)
			f.press(key)
			f.notAsked("a transfer whose target is not seen")
			if f.ui.window.page != pageCalls || f.ui.chosenCall != talk.ID {
				t.Errorf("%s on page %d: the page is %d, and %v is chosen", key, page, f.ui.window.page, f.ui.chosenCall)
			}
		}
	}
}

// Esc gives up where a call should go, before it hides the window.
func TestEscapeGivesUpTheChoice(t *testing.T) {
	f := newFixture(t)
	f.ui.settings.Popup = account.PopupOff
	f.openWindow()
	f.online(call("t", csta.Active, "203", "Bo"))
	f.ui.choose(f.ui.state.Calls[0].ID)
	f.press(fyne.KeyEscape)
	if !f.ui.chosenCall.IsZero() || f.ui.window.message != "" || !f.ui.window.shown {
		t.Errorf("chosen is %v, the message %q, the window shown %v", f.ui.chosenCall, f.ui.window.message, f.ui.window.shown)
	}
	f.press(fyne.KeyEscape)
	if f.ui.window.shown {
		t.Error("with nothing left to cancel, Esc hides the window")
	}
}

// A button without a label tells what it is for while the pointer rests on it.
func TestIconsTellWhatTheyAreFor(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	visible(f.ui.window.calls.root, func(o fyne.CanvasObject) {
		b, ok := o.(*widgets.Action)
		if !ok || b.Text != "" {
			return
		}
		if b.Hint == "" {
			t.Errorf("an icon at %v tells nothing", fyne.CurrentApp().Driver().AbsolutePositionForObject(b))
		}
		b.MouseIn(nil)
		if got := f.ui.window.hint.words.Text; got != b.Hint || f.ui.window.hint.of != b {
			t.Errorf("over it the window says %q, want %q", got, b.Hint)
		}
		b.MouseOut()
	})
}

// F10 puts the number of the last missed call that is open into the entry, from every page. It dials nobody.
func TestLastMissedCall(t *testing.T) {
	f := newFixture(t)
	p := f.openWindow()
	f.online(ended("1", csta.Missed, "22334455", "Ærø Bageri"))
	f.online(ended("2", csta.Answered, "203", ""), ended("3", csta.Missed, "", ""))
	f.remembers(3)
	for _, from := range []page{pageCalls, pageSettings} {
		f.ui.window.clear()
		f.ui.window.open(from)
		f.press(fyne.KeyF10)
		f.notAsked("F10")
		if p.entry.Text != "22 33 44 55" || f.ui.window.page != pageCalls || f.ui.window.window.Canvas().Focused() != p.entry {
			t.Errorf("from page %d: the entry holds %q, the page is %d", from, p.entry.Text, f.ui.window.page)
		}
	}
	f.press(fyne.KeyReturn)
	if got := f.asked(); got != "call 22334455" {
		t.Errorf("the phone was asked to %q", got)
	}
	f.until("the service is over", func() bool { return f.ui.dialling == "" })
}

// A missed call is not forgotten because many have come since.
func TestMissedCallBeforeManyOthers(t *testing.T) {
	f := newFixture(t)
	p := f.openWindow()
	f.online(ended("missed", csta.Missed, "22334455", "Ærø Bageri"))
	f.remembers(1)
	var calls []csta.Call
	for n := range historyPage {
		c := ended(strconv.Itoa(n), csta.Answered, "203", "")
		c.Began = c.Began.Add(time.Duration(n+1) * time.Second)
		calls = append(calls, c)
	}
	f.online(calls...)
	f.until("the newest calls are others", func() bool {
		rows := f.ui.history.recent
		return len(rows) == historyPage && !slices.ContainsFunc(rows, journal.Row.IsOpen)
	})
	f.press(fyne.KeyF10)
	f.until("the number is in the entry", func() bool { return p.entry.Text == "22 33 44 55" })
	f.notAsked("F10")
}
