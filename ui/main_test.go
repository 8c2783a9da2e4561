package ui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/attention"
	"calltray/internal/hotkey"
	"calltray/internal/journal"
	"calltray/internal/leaktest"
	"calltray/internal/store"
)

// TestMain fails when a goroutine of this package is left.
func TestMain(m *testing.M) {
	leaktest.Main(m)
}

// fakeDesk is a desktop with a screen of 1280 by 800 pixels and no X server.
type fakeDesk struct {
	placed     bool
	clipboard  string
	selected   string
	clipErr    error
	minimised  int
	canMini    bool
	needsLoop  bool
	noPictures bool   // the popup is a window of Fyne's
	noScreen   bool   // none is attached
	noWindows  error  // why there can be none
	doze       func() // called while the window system is waited for
	making     bool   // a popup's window
	corner     [2]int // of the screen
	scale      float32
	has        *image.NRGBA // what it was given, part by part
	picture    *image.NRGBA // on the screen, nil if none is
	at         image.Point
	pointer    func(at, desktop image.Point, on, pressed bool)
	second     image.Rectangle // the screen beside the first one, if there is one
	window     image.Point     // where the main window is
}

func (d *fakeDesk) Display() error                                   { return nil }
func (d *fakeDesk) Placed() bool                                     { return d.placed }
func (d *fakeDesk) WatchPanel(_ context.Context, report func(bool))  { report(false) }
func (d *fakeDesk) HasTray() bool                                    { return false }
func (d *fakeDesk) TrayNeedsLoop() bool                              { return d.needsLoop }
func (d *fakeDesk) WatchTray(ctx context.Context, report func(bool)) {}
func (d *fakeDesk) Clipboard(context.Context) (string, error)        { return d.clipboard, d.clipErr }
func (d *fakeDesk) Selection(context.Context) (string, error)        { return d.selected, nil }
func (d *fakeDesk) WatchClipboard(context.Context, func(bool))       {}
func (d *fakeDesk) SetClipboard(text string) error                   { d.clipboard = text; return d.clipErr }
func (d *fakeDesk) WatchScheme(context.Context, func(bool))          {}
func (d *fakeDesk) CanOpenWindow(context.Context) error              { return d.noWindows }
func (d *fakeDesk) MakingPopup() func()                              { d.making = true; return func() { d.making = false } }
func (d *fakeDesk) Corner() (x, y int, ok bool)                      { return d.corner[0], d.corner[1], true }
func (d *fakeDesk) Around(context.Context, bool) attention.Desktop   { return attention.Desktop{} }
func (d *fakeDesk) Rouse()                                           {}
func (d *fakeDesk) Doze(time.Duration) {
	if d.doze != nil {
		d.doze()
	}
}
func (d *fakeDesk) ShowsPictures() bool                              { return !d.noPictures }
func (d *fakeDesk) WindowPlace(uintptr) (image.Point, bool)          { return d.window, true }
func (d *fakeDesk) HidePopup()                                       { d.picture = nil }
func (d *fakeDesk) PopupPointer(f func(_, _ image.Point, _, _ bool)) { d.pointer = f }
func (d *fakeDesk) Screens() (all []image.Rectangle) {
	if all = []image.Rectangle{image.Rect(0, 0, d.corner[0], d.corner[1])}; !d.second.Empty() {
		all = append(all, d.second)
	}
	return all
}
func (d *fakeDesk) PopupScreen(of image.Rectangle) (area image.Rectangle, scale float32, ok bool) {
	if !of.Intersect(d.second).Empty() {
		return d.second, cmp.Or(d.scale, 1), !d.noScreen
	}
	return image.Rect(0, 0, d.corner[0], d.corner[1]), cmp.Or(d.scale, 1), !d.noScreen
}
func (d *fakeDesk) PreparePopup(picture *image.NRGBA, changed image.Rectangle) error {
	if d.has == nil || d.has.Rect != picture.Rect {
		d.has, changed = image.NewNRGBA(picture.Rect), picture.Rect
	}
	draw.Draw(d.has, changed, picture, changed.Min, draw.Src)
	return nil
}
func (d *fakeDesk) ShowPopup(picture *image.NRGBA, at image.Point, changed image.Rectangle) error {
	_ = d.PreparePopup(picture, changed)
	shown := *d.has
	shown.Pix = slices.Clone(d.has.Pix)
	d.picture, d.at = &shown, at
	return nil
}
func (d *fakeDesk) Minimise(uintptr) bool { d.minimised++; return d.canMini }

// fakePhone writes down what it is asked for.
type fakePhone struct {
	Phone // what no test asks for
	asked chan string
	err   error

	mu      sync.Mutex
	profile csta.CallProfile // that GetCallProfile returns; guarded by mu
}

func (p *fakePhone) MakeCall(_ context.Context, number string) (csta.ConnectionID, error) {
	p.asked <- "call " + number
	return csta.ConnectionID{}, p.err
}

func (p *fakePhone) AnswerCall(_ context.Context, c csta.ConnectionID) error {
	p.asked <- "answer " + c.CallID
	return p.err
}

func (p *fakePhone) ClearConnection(_ context.Context, c csta.ConnectionID) error {
	p.asked <- "clear " + c.CallID
	return p.err
}

func (p *fakePhone) HoldCall(_ context.Context, c csta.ConnectionID) error {
	p.asked <- "hold " + c.CallID
	return p.err
}

func (p *fakePhone) RetrieveCall(_ context.Context, c csta.ConnectionID) error {
	p.asked <- "retrieve " + c.CallID
	return p.err
}

func (p *fakePhone) ConsultationCall(_ context.Context, c csta.ConnectionID, number string) (csta.ConnectionID, error) {
	p.asked <- "consult " + c.CallID + " with " + number
	return csta.ConnectionID{}, p.err
}

func (p *fakePhone) ReconnectCall(_ context.Context, active, held csta.ConnectionID) error {
	p.asked <- "reconnect " + active.CallID + " and " + held.CallID
	return p.err
}

func (p *fakePhone) TransferCall(_ context.Context, active, held csta.ConnectionID) error {
	p.asked <- "transfer " + active.CallID + " and " + held.CallID
	return p.err
}

func (p *fakePhone) AlternateCall(_ context.Context, active, held csta.ConnectionID) error {
	p.asked <- "alternate " + active.CallID + " and " + held.CallID
	return p.err
}

func (p *fakePhone) ConferenceCall(_ context.Context, active, held csta.ConnectionID) error {
	p.asked <- "conference " + active.CallID + " and " + held.CallID
	return p.err
}

func (p *fakePhone) SingleStepTransferCall(_ context.Context, c csta.ConnectionID, to string) error {
	p.asked <- "transfer " + c.CallID + " to " + to
	return p.err
}

func (p *fakePhone) DeflectCall(_ context.Context, c csta.ConnectionID, to string) error {
	p.asked <- "deflect " + c.CallID + " to " + to
	return p.err
}

func (p *fakePhone) DirectedPickupCall(_ context.Context, ringing csta.ConnectionID) (csta.ConnectionID, error) {
	p.asked <- "pick up " + ringing.CallID
	return csta.ConnectionID{}, p.err
}

func (p *fakePhone) GenerateDigits(_ context.Context, c csta.ConnectionID, digits string) error {
	p.asked <- "play " + digits + " into " + c.CallID
	return p.err
}

// fixture is a UI whose goroutine is the test's: what is posted waits until settle.
type fixture struct {
	t     testing.TB
	ui    *UI
	desk  *fakeDesk
	phone *fakePhone
	saved chan savedAccount
	calls *journal.Journal // of the past
	fails map[string]error // of save, memory and test

	afterScene func() // ends what a scene has begun; nil for nothing
}

type savedAccount struct {
	settings account.Settings
	password string
	inMemory bool
}

var goodSettings = account.Settings{URL: "tls://csta.example.dk:7001", UserID: "user@example.dk",
	PBXDomain: "12345678.pbx.example.dk", Device: "200"}

// oneApp is Fyne's application for tests, the same for all fixtures: a new one parses every font again.
// oneApp has a window: Fyne's test driver cannot draw without.
var oneApp = sync.OnceValue(func() fyne.App {
	app := test.NewApp()
	app.NewWindow("")
	return app
})

// lasting makes a moment that has just been noted last, so that what guards it does not depend on the test's speed.
func lasting(t testing.TB, noted *time.Time) {
	t.Helper()
	if time.Since(*noted) > time.Minute {
		t.Error("the moment was not noted")
	}
	*noted = time.Now().Add(time.Hour)
}

// sharedApp is the current application until the test ends, and without the test's windows then.
func sharedApp(t testing.TB) fyne.App {
	app := oneApp()
	fyne.SetCurrentApp(app)
	t.Cleanup(func() {
		for _, w := range slices.Clone(app.Driver().AllWindows()[1:]) {
			w.Close()
		}
	})
	return app
}

// newFixture makes a UI with a window system that has no screen.
func newFixture(t testing.TB, change ...func(*Config)) *fixture {
	t.Helper()
	app := newDesktopApp(sharedApp(t))
	f := &fixture{
		t:     t,
		desk:  &fakeDesk{placed: true, corner: [2]int{1280, 800}},
		phone: &fakePhone{asked: make(chan string, 10)},
		saved: make(chan savedAccount, 10),
		fails: make(map[string]error),
	}
	f.calls = journal.New(journal.Config{
		Open:     func(ctx context.Context) *store.Store { return store.Open(ctx, "") },
		OnChange: func() { f.ui.JournalChanged() },
	})
	cfg := Config{
		Journal:  f.calls,
		NewApp:   func() fyne.App { return app },
		Desk:     f.desk,
		Phone:    func() (Phone, error) { return f.phone, nil },
		Settings: goodSettings,
		Save: func(_ context.Context, s account.Settings, password string, inMemory bool) error {
			f.saved <- savedAccount{s, password, inMemory}
			if inMemory {
				return f.fails["memory"]
			}
			return f.fails["save"]
		},
		Retry: func() {},
		Hotkeys: func(ctx context.Context, _ []hotkey.Binding, _ func(hotkey.Binding, error), _ func(hotkey.Binding)) error {
			<-ctx.Done()
			return nil
		},
	}
	for _, c := range change {
		c(&cfg)
	}
	f.ui = New(cfg)
	f.ui.made, f.ui.app, f.ui.opens = app, app, possible
	f.calls.Start()
	t.Cleanup(f.calls.Close)
	ctx, cancel := context.WithCancel(context.Background())
	f.ui.ctx = ctx
	t.Cleanup(func() { f.ui.loop.end(nil); cancel() })
	return f
}

// settle runs what was posted.
func (f *fixture) settle() { f.ui.loop.drain() }

// until waits for what goroutines post, until a condition holds.
func (f *fixture) until(what string, ok func() bool) {
	f.t.Helper()
	limit := time.After(time.Minute) // a busy machine is no fault
	for f.settle(); !ok(); f.settle() {
		select {
		case <-f.ui.loop.wake:
		case <-limit:
			f.t.Fatalf("waited in vain until %s", what)
		}
	}
}

// show is a state from the session.
func (f *fixture) show(status csta.Status, err error, calls ...csta.Call) {
	f.tell(csta.State{Status: status, Err: err, Since: time.Now(), Calls: calls})
	f.settle()
}

// tell is a state as the application tells it.
func (f *fixture) tell(s csta.State) {
	f.calls.Follow(s)
	f.ui.Show(s)
}

// past waits until the newest call or gap in the window says this, and returns its row.
func (f *fixture) past(first, second string) *historyRow {
	f.t.Helper()
	var row *historyRow
	got := ""
	defer func() {
		if f.t.Failed() {
			f.t.Logf("the newest call of the past says %q", got)
		}
	}()
	f.until(fmt.Sprintf("the newest call of the past says %q, %q", first, second), func() bool {
		rows := f.ui.window.calls.history.shown()
		if len(rows) == 0 {
			return false
		}
		row = rows[0]
		got = row.first.Text + ", " + row.second.Text
		return row.first.Text == first && strings.Contains(row.second.Text, second)
	})
	return row
}

// remembers waits until a number of calls of the past is known.
func (f *fixture) remembers(count int) {
	f.t.Helper()
	f.until(fmt.Sprintf("%d calls are remembered", count), func() bool { return len(f.ui.history.recent) == count })
}

// online shows an online state with calls.
func (f *fixture) online(calls ...csta.Call) { f.show(csta.Online, nil, calls...) }

// asked returns what the phone was asked for next.
func (f *fixture) asked() string {
	f.t.Helper()
	select {
	case s := <-f.phone.asked:
		return s
	case <-time.After(time.Minute):
		f.t.Fatal("the phone was not asked for anything")
		return ""
	}
}

// notAsked fails if the phone was asked for something.
func (f *fixture) notAsked(after string) {
	f.t.Helper()
	f.settle()
	select {
	case s := <-f.phone.asked:
		f.t.Errorf("%s: the phone was asked to %s", after, s)
	default:
	}
}

// press presses a key in the main window as Fyne hands it out: what has the keyboard gets it alone.
func (f *fixture) press(key fyne.KeyName) {
	f.t.Helper()
	e := &fyne.KeyEvent{Name: key}
	c := f.ui.window.window.Canvas()
	switch focused, keyable := c.Focused().(desktop.Keyable); {
	case keyable:
		focused.KeyDown(e)
	case c.Focused() == nil:
		f.ui.window.KeyDown(e) // which the test driver does not know
	}
	if c.Focused() != nil {
		c.Focused().TypedKey(e)
	} else if c.OnTypedKey() != nil {
		c.OnTypedKey()(e)
	}
	f.settle()
}

// typed types a text as press does.
func (f *fixture) typed(text string) {
	c := f.ui.window.window.Canvas()
	for _, r := range text {
		if c.Focused() != nil {
			c.Focused().TypedRune(r)
		} else {
			c.OnTypedRune()(r)
		}
	}
	f.settle()
}

// call makes a call; id is also its linkage.
func call(id string, phase csta.Phase, number, name string) csta.Call {
	now := time.Now()
	return csta.Call{Linkage: "link-" + id, ID: csta.ConnectionID{CallID: id, DeviceID: "200"}, Phase: phase,
		Remote: csta.Party{Number: number, Name: name}, Began: now, Since: now}
}

// ended makes a call that has ended.
func ended(id string, outcome csta.Outcome, number, name string) csta.Call {
	c := call(id, csta.Ended, number, name)
	c.Outcome = outcome
	return c
}

func TestPostsKeepTheirOrder(t *testing.T) {
	f := newFixture(t)
	var got []int
	for n := range 5 {
		f.ui.post(func() {
			got = append(got, n)
			if n == 2 {
				f.ui.post(func() { got = append(got, 20) })
			}
		})
	}
	f.settle()
	if want := "[0 1 2 3 4 20]"; fmt.Sprint(got) != want {
		t.Errorf("ran %v, want %s", got, want)
	}
}

func TestParkRunsPostsUntilEnough(t *testing.T) {
	f := newFixture(t)
	done := false
	go func() {
		for range 100 {
			f.ui.post(func() {})
		}
		f.ui.post(func() { done = true })
	}()
	f.ui.loop.park(func() bool { return done }, nil)
	if !done {
		t.Error("park came back before it was enough")
	}
}

func TestNothingRunsAfterTheEnd(t *testing.T) {
	f := newFixture(t)
	f.ui.Quit()
	f.settle()
	f.ui.post(func() { t.Error("a post ran after the end") })
	f.settle()
}

func TestRunWithoutADisplay(t *testing.T) {
	no := errors.New("There is no display.")
	u := New(Config{Desk: noDisplay{&fakeDesk{}, no}})
	if err := u.Run(t.Context()); !errors.Is(err, no) {
		t.Errorf("Run() = %v, want %v", err, no)
	}
}

type noDisplay struct {
	Desk
	err error
}

func (d noDisplay) Display() error { return d.err }

// Run stays away from Fyne as long as there is nothing to show.
func TestRunWithoutAWindow(t *testing.T) {
	u := New(Config{Desk: &fakeDesk{placed: true}, Settings: goodSettings, NewApp: func() fyne.App {
		t.Error("Fyne was started")
		return nil
	}})
	u.Show(csta.State{Status: csta.Online, Calls: []csta.Call{call("1", csta.Active, "203", "")}})
	u.Show(csta.State{Status: csta.Online})
	u.Quit()
	if err := u.Run(t.Context()); err != nil {
		t.Errorf("Run() = %v", err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	u := New(Config{Desk: &fakeDesk{placed: true}, Settings: goodSettings})
	u.post(cancel)
	if err := u.Run(ctx); err != nil {
		t.Errorf("Run() = %v", err)
	}
}
