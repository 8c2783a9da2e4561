// Package ui is what the user sees: the tray icon and its menu, the popup of an incoming call, the
// window with its settings.
//
// All of it is a function of the session's state. Show takes one, and everything is drawn anew from
// it; no widget remembers what a call is doing. What the user does goes the other way through Phone,
// one goroutine each, and changes nothing here: the next state does.
//
// One goroutine owns every field of UI: the one that called Run. The others reach it through post,
// which is the only place that mentions fyne.Do. Until the first window is needed Fyne's loop is not even
// started, because its window system costs a hundred megabytes and its loop ticks sixty times a second
// for ever; see mainloop.go. The popup does without: it is a picture; see popuppicture.go.
package ui

import (
	"context"
	"image"
	"log/slog"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"calltray/cstasession"
	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/attention"
	"calltray/internal/dialplan"
	"calltray/internal/hotkey"
	"calltray/internal/journal"
	"calltray/internal/text"
)

// Phone is what the user can do: a *cstasession.Session. Its methods may block; they are called on a
// goroutine of their own, with a time limit.
type Phone interface {
	MakeCall(ctx context.Context, number string) (csta.ConnectionID, error)
	AnswerCall(ctx context.Context, c csta.ConnectionID) error
	ClearConnection(ctx context.Context, c csta.ConnectionID) error
	HoldCall(ctx context.Context, c csta.ConnectionID) error
	RetrieveCall(ctx context.Context, c csta.ConnectionID) error
	ConsultationCall(ctx context.Context, c csta.ConnectionID, number string) (csta.ConnectionID, error)
	ReconnectCall(ctx context.Context, active, held csta.ConnectionID) error
	TransferCall(ctx context.Context, active, held csta.ConnectionID) error
	AlternateCall(ctx context.Context, active, held csta.ConnectionID) error
	ConferenceCall(ctx context.Context, active, held csta.ConnectionID) error
	SingleStepTransferCall(ctx context.Context, c csta.ConnectionID, to string) error
	DeflectCall(ctx context.Context, c csta.ConnectionID, to string) error
	DirectedPickupCall(ctx context.Context, ringing csta.ConnectionID) (csta.ConnectionID, error)
	GenerateDigits(ctx context.Context, c csta.ConnectionID, digits string) error

	SetDoNotDisturb(ctx context.Context, on bool) error
	SetForwarding(ctx context.Context, f csta.Forwarding) error
	GetCallProfile(ctx context.Context) (csta.CallProfile, error)
	SetCallProfile(ctx context.Context, p csta.CallProfile) error
	SetQueueMember(ctx context.Context, queue csta.DeviceID, in bool) error
}

// Desk is what Fyne lacks of the desktop: *native.Desk. Methods that take a context may block, and
// may be called from any goroutine. The others are called on the goroutine of Run only.
type Desk interface {
	// Display says, in a sentence, why no window could be opened; nil if one can.
	Display() error
	// Placed reports whether a program may put a window into a corner, above the others and without
	// the keyboard: everywhere but on native Wayland.
	Placed() bool
	// WatchPanel calls report with whether the panel with the tray icons is dark, and again when that changes. It
	// returns when ctx ends, or at once where that does not change.
	WatchPanel(ctx context.Context, report func(dark bool))
	// HasTray reports whether there is anything at all to show an icon in; without a session bus there is
	// not.
	HasTray() bool
	// TrayNeedsLoop reports whether the tray icon gets its messages from the loop of the main thread, which
	// is Fyne's, as on Windows and macOS. Elsewhere it lives on the session bus.
	TrayNeedsLoop() bool
	// WatchTray calls report whenever it turns out that a panel shows tray icons, or that none does.
	// It returns when ctx ends.
	WatchTray(ctx context.Context, report func(shown bool))
	// Clipboard returns the text of the clipboard, without any window: "" when it holds no text.
	Clipboard(ctx context.Context) (string, error)
	// Selection returns the text that is selected in whatever program, without any window: "" when there is none. It
	// is errors.ErrUnsupported where a program cannot learn it.
	Selection(ctx context.Context) (string, error)
	// WatchClipboard calls changed whenever a program puts something on the clipboard: with false at once,
	// since what was there before is gone, and with true when the new content can be read. It cannot where
	// the program does not answer, or asks for discretion, as password managers do. WatchClipboard returns
	// when ctx ends, or at once where the desktop tells nobody.
	WatchClipboard(ctx context.Context, changed func(readable bool))

	// SetClipboard puts a text on the clipboard, without any window of Fyne's; errors.ErrUnsupported where that
	// cannot be.
	SetClipboard(text string) error
	// WatchScheme calls report with whether the desktop prefers dark, and again when that changes. It returns when
	// ctx ends, or at once where Fyne knows by itself.
	WatchScheme(ctx context.Context, report func(dark bool))

	// ShowsPictures reports whether the desktop shows the popup as a picture, by the five methods that follow,
	// without Fyne's windows and OpenGL.
	ShowsPictures() bool
	// Screens returns the screens that are attached, in pixels of the desktop, in any order.
	Screens() []image.Rectangle
	// PopupScreen returns the work area, in pixels, of the screen that most of a part of the desktop is on, or for an
	// empty one of the screen that the pointer is on, and how many pixels a unit of Fyne's has there; false while no
	// screen is attached.
	PopupScreen(of image.Rectangle) (area image.Rectangle, scale float32, ok bool)
	// ShowPopup puts a picture on the screen, its top left corner at a place: above the other windows, in no task
	// bar, without the keyboard, also when it is clicked. If a picture is there already, what has changed of it is
	// brought up to date. The picture is opaque, and not kept.
	ShowPopup(picture *image.NRGBA, at image.Point, changed image.Rectangle) error
	// HidePopup takes the picture off the screen.
	HidePopup()
	// PopupPointer has f called, on any goroutine, for what the pointer does on the popup: where it is, in pixels of
	// the picture and of the desktop, whether it is on it, and whether its first button is pressed. One that was
	// pressed on the popup is followed until it is released, wherever it goes.
	PopupPointer(f func(at, desktop image.Point, on, pressed bool))

	// Around returns what the user is doing at the desktop, as far as it can be known. It may block until ctx ends.
	// Its do-not-disturb is asked for only if focus says so: that may start a program.
	Around(ctx context.Context, focus bool) attention.Desktop
	// CanOpenWindow returns why there can be no window of Fyne's, nil if there can. It may take seconds.
	CanOpenWindow(ctx context.Context) error
	// Doze waits, on the goroutine of Run, until the window system has something for Fyne's windows, hands that to
	// them, and returns; also when Rouse is called, or after a limit. Rouse may be called from any goroutine while
	// Doze waits or is about to.
	Doze(limit time.Duration)
	Rouse()
	// MakingPopup is called before the popup's window is shown, where it is one of Fyne's; the function that it
	// returns, after.
	MakingPopup() (made func())
	// Corner returns the bottom right corner of the primary screen's work area, in the coordinates of Fyne's
	// windows; false while no screen is attached.
	Corner() (x, y int, ok bool)
	// WindowPlace returns where the content of a window begins, in pixels of the desktop; false where that is not known.
	WindowPlace(window uintptr) (at image.Point, ok bool)
	// Minimise makes an icon of a window in the task bar, and reports whether that is possible.
	Minimise(window uintptr) bool
}

// Config is what a UI needs. NewApp, Desk and Phone must be set.
type Config struct {
	Version string
	NewApp  func() fyne.App // called once, on the goroutine of Run, when the first popup or window is needed
	Desk    Desk
	// Phone returns the present session, or why there is none. It must not block.
	Phone func() (Phone, error)

	Settings account.Settings // as loaded; its zero value opens the settings at the start
	// Save stores the settings, and the password unless it is empty, which means: keep the one there is.
	// With inMemoryOnly the password is kept until Quit, and no keyring is asked. It then logs in anew if
	// the account has changed.
	Save func(ctx context.Context, s account.Settings, password string, inMemoryOnly bool) error
	// SignInTo, if set, keeps the user and the password for a proxy (host:port) in the keyring. It may block.
	SignInTo func(ctx context.Context, proxy, user, password string) error
	// Links, if set, is who opens telephone links on this desktop.
	Links *Links
	// Hotkeys, if set, has keys work while another program has the keyboard, as hotkey.Watch does.
	Hotkeys func(ctx context.Context, bindings []hotkey.Binding, told func(hotkey.Binding, error), pressed func(hotkey.Binding)) error
	// Locks, if set, reports whether a setting is the administrator's alone. It must not block.
	Locks func(account.Field) bool
	// Health, if set, tells the figures of the link beside its state. It must not block.
	Health func() cstasession.Health
	// Check, if set, goes the way from here to the calls with an account, and reports every step. An empty
	// password means the one there is. With a number it also calls that from the user's telephone, and hangs up. It
	// may block for a minute.
	Check func(ctx context.Context, s account.Settings, password, number string, report func(Step)) error
	// Autostarts, if set, reports whether the program starts when the user logs in. It may read a file.
	Autostarts func() bool
	// Remembered is what an earlier start noticed. Remember, if set, changes that for the next one; it may block. A
	// user is told where Calltray is only if it is set.
	Remembered account.Remembered
	Remember   func(change func(*account.Remembered))
	// Hidden is for a program that the desktop has started: it opens no window by itself.
	Hidden bool
	// Notify, if set, shows a sentence as a notification of the desktop; it must not block.
	Notify func(sentence string)
	// Retry, if set, tries to log in at once; it must not block. The window offers it while offline.
	Retry func()
	// Names are what the user calls extensions, by number; they go before the exchange's own names. Rename,
	// if set, keeps another one, "" for none; it may block.
	Names  map[string]string
	Rename func(ctx context.Context, number, name string) error

	// Journal, if set, is the history of calls. It is told every state before Show is, and reports changes through
	// JournalChanged.
	Journal *journal.Journal
	// Known, if set, is what is known of a number; more of it may be known later, which KnownChanged tells. It must
	// not block.
	Known func(number string) Known
	// Attention, if set, decides by what a ringing call is shown; default: by everything. It must not block. A call of
	// which it decides otherwise later is told by Show once more.
	Attention func(csta.Call) attention.Channels
	// Shared, if set, reports whether others see the screen, and are not to read there who calls. It must not block.
	Shared func() bool
	// OnLooked, if set, is told when the user has seen which calls were missed. It must not block.
	OnLooked func()
	// OnActive, if set, is told when the window gets the keyboard, or loses it. It must not block.
	OnActive func(on bool)
	// Find, if set, lists the contacts that a text names, each of their numbers on its own. It may block.
	Find func(ctx context.Context, text string) ([]Found, error)
	// Sources, if set, is where contacts come from beside the user's own.
	Sources *Sources
	// OwnBook, if set, is the contacts that the user has written.
	OwnBook *OwnBook
	// KeepSecret, if set, keeps the secret of the look-up at an address in the keyring; "" takes it out. It may block.
	KeepSecret func(ctx context.Context, address, secret string) error
	// TryRules, if set, carries rules out with a made-up call, and returns a sentence. It may block.
	TryRules func(ctx context.Context, rules string) (string, error)
	// Browse, if set, opens a page in the browser in place of Fyne. It must not block.
	Browse func(*url.URL) error
	// SaveContact, if set, keeps a contact of the user's own. It may block.
	SaveContact func(ctx context.Context, number, name, company string) error
	// Export, if set, writes the calls that a query finds into a file of its choosing, and returns its name. It may
	// block.
	Export func(context.Context, journal.Query) (file string, err error)

	Demo   bool         // says so in the window and the tooltip; the settings cannot be changed
	Logger *slog.Logger // default: none
}

// UI is the tray, the popup and the window of one account. Its exported methods may be called from any
// goroutine; none blocks.
type UI struct {
	cfg  Config
	log  *slog.Logger
	loop mainLoop
	plan atomic.Pointer[dialplan.Plan] // how numbers are read; never nil

	// Everything below is owned by the goroutine of Run.
	ctx        context.Context // of Run
	made       fyne.App        // whose theme all is drawn in; nil until it is first needed
	app        fyne.App        // the same, once its loop has begun: nil until the first window is needed
	opens      opening         // whether a window can be
	alive      bool            // Run is running
	warmed     bool            // the popup is, or will be in a moment
	tidying    *time.Timer     // until memory is given back; nil if nothing is to be
	dark       bool            // the panel is
	running    bool            // Fyne's loop is
	resting    bool            // a rest is on its way
	changed    bool            // the state has, since it was drawn
	ticking    bool            // a tick of the clocks is
	active     bool            // the window has the keyboard
	noTray     bool            // no panel shows our icon: the window must not vanish
	settings   account.Settings
	remembered account.Remembered
	keeping    sync.WaitGroup // of what is being written of it

	state        csta.State
	quietTimer   *time.Timer // until do-not-disturb is to end; nil if it has not been looked at
	history      history
	pages        pages
	clip         clip
	find         func(string) []dialplan.Number // in a text; it may take its time
	busy         map[doing]bool                 // services that are on their way
	dialling     string                         // the last number that the PBX was asked to call, until it answers
	chosenCall   csta.ConnectionID              // the call that the user chose to act upon; zero for none
	subjectMoved time.Time                      // when another call took the place of a subject that had ended
	saidNow      string                         // what tellNow told last
	office       office
	telephone    telephone
	tray         tray
	popup        popup
	window       mainWindow
	consent      consent
	asks         dialQuestion
	hotkeys      hotkeys
}

// New makes a UI. It shows nothing and starts nothing: Run does.
func New(cfg Config) *UI {
	u := &UI{
		cfg:        cfg,
		log:        cfg.Logger,
		settings:   cfg.Settings,
		remembered: cfg.Remembered,
		ctx:        context.Background(),
		busy:       make(map[doing]bool),
		state:      csta.State{Since: time.Now()},
		find:       dialplan.Find,
	}
	u.pages.ui = u
	if u.log == nil {
		u.log = slog.New(slog.DiscardHandler)
	}
	u.loop.init(func() { u.cfg.Desk.Rouse() })
	u.loop.draw = func() {
		if u.changed {
			u.render()
		}
	}
	u.popup.ui, u.window.ui, u.history.ui, u.asks.ui, u.hotkeys.ui = u, u, u, u, u
	u.office.init(u)
	u.replan()
	u.telephone = telephone{changing: map[string]csta.Forwarding{}, lastTo: map[string]string{}}
	return u
}

// Show takes a state of the session. States are shown in the order in which they come, each of them, so
// that a call which is told to have ended in one only is not missed.
func (u *UI) Show(s csta.State) { u.post(func() { u.show(s) }) }

// warmAfter is how long after the login the popup is made ready, when all else is.
const warmAfter = time.Second

func (u *UI) show(s csta.State) {
	u.office.follow(u.state, s)
	u.telephone.follow(s.Telephone)
	u.pages.follow(s)
	quiet := u.state.Telephone.DoNotDisturb
	u.chosenCall = stillChosen(u.chosenCall, u.state.Calls, s.Calls)
	before, had := u.subject()
	if u.chosenCall.IsZero() && u.window.message == u.saidNow && !slices.EqualFunc(u.state.Calls, s.Calls, samePhase) {
		u.window.message = "" // it may be wrong by now
	}
	if u.state = s; s.Status == csta.Online && u.alive && !u.warmed {
		u.warmed = true
		time.AfterFunc(warmAfter, func() { u.post(u.popup.warm) })
	}
	if _, has := u.subject(); had && has && u.call(before.ID).Phase == csta.Ended {
		u.subjectMoved = time.Now()
	}
	u.followQuiet(quiet)
	if s.Status == csta.Online {
		u.introduce()
	}
	for _, c := range s.Calls {
		if why := text.Unreached(c, u.named(c.Remote)); why != "" {
			u.tell(why)
		}
	}
	u.asks.state(s)
	u.changed = true
}

// render draws everything from the fields. It is cheap: what does not change is not touched.
func (u *UI) render() {
	u.changed = false
	u.tray.render(u)
	u.popup.render()
	u.window.render()
	u.askForState()
	u.asks.render()
}

// Colleague takes what the exchange tells of another extension. It costs little, however often it is
// called: what the screen shows of the office is brought up to date a few times a second.
func (u *UI) Colleague(c csta.Colleague) { u.office.colleague(c) }

// Queue takes what the exchange tells of a queue, as Colleague does.
func (u *UI) Queue(q csta.Queue) { u.office.queue(q) }

// ShowWindow brings the main window to the front.
func (u *UI) ShowWindow() { u.post(func() { u.window.open(pageCalls) }) }

// ShowSettings brings the main window to the front, at its settings.
func (u *UI) ShowSettings() { u.post(func() { u.window.open(pageSettings) }) }

// Internal reports whether a number is an extension, as far as numbers tell. It may be called from any goroutine.
func (u *UI) Internal(number string) bool {
	kind, _ := u.plan.Load().Classify(number)
	return kind == dialplan.Internal
}

// E164 is a number in its international form, or as it is if it has none. It may be called from any goroutine.
func (u *UI) E164(number string) string { return u.plan.Load().Key(number) }

// OpenPage opens a page in the browser that a rule of the settings wants. It reports whether it was tried: not if too many
// have just opened by themselves. The error is why the browser did not open it, or the cause of ctx's end. It waits for the
// goroutine of the UI.
func (u *UI) OpenPage(ctx context.Context, page *url.URL) (tried bool, _ error) {
	type result struct {
		tried bool
		err   error
	}
	opened := make(chan result, 1)
	u.post(func() {
		switch {
		case ctx.Err() != nil: // nobody waits for it any more
		case u.pages.may():
			opened <- result{true, u.pages.browse(page)}
		default:
			opened <- result{}
		}
	})
	select {
	case r := <-opened:
		return r.tried, r.err
	case <-ctx.Done():
		return false, context.Cause(ctx)
	}
}

// attention is by what a ringing call is shown.
func (u *UI) attention(c csta.Call) attention.Channels {
	if u.cfg.Attention == nil {
		return attention.Channels{Popup: true, Notification: true, Tray: true}
	}
	return u.cfg.Attention(c)
}

// Answer answers a ringing call, as the popup's button does.
func (u *UI) Answer(c csta.ConnectionID) { u.post(func() { u.answer(c) }) }

// HangUp clears a call, as the popup's button does.
func (u *UI) HangUp(c csta.ConnectionID) { u.post(func() { u.hangUp(c) }) }

// Dial calls a number that the user has seen and chosen: "Call back" in a notification. It is shown in
// the window's entry before it is dialled.
func (u *UI) Dial(number string) { u.post(func() { u.dial(number) }) }

// Say shows a sentence in the window, without opening it.
func (u *UI) Say(sentence string) { u.post(func() { u.tell(sentence) }) }

// Report shows a sentence about something that went wrong by itself: in the window, or in the corner while the window is
// off the screen. It does not take the keyboard.
func (u *UI) Report(sentence string) { u.post(func() { u.report(sentence) }) }

// SetExchange tells that the account logs in anew, maybe to another exchange: what was known of colleagues
// and queues is forgotten, and names are what the user calls the extensions there.
func (u *UI) SetExchange(names map[string]string) {
	u.office.forget(names)
	u.post(func() {
		clear(u.telephone.lastTo)
		if u.window.side != nil {
			u.window.side.telephone.profile.forget()
		}
		u.render()
	})
}

// SetSettings tells the window that the account was changed elsewhere.
func (u *UI) SetSettings(s account.Settings) {
	u.post(func() { u.adopt(s) })
}
