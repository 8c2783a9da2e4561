// Package app is the running application: it logs in, holds the session, passes its state on to the window, the
// tray and the notifications, and answers requests from a second start and the command line.
package app

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"calltray/cstasession"
	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/attention"
	"calltray/internal/command"
	"calltray/internal/contacts"
	"calltray/internal/hotkey"
	"calltray/internal/journal"
	"calltray/internal/music"
	"calltray/internal/support"
	"calltray/internal/text"
	"calltray/internal/wake"
	"calltray/notify"
	"calltray/ui"
)

// The application's identity, as in FyneApp.toml.
const (
	ID      = "dk.calltray.Calltray"
	Version = "0.1.0"
)

// Config configures an application.
type Config struct {
	Platform Platform
	Settings account.Settings
	// SettingsErr is what is wrong with the settings file: account.ErrIgnored or, with empty settings, why it
	// cannot be read. The user sees it until an account is saved.
	SettingsErr error

	Locks    func(account.Field) bool // whether the administrator has locked a setting; nil for none
	Password string                   // kept in memory; "" means that the keyring is asked
	FromEnv  bool                     // the account comes from the environment
	Demo     bool                     // changes neither settings nor names
	Names    account.Names            // of the demonstration
	Logger   *slog.Logger
	File     *support.Log // nil: none
	Hidden   bool         // the desktop started it, so it opens no window of its own
	History  string       // the file of the call history, as returned by store.Path; "" for in memory
	Notice   string       // a sentence to show in the window at first; "" for none
}

// App is the running application: one account, its session, and everything that shows what the session reports.
// Its exported methods, except Run, may be called from any goroutine.
type App struct {
	log        *slog.Logger
	desk       ui.Desk // nil without a display
	ui         *ui.UI
	notes      *notify.Notifier
	memory     memory
	file       *support.Log // nil in the demonstration
	names      *names       // of the current PBX's extensions
	journal    *journal.Journal
	book       *contacts.Book
	people     *people
	attention  *attentive
	events     *callEvents
	music      *music.Pauser
	notice     string
	demo       bool
	remembered remembered
	dialling   dialling
	unread     error // why the settings are empty; nil if they are not empty, or if there are none

	changing sync.Mutex      // held while one session gives way to the next
	life     context.Context // of the application: sessions end when it does
	stop     func()          // ends the current session, and waits until it has ended

	telling sync.Mutex // held while a state is passed to everything that shows it, so that all receive the states in order

	mu       sync.Mutex
	settings account.Settings
	session  *cstasession.Session // nil while there is none
	state    csta.State           // as reported by the session, without the user's names
	links    []support.LinkEvent  // the link's history, bounded
}

// linksKept is how many changes of the link are kept for diagnostics.
const linksKept = 500

// New connects the parts of an application. It starts nothing.
func New(cfg Config) *App {
	a := &App{log: cfg.Logger, file: cfg.File, notice: cfg.Notice, settings: cfg.Settings, desk: cfg.Platform.desk(cfg.Logger), stop: func() {},
		demo: cfg.Demo, remembered: remembered{log: cfg.Logger, inMemory: cfg.Demo},
		names: &names{inMemory: cfg.Demo, domain: cfg.Settings.PBXDomain, byNumber: cfg.Names}}
	if !cfg.Demo {
		a.remembered.now = account.LoadRemembered()
	}
	if cfg.Settings == (account.Settings{}) {
		a.unread = cfg.SettingsErr
	}
	if cfg.Password != "" {
		a.memory.keep(cfg.Settings, cfg.Password)
	}
	a.journal = a.newJournal(cfg)
	a.book = &contacts.Book{Ready: a.journal.Ready, Servers: servers(a.current)}
	a.people = &people{book: a.book, journal: a.journal, changed: a.known, known: map[string]ui.Known{}, asked: map[string]bool{}}
	a.people.unknown, a.people.e164 = unknown(a.current), func(number string) string { return a.ui.E164(number) }
	a.attention = &attentive{settings: cfg.Settings, internal: func(number string) bool { return a.ui.Internal(number) }, popup: a.popupShows, changed: a.known,
		desktop: func(ctx context.Context, focus bool) attention.Desktop { return a.desk.Around(ctx, focus) }}
	a.events = newCallEvents(a, cfg.Settings)
	a.music = music.New(cfg.Logger, cfg.Settings.PauseMusic)
	remember := a.remembered.change
	if cfg.Demo || cfg.FromEnv {
		remember = nil // a demonstration is not installed
	}
	a.ui = ui.New(ui.Config{
		Version:     Version,
		NewApp:      cfg.Platform.NewFyne,
		Desk:        a.desk,
		Phone:       a.present,
		Settings:    cfg.Settings,
		Save:        a.save,
		SignInTo:    account.SetProxySignIn,
		Locks:       cfg.Locks,
		Hidden:      cfg.Hidden,
		Links:       linksUnless(cfg.Demo),
		Hotkeys:     hotkey.Watch,
		Autostarts:  Autostarts,
		Notify:      a.notify,
		Remembered:  a.remembered.get(),
		Remember:    remember,
		Retry:       a.retry,
		Health:      a.health,
		Check:       a.check,
		Rename:      a.rename,
		Journal:     a.journal,
		Export:      a.export,
		Known:       a.people.of,
		Find:        a.findContacts,
		Attention:   a.attention.of,
		Shared:      a.attention.shared,
		OnActive:    a.attention.activate,
		OnLooked:    a.looked,
		SaveContact: a.saveContact,
		Sources:     a.sources(),
		OwnBook:     a.ownBook(),
		TryRules:    a.tryRules,
		KeepSecret:  keepSecret,
		Demo:        cfg.Demo,
		Logger:      cfg.Logger,
	})
	return a
}

// Run shows the application until the user quits or ctx ends. It must be called on the main goroutine.
func (a *App) Run(ctx context.Context) error {
	if err := display(a.desk); err != nil {
		return err // before the first login
	}
	if a.notice != "" {
		a.ui.Say(a.notice)
	}
	defer a.Begin(ctx)()
	go a.carryOut(a.settings.Autostart)
	watching, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		wake.Watch(watching, a.log, a.woken)
	}()
	defer func() { stop(); <-watched }()
	return a.ui.Run(ctx)
}

// Begin logs in and shows notifications, without a window, until ctx ends or the returned function is called,
// which waits for the end. Begin may be called again after that.
func (a *App) Begin(ctx context.Context) (end func()) {
	a.notes = notify.New(a.notifications())
	a.life = ctx
	refreshing, stop := context.WithCancel(ctx)
	a.people.live(refreshing)
	a.events.live(refreshing)
	a.music.Begin()
	if a.desk != nil {
		a.attention.live(refreshing)
	}
	a.connect(a.current())
	// After the login has started, since it needs neither history nor contacts.
	a.journal.Start()
	refreshed := make(chan struct{})
	go func() { defer close(refreshed); a.refresh(refreshing) }()
	return func() {
		a.events.quit() // while the calls are still known
		a.disconnect()
		stop()
		<-refreshed
		a.people.wait() // results of a look-up may be reported until then
		a.attention.wait()
		a.events.runner.Wait()
		a.music.End()
		a.notes.Close()
		a.journal.Close()
	}
}

// phone is a session that tells the journal which calls this program made.
type phone struct {
	*cstasession.Session
	journal *journal.Journal
}

// MakeCall is cstasession.Session.MakeCall.
func (p phone) MakeCall(ctx context.Context, number string) (csta.ConnectionID, error) {
	id, err := p.Session.MakeCall(ctx, number)
	if err == nil {
		p.journal.Dialled(id)
	}
	return id, err
}

// save does what "Save" in the settings does. The password is stored first: if the keyring does not accept it,
// nothing has changed. An empty password means the current one.
func (a *App) save(ctx context.Context, settings account.Settings, password string, inMemoryOnly bool) error {
	if err := settings.Check(); err != nil {
		return err
	}
	switch {
	case password == "":
	case inMemoryOnly:
		a.memory.keep(settings, password)
	default:
		if err := account.SetPassword(ctx, settings, password); err != nil {
			return err
		}
		a.memory.forget()
	}
	if err := settings.Save(); err != nil {
		return err
	}
	a.carryOut(settings.Autostart)
	a.attention.set(settings)
	a.events.runner.Set(settings.Rules)
	a.music.Set(settings.PauseMusic)
	a.journal.SetKeep(settings.KeepHistory())
	a.journal.SetPrivate(settings.Private)
	a.mu.Lock()
	same := a.session != nil && password == "" && settings.SameLogin(a.settings)
	if same {
		a.settings = settings
	}
	a.mu.Unlock()
	if !same { // a session that continues keeps its calls
		a.connect(settings)
	}
	return nil
}

// current returns the settings.
func (a *App) current() account.Settings {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.settings
}

// health returns the figures of the current session's link.
func (a *App) health() cstasession.Health {
	s, err := a.Session()
	if err != nil {
		return cstasession.Health{}
	}
	return s.Health()
}

// check runs the self-test of an account: the path to the calls, in a session of its own, and then what shows
// them. An empty password means the current one.
func (a *App) check(ctx context.Context, settings account.Settings, password, number string, report func(ui.Step)) error {
	began := time.Now()
	err := command.Usable(settings)
	if err == nil && password == "" {
		password, err = a.memory.password(ctx, settings, nil)
	}
	report(ui.Step{Name: text.StepAccount, Took: time.Since(began), Err: err})
	if err != nil {
		return err
	}
	cfg := command.SessionConfig(settings, csta.NewPassword(password), nil, a.log)
	err = cstasession.Check(ctx, cfg, number, func(s cstasession.Step) {
		report(ui.Step{Name: text.StepNames[s.Name], Note: text.Way(s.Path), Took: s.Took, Err: s.Err})
	})
	if err != nil {
		return err
	}
	return errors.Join(checkScreen(ctx, a.ui, a.notes, report)...)
}

// retry tries to log in at once: it ends the wait of a session early, or starts a new one if there is none.
func (a *App) retry() {
	if s, err := a.Session(); err == nil {
		s.Wake()
		return
	}
	a.mu.Lock()
	settings := a.settings
	a.mu.Unlock()
	go a.connect(settings)
}
