// Package ui is what the user sees: the tray icon and its menu, the popup for an incoming call, and the window with its
// settings.
//
// All of it is a function of the session's state. Show takes one, and everything is redrawn from it; no widget
// remembers what a call is doing. User actions go the other way through Phone, on a goroutine each, and change nothing
// here: the next state does.
//
// One goroutine owns every field of UI: the one that called Run. Others reach it through post, the only place that
// mentions fyne.Do. Fyne's loop starts only when the first window is needed, because its window system costs a hundred
// megabytes and its loop ticks sixty times a second for ever; see mainloop.go. The popup does without: it is a picture;
// see popuppicture.go.
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

// Phone is what the user can do: a *cstasession.Session. Its methods may block; each is called on its own goroutine,
// with a time limit.
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

// Desk is what Fyne lacks on the desktop: *native.Desk. Methods that take a context may block, and may be called from
// any goroutine. The others are called only on the goroutine of Run.
type Desk interface {
	// Display returns why no window could be opened, as a sentence; nil if one can.
	Display() error
	// Placed reports whether a program may place a window in a corner, on top and without taking the keyboard focus:
	// everywhere but on native Wayland.
	Placed() bool
	// WatchPanel calls report with whether the panel with the tray icons is dark, at once and on every change. It
	// returns when ctx ends, or at once where that never changes.
	WatchPanel(ctx context.Context, report func(dark bool))
	// HasTray reports whether there is anything to show an icon in: not without a session bus.
	HasTray() bool
	// TrayNeedsLoop reports whether the tray icon gets its messages from the main thread's loop, which is Fyne's, as on
	// Windows and macOS. Elsewhere it uses the session bus.
	TrayNeedsLoop() bool
	// WatchTray calls report whenever it turns out that a panel shows tray icons, or that none does.
	// It returns when ctx ends.
	WatchTray(ctx context.Context, report func(shown bool))
	// Clipboard returns the text on the clipboard, without any window: "" if it holds no text.
	Clipboard(ctx context.Context) (string, error)
	// Selection returns the text selected in any program, without any window: "" if there is none. The error is
	// errors.ErrUnsupported where a program cannot read it.
	Selection(ctx context.Context) (string, error)
	// WatchClipboard calls changed whenever a program sets the clipboard: with false at once, since the old content is
	// gone, and with true when the new content can be read. It cannot be read if the program does not answer or asks
	// for discretion, as password managers do. WatchClipboard returns when ctx ends, or at once where the desktop does
	// not report changes.
	WatchClipboard(ctx context.Context, changed func(readable bool))

	// SetClipboard puts a text on the clipboard, without any Fyne window. It returns errors.ErrUnsupported where that
	// is impossible.
	SetClipboard(text string) error
	// WatchScheme calls report with whether the desktop prefers dark, at once and on every change. It returns when ctx
	// ends, or at once where Fyne itself detects this.
	WatchScheme(ctx context.Context, report func(dark bool))

	// ShowsPictures reports whether the desktop shows the popup as a picture, with the next five methods and without
	// Fyne's windows and OpenGL.
	ShowsPictures() bool
	// Screens returns the attached screens, in desktop pixels, in any order.
	Screens() []image.Rectangle
	// PopupScreen returns the work area, in pixels, of the screen that contains most of a part of the desktop, or, if
	// that is empty, of the screen with the pointer, and the pixels per Fyne unit there; false while no screen is
	// attached.
	PopupScreen(of image.Rectangle) (area image.Rectangle, scale float32, ok bool)
	// ShowPopup shows a picture with its top left corner at a point: above the other windows, in no task bar, and
	// without taking the keyboard focus, even when clicked. changed contains all that differs from the last picture that
	// ShowPopup or PreparePopup was called with. The picture is opaque, and not retained.
	ShowPopup(picture *image.NRGBA, at image.Point, changed image.Rectangle) error
	// PreparePopup does as much of ShowPopup as nobody sees, while no picture is shown.
	PreparePopup(picture *image.NRGBA, changed image.Rectangle) error
	// HidePopup removes the picture from the screen.
	HidePopup()
	// PopupPointer sets f to be called, on any goroutine, with what the pointer does on the popup: its position, in
	// pixels of the picture and of the desktop, whether it is on the popup, and whether its first button is pressed.
	// After a press on the popup it is followed until the release, wherever it goes.
	PopupPointer(f func(at, desktop image.Point, on, pressed bool))

	// Around returns what the user is doing at the desktop, as far as known. It may block until ctx ends. It queries
	// do-not-disturb only if focus is set, because that may start a program.
	Around(ctx context.Context, focus bool) attention.Desktop
	// CanOpenWindow returns why no Fyne window can be opened, or nil if one can. It may take seconds.
	CanOpenWindow(ctx context.Context) error
	// Doze waits, on the goroutine of Run, until the window system has events for Fyne's windows, passes them on, and
	// returns. It also returns when Rouse is called, or after a limit. Rouse may be called from any goroutine while
	// Doze waits or is about to.
	Doze(limit time.Duration)
	Rouse()
	// MakingPopup is called before the popup's window is shown, where that is a Fyne window; the function it returns is
	// called after.
	MakingPopup() (made func())
	// Corner returns the bottom right corner of the primary screen's work area, in the coordinates of Fyne's windows;
	// false while no screen is attached.
	Corner() (x, y int, ok bool)
	// WindowPlace returns the top left corner of a window's content, in desktop pixels; false where unknown.
	WindowPlace(window uintptr) (at image.Point, ok bool)
	// Minimise minimises a window to the task bar, and reports whether that is possible.
	Minimise(window uintptr) bool
}

// Config configures a UI. NewApp, Desk and Phone must be set.
type Config struct {
	Version string
	NewApp  func() fyne.App // called once, on the goroutine of Run, when the first popup or window is needed
	Desk    Desk
	// Phone returns the current session, or why there is none. It must not block.
	Phone func() (Phone, error)

	Settings account.Settings // as loaded; the zero value opens the settings at the start
	// Save stores the settings, and the password unless it is empty, which means: keep the stored one. With
	// inMemoryOnly the password is kept until Quit, without a keyring. Save then logs in again if the account has
	// changed.
	Save func(ctx context.Context, s account.Settings, password string, inMemoryOnly bool) error
	// SignInTo, if set, stores the user and the password for a proxy (host:port) in the keyring. It may block.
	SignInTo func(ctx context.Context, proxy, user, password string) error
	// Links, if set, reads and changes which program opens telephone links.
	Links *Links
	// Hotkeys, if set, makes keys work while another program has the keyboard focus, as hotkey.Watch does.
	Hotkeys func(ctx context.Context, bindings []hotkey.Binding, told func(hotkey.Binding, error), pressed func(hotkey.Binding)) error
	// Locks, if set, reports whether only the administrator may change a setting. It must not block.
	Locks func(account.Field) bool
	// Health, if set, returns the figures of the link besides its state. It must not block.
	Health func() cstasession.Health
	// Check, if set, tests the way from here to the calls with an account, and reports every step. An empty password
	// means the stored one. With a number it also calls that from the user's telephone, and hangs up. It may block for
	// a minute.
	Check func(ctx context.Context, s account.Settings, password, number string, report func(Step)) error
	// Autostarts, if set, reports whether the program starts when the user logs in. It may read a file.
	Autostarts func() bool
	// Remembered is what an earlier run noted. Remember, if set, changes that for the next run; it may block. The user
	// is shown where Calltray is only if it is set.
	Remembered account.Remembered
	Remember   func(change func(*account.Remembered))
	// Hidden means that the desktop started the program: it opens no window by itself.
	Hidden bool
	// Notify, if set, shows a sentence as a desktop notification; it must not block.
	Notify func(sentence string)
	// Retry, if set, tries to log in at once; it must not block. The window offers it while offline.
	Retry func()
	// Names are the user's own names for extensions, by number; they take precedence over the PBX's. Rename, if
	// set, stores one, "" for none; it may block.
	Names  map[string]string
	Rename func(ctx context.Context, number, name string) error

	// Journal, if set, is the history of calls. It gets every state before Show does, and reports changes through
	// JournalChanged.
	Journal *journal.Journal
	// Known, if set, returns what is known of a number. KnownChanged reports that more has become known. It must not
	// block.
	Known func(number string) Known
	// Attention, if set, decides how a ringing call is shown; default: in every way. It must not block. When its
	// decision about a call changes, Show is called again.
	Attention func(csta.Call) attention.Channels
	// Shared, if set, reports whether others see the screen and must not read who calls. It must not block.
	Shared func() bool
	// OnLooked, if set, is called when the user has seen which calls were missed. It must not block.
	OnLooked func()
	// OnActive, if set, is called when the user begins or ends working in the window, which has the keyboard then. It must not block.
	OnActive func(on bool)
	// Find, if set, returns the contacts that match a text, one for each of their numbers. It may block.
	Find func(ctx context.Context, text string) ([]Found, error)
	// Sources, if set, is where contacts come from besides the user's own.
	Sources *Sources
	// OwnBook, if set, holds the contacts that the user has written.
	OwnBook *OwnBook
	// KeepSecret, if set, stores the secret for the look-up at an address in the keyring; "" removes it. It may block.
	KeepSecret func(ctx context.Context, address, secret string) error
	// TryRules, if set, runs rules with a made-up call, and returns a sentence. It may block.
	TryRules func(ctx context.Context, rules string) (string, error)
	// Browse, if set, opens a page in the browser instead of Fyne. It must not block.
	Browse func(*url.URL) error
	// SaveContact, if set, saves one of the user's own contacts. It may block.
	SaveContact func(ctx context.Context, number, name, company string) error
	// Export, if set, writes the calls that match a query to a file of its choosing, and returns its name. It may
	// block.
	Export func(context.Context, journal.Query) (file string, err error)

	Demo   bool         // says so in the window and the tooltip; the settings cannot be changed
	Logger *slog.Logger // default: none
}

// UI is the tray, the popup and the window of one account. Its exported methods may be called from any goroutine; none
// blocks unless its comment says so.
type UI struct {
	cfg  Config
	log  *slog.Logger
	loop mainLoop
	plan atomic.Pointer[dialplan.Plan] // how numbers are read; never nil

	// Everything below is owned by the goroutine of Run.
	ctx        context.Context // of Run
	made       fyne.App        // provides the theme of everything; nil until first needed
	app        fyne.App        // the same, once its loop runs; nil until the first window is needed
	opens      opening         // whether a window can be opened
	alive      bool            // Run is running
	warmed     bool            // the popup is ready, or will be in a moment
	tidying    *time.Timer     // until memory is released; nil before the first popup
	dark       bool            // the panel is dark
	running    bool            // Fyne's loop is running
	resting    bool            // a rest is scheduled
	looped     time.Time       // when wakeFyne was last called
	changed    bool            // the state has changed since it was drawn
	ticking    bool            // a tick of the clocks is scheduled
	active     bool            // one of Fyne's windows has the keyboard, as far as Fyne knows: see inWindow
	toldActive bool            // the last value given to Config.OnActive
	noTray     bool            // no panel shows our icon: the window must not vanish
	settings   account.Settings
	remembered account.Remembered
	keeping    sync.WaitGroup // the writes of it in progress

	state        csta.State
	quietTimer   *time.Timer // until do-not-disturb is to end; nil if not checked yet
	history      history
	pages        pages
	clip         clip
	find         func(string) []dialplan.Number // in a text; it may be slow
	busy         map[doing]bool                 // services in progress
	dialling     string                         // the last number that the PBX was asked to call, until it answers
	chosenCall   csta.ConnectionID              // the call that the user chose to act on; zero for none
	subjectMoved time.Time                      // when another call replaced a subject that had ended
	saidNow      string                         // the last message of tellNow
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

// Show takes a state of the session. Each state is handled, in order, so that a call that only one of them reports as
// ended is not missed.
func (u *UI) Show(s csta.State) { u.post(func() { u.show(s) }) }

// warmAfter is how long after the login the popup is prepared, when all else is done.
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

// render draws everything from the fields. It is cheap: what has not changed is not touched.
func (u *UI) render() {
	u.changed = false
	u.popup.render() // first: it is what a user waits for
	u.tray.render(u)
	u.window.render()
	u.askForState()
	u.asks.render()
}

// Colleague takes what the PBX reports about another extension. It is cheap however often it is called: the office
// on the screen is updated a few times a second.
func (u *UI) Colleague(c csta.Colleague) { u.office.colleague(c) }

// Queue takes what the PBX reports about a queue, as Colleague does.
func (u *UI) Queue(q csta.Queue) { u.office.queue(q) }

// ShowWindow brings the main window to the front.
func (u *UI) ShowWindow() { u.post(func() { u.window.open(pageCalls) }) }

// ShowSettings brings the main window to the front, showing the settings.
func (u *UI) ShowSettings() { u.post(func() { u.window.open(pageSettings) }) }

// Internal reports whether a number is an extension, judging by the number. It may be called from any goroutine.
func (u *UI) Internal(number string) bool {
	kind, _ := u.plan.Load().Classify(number)
	return kind == dialplan.Internal
}

// E164 returns a number in its international form, or unchanged if it has none. It may be called from any goroutine.
func (u *UI) E164(number string) string { return u.plan.Load().Key(number) }

// OpenPage opens a page in the browser for a rule of the settings. It reports whether it tried: not if too many have
// just opened by themselves. The error is why the browser did not open it, or the cause of ctx's end. It waits for the
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

// attention returns how a ringing call is shown.
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

// Dial calls a number that the user has seen and chosen: "Call back" in a notification. The window's entry shows it
// before it is dialled.
func (u *UI) Dial(number string) { u.post(func() { u.dial(number) }) }

// Say shows a sentence in the window, without opening it.
func (u *UI) Say(sentence string) { u.post(func() { u.tell(sentence) }) }

// Report shows a sentence about something that went wrong by itself: in the window, or in the corner while the window
// is off the screen. It does not take the keyboard focus.
func (u *UI) Report(sentence string) { u.post(func() { u.report(sentence) }) }

// SetPBX reports that the account logs in again, maybe to another PBX: what was known of colleagues and
// queues is forgotten, and names are the user's names for the extensions there.
func (u *UI) SetPBX(names map[string]string) {
	u.office.forget(names)
	u.post(func() {
		clear(u.telephone.lastTo)
		if u.window.side != nil {
			u.window.side.telephone.profile.forget()
		}
		u.render()
	})
}

// SetSettings takes over settings that were changed elsewhere.
func (u *UI) SetSettings(s account.Settings) {
	u.post(func() { u.adopt(s) })
}
