package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"calltray/assets"
	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/text"
)

// colleague makes what the exchange tells of an extension.
func colleague(number, name string, calls ...csta.Call) csta.Colleague {
	return csta.Colleague{Device: csta.DeviceID(number), Name: name, Calls: calls}
}

// openOffice opens the window, online and with permission to see colleagues.
func (f *fixture) openOffice(calls ...csta.Call) *colleaguesPage {
	f.t.Helper()
	f.openWindow()
	f.inOffice(calls...)
	return f.ui.window.side.colleagues
}

// inOffice shows an online state in which the exchange tells of colleagues.
func (f *fixture) inOffice(calls ...csta.Call) {
	f.tell(csta.State{Status: csta.Online, Since: time.Now(), Calls: calls, Trunk: csta.On})
	f.settle()
}

// tells is the exchange telling of colleagues, and the screen showing it.
func (f *fixture) tells(list ...csta.Colleague) {
	for _, c := range list {
		f.ui.Colleague(c)
	}
	f.ui.window.renderOffice()
}

// rows returns the rows on the screen, from the top.
func (p *colleaguesPage) rows() []*colleagueRow {
	rows := make([]*colleagueRow, len(p.shown))
	for _, o := range p.list.Rows {
		if r := o.(*colleagueRow); r.Visible() {
			rows[int(r.Position().Y/colleagueRowHeight+0.5)] = r
		}
	}
	return rows
}

func (p *colleaguesPage) listed() string {
	var names []string
	for _, t := range p.shown {
		names = append(names, t.number)
	}
	return strings.Join(names, " ")
}

func TestWhatAColleagueDoes(t *testing.T) {
	ring, talk := call("1", csta.Ringing, "22334455", "Ærø Bageri"), call("2", csta.Active, "202", "")
	with := func(change func(*csta.Colleague)) csta.Colleague {
		c := colleague("201", "Bo")
		change(&c)
		return c
	}
	for _, c := range []struct {
		name   string
		is     csta.Colleague
		doing  string
		shape  assets.Shape
		pickUp bool
	}{
		{"free", colleague("201", "Bo"), "Free", assets.Free, false},
		{"ringing", colleague("201", "Bo", ring), "Ringing: Ærø Bageri", assets.RingingThere, true},
		{"ringing, from a colleague", colleague("201", "Bo", call("3", csta.Ringing, "202", "")), "Ringing: Åse", assets.RingingThere, true},
		{"ringing, nobody knows who", colleague("201", "Bo", call("3", csta.Ringing, "", "")), "Ringing: Number withheld", assets.RingingThere, true},
		{"ringing, from the user", colleague("201", "Bo", call("3", csta.Ringing, goodSettings.Device, "Me")), "Ringing: Me", assets.RingingThere, false},
		{"ringing, from the user and another", colleague("201", "Bo", call("3", csta.Ringing, goodSettings.Device, "Me"), ring), "Ringing: Me", assets.RingingThere, true},
		{"talking", colleague("201", "Bo", talk), "Talking", assets.Talking, false},
		{"a second call", colleague("201", "Bo", talk, ring), "Talking", assets.Talking, true},
		{"not to be disturbed", with(func(c *csta.Colleague) { c.DoNotDisturb = true }), "Do not disturb", assets.Away, false},
		{"forwarded", with(func(c *csta.Colleague) { c.ForwardedTo = "22334455" }), "Forwarded to 22 33 44 55", assets.Forwarded, false},
		{"forwarded to a colleague", with(func(c *csta.Colleague) { c.ForwardedTo = "202" }), "Forwarded to Åse", assets.Forwarded, false},
		{"forwarded to a word", with(func(c *csta.Colleague) { c.ForwardedTo = "busy" }), "Forwarded to the busy tone", assets.Forwarded, false},
		{"forwarded to a word that nobody knows", with(func(c *csta.Colleague) { c.ForwardedTo = "voicemail" }), "Forwarded to “voicemail”", assets.Forwarded, false},
		{"all at once", with(func(c *csta.Colleague) {
			c.Calls, c.DoNotDisturb, c.ForwardedTo = []csta.Call{talk}, true, "202"
		}), "Talking · Do not disturb · Forwarded to Åse", assets.Talking, false},
		{"hostile", colleague("201", "Bo", call("4", csta.Ringing, "1", "a\x1b\u202eb\nc")), "Ringing: a b c", assets.RingingThere, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			p := f.openOffice()
			f.tells(c.is, colleague("202", "Åse"))
			row := p.rows()[0]
			if row.do.Text != c.doing || row.look.shape != c.shape {
				t.Errorf("the row says %q, %s, want %q, %s", row.do.Text, row.look.shape, c.doing, c.shape)
			}
			if got := row.icons[buttonPickUp].Visible(); got != c.pickUp {
				t.Errorf("there is something to pick up: %v, want %v", got, c.pickUp)
			}
		})
	}
}

func TestOfficeOrder(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Names = map[string]string{"207": "Berit", "1000": "æble"} })
	for number, name := range map[string]string{"201": "Zoe", "202": "Ærø", "203": "Østergaard", "204": "Åse", "205": "Aage", "206": "anna", "207": "Xenia",
		"1000": "", "30": "", "209": "", "210": "Zz Top"} {
		f.ui.Colleague(colleague(number, name))
	}
	f.ui.Queue(csta.Queue{Device: "400", Name: "Reception"})
	f.ui.office.arrange(true)
	var got []string
	for _, e := range f.ui.office.find("") {
		got = append(got, e.number)
	}
	if want := "[206 207 400 201 210 1000 202 203 205 204 30 209]"; fmt.Sprint(got) != want {
		t.Errorf("the order is %v, want %s", got, want)
	}
}

func TestSearchTheOffice(t *testing.T) {
	f := newFixture(t)
	for number, name := range map[string]string{"201": "Bo Hansen", "202": "Jacob Bo", "203": "Aase Ærø", "204": "Åge Bøgh", "205": "Jacob", "2011": ""} {
		f.ui.Colleague(colleague(number, name))
	}
	f.ui.Queue(csta.Queue{Device: "420", Name: "Bogholderi"})
	for _, c := range []struct{ text, want string }{
		{"", "[201 420 205 202 204 203 2011]"},
		{"bo", "[201 420 202]"}, // who begins with it before who holds it
		{"BO han", "[201]"},
		{"jacob bo", "[202]"},
		{"åse", "[203]"},
		{"aage", "[204]"},
		{"bog", "[420]"}, // an o is no ø
		{"bøg", "[204]"},
		{"20", "[201 205 202 204 203 2011 420]"},
		{"20 11", "[2011]"},
		{" 42 ", "[420]"},
		{"x", "[]"},
	} {
		f.ui.office.arrange(true)
		var got []string
		for _, e := range f.ui.office.find(c.text) {
			got = append(got, e.number)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%q finds %v, want %s", c.text, got, c.want)
		}
	}
}

// Letters choose the first who has them. Digits are a number to dial until the user chooses somebody.
func TestChooseAColleague(t *testing.T) {
	f := newFixture(t)
	p := f.openOffice()
	s := f.ui.window.side
	f.tells(colleague("201", "Bo"), colleague("202", "Åse"), colleague("203", "Berit"))
	chosen := func(after, want string) {
		t.Helper()
		if number, ok := s.chosen(); number != want || ok != (want != "") {
			t.Errorf("%s: chosen is %q, %v, want %q", after, number, ok, want)
		}
	}
	chosen("nothing", "")
	s.filter("b")
	chosen("a letter", "203")
	s.move(1)
	chosen("Down", "201")
	s.move(1)
	chosen("Down at the end", "201")
	s.filter("bo")
	chosen("another letter", "201")
	f.tells(colleague("205", "Anna Bo"))
	chosen("another of that name comes before", "201")
	if got := p.listed(); got != "205 201" {
		t.Errorf("listed are %s", got)
	}
	s.open(sideQueues)
	chosen("the list is not seen", "")
	s.open(sideColleagues)
	chosen("the list is seen again", "201")
	s.filter("20")
	chosen("digits", "")
	s.move(-1)
	chosen("Up from nowhere", "202")
	f.tells(colleague("204", "Aa"))
	chosen("somebody has joined", "202")
	s.filter("nobody")
	chosen("nobody is found", "")
	if !strings.Contains(p.sentence.Text, "nobody") || len(p.shown) != 0 {
		t.Errorf("%d rows and %q, want none and a reason", len(p.shown), p.sentence.Text)
	}
	s.move(1)
	chosen("Down in an empty list", "")
	s.filter("")
	chosen("an empty entry", "")
	p.rows()[2].Tapped(&fyne.PointEvent{})
	chosen("a click", p.shown[2].number)
}

// What colleagues do never moves a row, and neither does a name that is learnt while the pointer is among
// them.
func TestRowsStayUnderThePointer(t *testing.T) {
	f := newFixture(t)
	p := f.openOffice()
	f.tells(colleague("201", "Bo"), colleague("202", ""), colleague("203", "Åse"))
	want := p.listed()
	f.tells(colleague("203", "Åse", call("1", csta.Ringing, "1", "")), colleague("201", "Bo", call("2", csta.Active, "1", "")))
	if got := p.listed(); got != want {
		t.Errorf("calls made the order %s, it was %s", got, want)
	}
	row := p.rows()[1]
	row.MouseIn(&desktop.MouseEvent{})
	f.tells(colleague("202", "Anna"))
	if got := p.listed(); got != want {
		t.Errorf("a name made the order %s under the pointer, it was %s", got, want)
	}
	if got := p.rows()[2].name.Text; got != "Anna" {
		t.Errorf("the name is not shown: %q", got)
	}
	row.MouseOut()
	f.ui.window.renderOffice()
	if got := p.listed(); got != "202 201 203" {
		t.Errorf("without the pointer the order is %s", got)
	}
	// Somebody who joins does move them: a click just then is for nobody.
	row = p.rows()[0]
	row.MouseIn(&desktop.MouseEvent{})
	f.tells(colleague("200", "Aage"), colleague("199", "Ada"))
	row = p.rows()[0]
	lasting(t, &row.moved)
	if row.Tapped(&fyne.PointEvent{}); row.number != "199" || p.number != "" {
		t.Errorf("a click just when %s came chose %q", row.number, p.number)
	}
	row.moved = time.Now().Add(-tapGuard)
	if row.Tapped(&fyne.PointEvent{}); p.number != "199" {
		t.Errorf("a click on 199 chose %q", p.number)
	}
}

func TestRowButtons(t *testing.T) {
	f := newFixture(t)
	p := f.openOffice()
	f.tells(colleague("201", "Bo"))
	row := p.rows()[0]
	at := func(button int) fyne.PointEvent {
		return fyne.PointEvent{Position: row.icons[button].Position().AddXY(5, 5)}
	}
	over := func(button int) { e := at(button); row.MouseMoved(&desktop.MouseEvent{PointEvent: e}) }
	over(buttonCall)
	if p.about.Text != "Call Bo" {
		t.Errorf("over Call the foot says %q", p.about.Text)
	}
	over(buttonHandOver)
	if strings.Contains(p.about.Text, "Call") {
		t.Errorf("over a button that is not there the foot says %q", p.about.Text)
	}
	row.MouseOut()
	e := at(buttonCall)
	row.Tapped(&e)
	row.Tapped(&e)
	if got := f.asked(); got != "call 201" {
		t.Errorf("Call asked the phone to %q", got)
	}
	f.notAsked("a double click on a button")
	if p.text != "" {
		t.Errorf("calling somebody filters the list by %q", p.text)
	}
	f.until("the entry is empty again", func() bool { return f.ui.window.number == "" })
	text := fyne.PointEvent{Position: fyne.NewPos(60, 20)}
	row.Tapped(&text)
	f.notAsked("one click")
	row.Tapped(&text)
	if got := f.asked(); got != "call 201" {
		t.Errorf("a double click asked the phone to %q", got)
	}
	row.Tapped(&text)
	f.notAsked("a third click")
}

// The user's own call goes to somebody with one click, and a question. A button whose service the exchange refused says why.
func TestRowsHandOver(t *testing.T) {
	f := newFixture(t)
	f.ui.settings.Popup = account.PopupOff
	ringing, talk := call("1", csta.Ringing, "22334455", "Ærø"), call("2", csta.Active, "22334455", "Ærø")
	p := f.openOffice()
	f.tells(colleague("201", "Bo", call("9", csta.Ringing, "1", "")))
	row := p.rows()[0]
	click := func(button int) {
		row.tapped = time.Time{} // long after the last one
		row.Tapped(&fyne.PointEvent{Position: row.icons[button].Position().AddXY(5, 5)})
	}
	if row.icons[buttonHandOver].Visible() {
		t.Error("without a call there is something to hand over")
	}
	for _, c := range []struct {
		calls  []csta.Call
		button int
		hint   string
		asks   string
	}{
		{[]csta.Call{ringing}, buttonHandOver, "Transfer Ærø to Bo", "deflect 1 to 201"},
		{[]csta.Call{talk}, buttonHandOver, "Transfer Ærø to Bo now", "transfer 2 to 201"},
		{nil, buttonPickUp, "Pick up the call that rings at Bo", "pick up 9"},
	} {
		f.inOffice() // a call that takes the place of another is not handed over at once
		f.inOffice(c.calls...)
		if got := row.look.buttons[c.button]; got.hint != c.hint || got.grey {
			t.Errorf("the button says %+v, want %q", got, c.hint)
		}
		click(c.button)
		if q := &f.ui.window.question; c.button == buttonHandOver {
			f.notAsked("a click on a colleague, before the answer to the question")
			part{t, "the question", q.over.Content}.press("Transfer")
		}
		if got := f.asked(); got != c.asks {
			t.Errorf("the phone was asked to %q, want %q", got, c.asks)
		}
		f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
	}
	f.ui.Show(csta.State{Status: csta.Online, Trunk: csta.On, Calls: []csta.Call{ringing},
		Refused: map[string]string{"DeflectCall": "serviceNotSupported", "DirectedPickupCall": "serviceNotSupported"}})
	f.settle()
	for button, service := range map[int]string{buttonHandOver: "DeflectCall", buttonPickUp: "DirectedPickupCall"} {
		click(button)
		f.notAsked("a service that was refused")
		if want := text.RefusedWords(service, "serviceNotSupported"); f.ui.window.message != want || !row.look.buttons[button].grey {
			t.Errorf("%s: the message is %q, want %q", service, f.ui.window.message, want)
		}
	}
}

// Nothing in the side moves when calls come and go, here and at the colleagues.
func TestNothingMovesInTheSide(t *testing.T) {
	f := newFixture(t)
	f.ui.settings.Popup = account.PopupOff // the test driver knows the places of one window only
	p := f.openOffice()
	f.tells(colleague("201", "Bo"), colleague("202", "Åse"))
	s := f.ui.window.side
	places := func() string {
		abs := func(o fyne.CanvasObject) fyne.Position {
			return fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
		}
		row := p.rows()[1]
		return fmt.Sprint(abs(s.tabs[0]), abs(s.tabs[2]), s.tabs[1].Size(), abs(p.list.Scroll), p.list.Scroll.Size(), abs(row), row.Size(), abs(row.name),
			row.icons[buttonCall].Position(), row.icons[buttonPickUp].Position(), p.about.Position(), p.editor.box.Position())
	}
	want := places()
	ringing := call("1", csta.Ringing, "22334455", "Ærø Bageri")
	for _, step := range []struct {
		what string
		do   func()
	}{
		{"a call rings", func() { f.inOffice(ringing) }},
		{"one rings at everybody", func() { f.tells(colleague("201", "Bo", ringing), colleague("202", "Åse", ringing)) }},
		{"calls wait", func() { f.ui.Queue(csta.Queue{Device: "400", Waiting: 1200}); f.ui.window.renderOffice() }},
		{"somebody is chosen", func() { p.choose("202") }},
		{"a name is edited", func() { f.ui.cfg.Rename = func(context.Context, string, string) error { return nil }; p.editName() }},
		{"offline", func() { f.show(csta.Offline, csta.ErrOffline) }},
	} {
		step.do()
		if got := places(); got != want {
			t.Errorf("%s:\nmoved to %s\nfrom     %s", step.what, got, want)
		}
	}
}

// While offline nothing is known, and nothing can be done. Afterwards everybody is told anew.
func TestOfficeOffline(t *testing.T) {
	f := newFixture(t)
	p := f.openOffice()
	f.tells(colleague("201", "Bo"), colleague("202", "Åse", call("1", csta.Ringing, "1", "")))
	f.show(csta.Offline, csta.ErrOffline)
	for _, row := range p.rows() {
		if row.look.shape != assets.Unknown || row.do.Text != "Not known while offline" || row.look.buttons != [rowButtons]rowButton{} {
			t.Errorf("offline, %s shows %+v", row.name.Text, row.look)
		}
	}
	if _, ok := f.ui.office.ringing("202"); ok {
		t.Error("a call of before can be picked up")
	}
	f.inOffice()
	f.tells(colleague("201", "Bo"))
	rows := p.rows()
	if rows[0].do.Text != "Free" || rows[1].do.Text != "Not known since the connection was lost" || rows[1].icons[buttonPickUp].Visible() {
		t.Errorf("back online: %q and %q", rows[0].do.Text, rows[1].do.Text)
	}
	f.tells(colleague("202", "Åse"))
	if got := p.rows()[1].do.Text; got != "Free" {
		t.Errorf("told anew: %q", got)
	}
}

func TestWithoutPermission(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	p := f.ui.window.side.colleagues
	for _, c := range []struct {
		state csta.State
		rows  int
		says  string
	}{
		{csta.State{Status: csta.Connecting}, 0, "as soon as"},
		{csta.State{Status: csta.Online}, 0, "Asking the PBX"},
		{csta.State{Status: csta.Online, Trunk: csta.On}, 0, "no other extension"},
		{csta.State{Status: csta.Online, Trunk: csta.Off, Telephone: csta.Telephone{DoNotDisturb: csta.On}}, 1, "ask the administrator"},
	} {
		f.ui.Show(c.state)
		f.settle()
		if len(p.shown) != c.rows || !strings.Contains(p.sentence.Text, c.says) {
			t.Errorf("%v, trunk %v: %d rows and %q, want %d and %q", c.state.Status, c.state.Trunk, len(p.shown), p.sentence.Text, c.rows, c.says)
		}
	}
	if row := p.rows()[0]; row.look.number != "200" || row.do.Text != "Do not disturb" || row.icons[buttonCall].Visible() {
		t.Errorf("the own extension shows %+v", row.look)
	}
}

// The permission is taken away: who was known is found by name, and nobody stands behind the sentence.
func TestPermissionIsTakenAway(t *testing.T) {
	f := newFixture(t)
	p := f.openOffice()
	f.tells(colleague("201", "Bo"), colleague("202", "Åse"))
	f.ui.Show(csta.State{Status: csta.Online, Trunk: csta.Off})
	f.settle()
	if p.listed() != "200" || !strings.Contains(p.sentence.Text, "ask the administrator") {
		t.Errorf("shown are %s, and %q", p.listed(), p.sentence.Text)
	}
	top, height := p.list.Box.Position().Y, p.above.Size().Height
	if !p.above.Visible() || height < p.sentence.MinSize().Height || top < p.above.Position().Y+height {
		t.Errorf("the sentence of height %v at %v lies over the list at %v", height, p.above.Position(), top)
	}
	f.typed("bo")
	if p.listed() != "201" || p.sentence.Text != "" {
		t.Errorf("found are %s, and %q", p.listed(), p.sentence.Text)
	}
	f.show(csta.Offline, csta.ErrOffline)
	f.ui.Show(csta.State{Status: csta.Online, Trunk: csta.Off})
	f.settle()
	if got := p.rows()[0].do.Text; got != "Not known: the PBX does not tell this account" {
		t.Errorf("what he does: %q", got)
	}
}

func TestEditName(t *testing.T) {
	type renamed struct{ number, name string }
	kept := make(chan renamed, 1)
	var fails error
	f := newFixture(t, func(c *Config) {
		c.Rename = func(_ context.Context, number, name string) error {
			kept <- renamed{number, name}
			return fails
		}
	})
	p := f.openOffice()
	f.tells(colleague("201", "Bo"), colleague("202", ""))
	p.choose("202")
	test.Tap(p.edit)
	if !p.editor.open || f.ui.window.window.Canvas().Focused() != p.editor.entry {
		t.Fatal("the editor has not the keyboard")
	}
	fails = errors.New("the disk is full")
	test.Type(p.editor.entry, "Åse\u202e ")
	p.editor.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if got := <-kept; got != (renamed{"202", "Åse"}) {
		t.Errorf("kept %+v", got)
	}
	f.until("it says why not", func() bool { return strings.HasPrefix(f.ui.window.message, "The name was not saved.") })
	if !p.editor.open || f.ui.office.name("202") != "" {
		t.Error("what was typed is gone, or taken for the name")
	}
	fails = nil
	test.Tap(p.editor.save)
	<-kept
	f.until("the editor is gone", func() bool { return !p.editor.open })
	if p.listed() != "201 202" || f.ui.office.name("202") != "Åse" || p.rows()[1].name.Text != "Åse" {
		t.Errorf("the list is %s, with %q", p.listed(), f.ui.office.name("202"))
	}
	p.editName()
	p.editor.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if p.editor.open || !f.ui.window.shown {
		t.Error("Esc closes the editor, and nothing else")
	}
}

// News may come on any goroutine, and all of them arrive.
func TestNewsFromManyGoroutines(t *testing.T) {
	f := newFixture(t)
	p := f.openOffice()
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 100 {
				number := fmt.Sprint(2000 + i)
				f.ui.Colleague(colleague(number, fmt.Sprint("Name ", i, " ", g)))
				f.ui.Queue(csta.Queue{Device: csta.DeviceID(fmt.Sprint(4000 + g)), Waiting: i, Removed: i == 50})
				_ = f.ui.office.name(number)
				f.ui.office.ringing(number)
			}
		})
	}
	for range 20 {
		f.ui.window.renderOffice()
		p.filter("name")
		p.filter("")
	}
	all.Wait()
	f.until("everybody is there", func() bool { return len(p.shown) == 108 })
}

// While nobody looks, news wake nobody.
func TestNewsWhileHidden(t *testing.T) {
	f := newFixture(t)
	p := f.openOffice()
	f.ui.window.close()
	f.ui.Colleague(colleague("201", "Bo"))
	f.until("the screen has been told that it is off", func() bool {
		f.ui.office.mu.Lock()
		defer f.ui.office.mu.Unlock()
		return !f.ui.office.watched && !f.ui.office.waiting
	})
	f.ui.Colleague(colleague("202", "Åse"))
	if f.ui.office.waiting || len(p.shown) != 0 {
		t.Error("somebody is told of news while the window is hidden")
	}
	f.openWindow()
	if p.listed() != "201 202" {
		t.Errorf("the opened window shows %q", p.listed())
	}
}

// Of thousands, only those on the screen have rows, and an event draws one of them at most.
// A window that is made larger shows more rows at once, and not with the next event.
func TestLargerWindow(t *testing.T) {
	f := newFixture(t)
	p := f.openOffice()
	for i := range 100 {
		f.tells(colleague(fmt.Sprint(300+i), ""))
	}
	drawn := func() (n int) {
		for _, row := range p.list.Rows {
			if row.Visible() {
				n++
			}
		}
		return n
	}
	before := drawn()
	p.list.Box.Resize(p.list.Box.Size().AddWidthHeight(0, 3*colleagueRowHeight))
	if after := drawn(); after != before+3 {
		t.Errorf("%d rows are drawn, want %d", after, before+3)
	}
}

func TestThousands(t *testing.T) {
	f := newFixture(t)
	p := f.openOffice()
	for i := range 5000 {
		f.ui.Colleague(colleague(fmt.Sprint(10000+i), fmt.Sprintf("Name %04d", i)))
	}
	f.ui.window.renderOffice()
	if n := len(p.list.Rows); n < 5 || n > 20 {
		t.Errorf("%d rows are made", n)
	}
	if want := float32(5000 * colleagueRowHeight); p.list.Body.Size().Height != want {
		t.Errorf("the list is %v high, want %v", p.list.Body.Size().Height, want)
	}
	p.choose("14999")
	p.list.Reveal(p.place())
	last := p.rows()[4999]
	if last == nil || last.name.Text != "Name 4999" {
		t.Fatalf("the last row is %v", last)
	}
	if bottom := last.Position().Y + last.Size().Height - p.list.Scroll.Offset.Y; bottom > p.list.Scroll.Size().Height {
		t.Errorf("the last row ends %v below the list", bottom-p.list.Scroll.Size().Height)
	}
	f.tells(colleague("14999", "Name 4999", call("1", csta.Ringing, "1", "")))
	if last.look.shape != assets.RingingThere {
		t.Error("an event does not reach its row")
	}
	p.filter("name 0007")
	if p.listed() != "10007" || p.rows()[0].name.Text != "Name 0007" {
		t.Errorf("found %s", p.listed())
	}
}
