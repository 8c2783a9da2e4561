package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"calltray/assets"
	"calltray/cstasession"
	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/dialplan"
	"calltray/internal/support"
	"calltray/internal/text"
	"calltray/internal/wake"
	"calltray/notify"
	"calltray/ui"
	"calltray/ui/native"
)

const (
	appID        = "dk.calltray.Calltray"
	instanceName = "calltray" // whom a second start, and "calltray hangup", talk to
)

// testLimit is how long "Test connection" may take.
const testLimit = 20 * time.Second

func init() {
	// A plain "go build" does not see FyneApp.toml. Migrations are left out: the checks of Fyne's threads
	// stay on unless a release is built with the tag migrated_fynedo.
	fyneapp.SetMetadata(fyne.AppMetadata{ID: appID, Name: "Calltray", Version: version, Build: 1})
}

// app is the running application: one account, its session, and those who show what the session says.
type app struct {
	log    *slog.Logger
	desk   ui.Desk
	ui     *ui.UI
	notes  *notify.Notifier
	memory memory
	file   *support.Log // nil in the demonstration
	names  *names       // of the present exchange's extensions
	crash  string       // the trace that the last run's crash left; "" if none

	changing sync.Mutex      // held while one session gives way to the next
	life     context.Context // of run: sessions end with it
	stop     func()          // ends the present session, and waits for its end

	telling sync.Mutex // held while a state goes to those who show it: they get all of them in order

	mu       sync.Mutex
	settings account.Settings
	session  *cstasession.Session // nil while there is none
	state    csta.State           // as the session told it, without the user's names
	links    []support.LinkEvent  // the link's history, bounded
}

// linksKept is how many changes of the link are remembered for the support.
const linksKept = 500

// newApp wires an application. It starts nothing.
func newApp(settings account.Settings, demo bool, log *slog.Logger) *app {
	a := &app{log: log, settings: settings, desk: native.New(log), stop: func() {}, names: &names{inMemory: demo}}
	a.ui = ui.New(ui.Config{
		Version:  version,
		NewApp:   func() fyne.App { return fyneapp.NewWithID(appID) },
		Desk:     a.desk,
		Phone:    a.present,
		Settings: settings,
		Save:     a.save,
		Test:     a.test,
		Retry:    a.retry,
		Health:   a.health,
		Check:    a.check,
		Rename:   a.rename,
		Demo:     demo,
		Logger:   log,
	})
	return a
}

// run shows the application until the user quits or ctx ends. It must be called on the main goroutine.
func (a *app) run(ctx context.Context) error {
	if err := a.desk.Display(); err != nil {
		return err // before anybody logs in
	}
	a.notes = notify.New(a.notifications())
	defer a.notes.Close()
	a.life = ctx
	if a.crash != "" {
		a.ui.Say(`Calltray ended unexpectedly last time: "calltray diagnostics" writes down what the support needs.`)
	}
	a.connect(a.settings)
	defer a.disconnect()
	watching, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		wake.Watch(watching, a.log, a.woken)
	}()
	defer func() { stop(); <-watched }()
	return a.ui.Run(ctx)
}

// notifications is how the desktop is told of calls.
func (a *app) notifications() notify.Config {
	return notify.Config{
		AppName:      "Calltray",
		DesktopEntry: appID,
		Icon:         assets.AppPNG(128),
		OnAnswer:     a.ui.Answer,
		OnHangUp:     a.ui.HangUp,
		OnOpen:       a.ui.ShowWindow,
		OnCallBack:   a.ui.Dial,
		Format:       dialplan.Format,
		Explain:      explain,
		Describe:     text.Describe,
		Say:          text.Say,
		Logger:       a.log,
	}
}

// woken has the link looked at: the computer slept, or its network changed.
func (a *app) woken(reason string) {
	a.log.Info("the link is looked at", "because", reason)
	if s, err := a.phone(); err == nil {
		s.Wake()
	}
}

// show passes a state on to everybody who shows it, with the user's own names in it. It never blocks for
// long.
func (a *app) show(st csta.State) {
	a.telling.Lock()
	defer a.telling.Unlock()
	a.mu.Lock()
	if st.Status != a.state.Status || len(a.links) == 0 {
		a.links = append(a.links, support.LinkEvent{At: time.Now(), What: strings.TrimSuffix(st.Status.String()+": "+explain(st.Err), ": ")})
		a.links = a.links[max(0, len(a.links)-linksKept):]
	}
	a.state = st
	a.mu.Unlock()
	a.tell(st)
}

// tell has a state shown. The caller holds telling.
func (a *app) tell(st csta.State) {
	st = overlay(st, a.names.known())
	a.ui.Show(st)
	a.notes.Show(st)
}

// connect ends the present session, and starts one for an account. What becomes of it is in the states.
func (a *app) connect(settings account.Settings) {
	a.changing.Lock()
	defer a.changing.Unlock()
	a.stop()
	ctx, cancel := context.WithCancel(a.life)
	ended := make(chan struct{})
	a.stop = func() { cancel(); <-ended }
	a.mu.Lock()
	a.settings = settings
	a.mu.Unlock()
	if err := a.names.load(settings.PBXDomain); err != nil {
		a.log.Warn("the user's names of extensions cannot be read") // why is told with parts of the file
		a.ui.Say(explain(err))
	}
	a.ui.SetExchange(maps.Clone(a.names.known()))
	go func() {
		defer close(ended)
		err := a.hold(ctx, settings)
		if ctx.Err() != nil {
			return
		}
		// What ends by itself is for the user to mend: a refused login, a missing password.
		a.show(csta.State{Status: csta.Offline, Err: err, Since: time.Now()})
	}()
}

// disconnect ends the present session, and waits until it has said good-bye.
func (a *app) disconnect() {
	a.changing.Lock()
	defer a.changing.Unlock()
	a.stop()
	a.stop = func() {}
}

// hold is the life of one session, from the password to the end. It returns why it ended.
func (a *app) hold(ctx context.Context, settings account.Settings) error {
	if err := usable(settings); err != nil {
		return err
	}
	password, err := a.memory.password(ctx, settings, func(err error) {
		a.show(csta.State{Status: csta.Connecting, Err: err, Since: time.Now()})
	})
	if err != nil {
		return err
	}
	if a.file != nil {
		a.file.Hide(password)
	}
	cfg := config(settings, csta.NewPassword(password), a.show, a.log)
	cfg.WatchTelephone, cfg.OnColleague, cfg.OnQueue = true, a.ui.Colleague, a.ui.Queue
	s, err := cstasession.New(cfg)
	if err != nil {
		return err
	}
	a.setSession(s)
	defer a.setSession(nil)
	return s.Run(ctx)
}

func (a *app) setSession(s *cstasession.Session) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.session = s
}

// phone returns the present session, or why there is none.
func (a *app) phone() (*cstasession.Session, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.session == nil {
		return nil, csta.ErrOffline
	}
	return a.session, nil
}

// present is the ui's Phone.
func (a *app) present() (ui.Phone, error) { return a.phone() }

// save is what "Save" in the settings does. The password is stored first: when the keyring does not
// take it, nothing has changed. An empty password means the one there is.
func (a *app) save(ctx context.Context, settings account.Settings, password string, inMemoryOnly bool) error {
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
	a.connect(settings)
	return nil
}

// test is what "Test connection" does: it logs in and out once.
func (a *app) test(ctx context.Context, settings account.Settings, password string) error {
	ctx, cancel := context.WithTimeout(ctx, testLimit)
	defer cancel()
	if err := usable(settings); err != nil {
		return err
	}
	if password == "" {
		var err error
		if password, err = a.memory.password(ctx, settings, nil); err != nil {
			return err
		}
	}
	return cstasession.Try(ctx, config(settings, csta.NewPassword(password), nil, a.log))
}

// health is the figures of the present session's link.
func (a *app) health() cstasession.Health {
	s, err := a.phone()
	if err != nil {
		return cstasession.Health{}
	}
	return s.Health()
}

// check is the self-test of an account: the way to the calls on a session of its own, then what shows them. An
// empty password means the one there is.
func (a *app) check(ctx context.Context, settings account.Settings, password string, report func(ui.Step)) error {
	began := time.Now()
	err := usable(settings)
	if err == nil && password == "" {
		password, err = a.memory.password(ctx, settings, nil)
	}
	report(ui.Step{Name: stepAccount, Took: time.Since(began), Err: err})
	if err != nil {
		return err
	}
	cfg := config(settings, csta.NewPassword(password), nil, a.log)
	err = cstasession.Check(ctx, cfg, "", func(s cstasession.Step) {
		report(ui.Step{Name: stepNames[s.Name], Took: s.Took, Err: s.Err})
	})
	if err != nil {
		return err
	}
	return errors.Join(checkScreen(ctx, a.ui, a.notes, report)...)
}

// retry tries to log in at once: it cuts the wait of a session short, or starts anew when there is none.
func (a *app) retry() {
	if s, err := a.phone(); err == nil {
		s.Wake()
		return
	}
	a.mu.Lock()
	settings := a.settings
	a.mu.Unlock()
	go a.connect(settings)
}
