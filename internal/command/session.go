package command

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"calltray/cstasession"
	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/systemproxy"
	"calltray/internal/text"
)

// SignIn returns who logs in, and where: the settings, with the environment taking precedence, and the password
// from the environment or the keyring. It logs problems that do not prevent a login.
func SignIn(ctx context.Context, log *slog.Logger) (account.Settings, csta.Password, error) {
	none := csta.Password{}
	saved, err := account.Load()
	switch {
	case errors.Is(err, account.ErrIgnored):
		log.Warn("settings", "err", err)
	case err != nil:
		return saved, none, err
	}
	settings, password, _ := account.FromEnv(saved)
	if settings.URL != saved.URL && settings.NeedsConsent() {
		// A user who sets a variable has chosen the address deliberately, for this run.
		log.Warn("the password travels unencrypted to this address", "address", settings.Address())
		settings = settings.AcceptPlain()
	}
	if settings == (account.Settings{}) {
		return settings, none, text.Errorf("no-account", "No account is set up: start calltray and fill in the settings, or set CALLTRAY_URL, CALLTRAY_USER, CALLTRAY_PASSWORD, CALLTRAY_PBX_DOMAIN and CALLTRAY_DEVICE.")
	}
	if err := Usable(settings); err != nil {
		return settings, none, err
	}
	if password == "" {
		if password, err = account.Password(ctx, settings); err != nil {
			return settings, none, err
		}
	}
	return settings, csta.NewPassword(password), nil
}

// Usable returns why a login with these settings must not be attempted, nil if it may.
func Usable(s account.Settings) error {
	if err := s.Check(); err != nil {
		return err
	}
	if s.NeedsConsent() {
		return text.Errorf("not-encrypted", "The password would travel unencrypted to {{.Address}}: agree to that in the settings, or use an address with tls:// or https://.", "Address", text.Plain(s.Address(), text.MaxName))
	}
	return nil
}

// SessionConfig returns the session configuration for an account.
func SessionConfig(s account.Settings, password csta.Password, onChange func(csta.State), log *slog.Logger) cstasession.Config {
	return cstasession.Config{
		URL:               s.URL,
		UserID:            s.UserID,
		Password:          password,
		PBXDomain:         s.PBXDomain,
		TrunkID:           s.TrunkID,
		Device:            csta.DeviceID(s.Device),
		DeclareVendorData: s.DeclareVendorData,
		Pin:               s.PinFor(),
		TrustedHosts:      s.TrustedHosts(),
		Proxy:             s.Proxy,
		AskSystem:         systemproxy.Find,
		ProxySignIn:       proxySignIn(log),
		OnChange:          onChange,
		Logger:            log,
	}
}

// proxySignIn asks the keyring for the user and the password of a proxy.
func proxySignIn(log *slog.Logger) func(context.Context, string) (user, password string) {
	return func(ctx context.Context, proxy string) (string, string) {
		user, password, err := account.ProxySignIn(ctx, proxy)
		if err != nil && !errors.Is(err, account.ErrNoPassword) && log != nil {
			log.Warn("the keyring has no sign-in for the proxy", "err", err)
		}
		return user, password
	}
}

// Scope is how much a session requests from the PBX.
type Scope int

// The scopes, each including those before it.
const (
	ScopeCalls  Scope = iota // the calls of the user's telephone
	ScopePhone               // its settings: do not disturb, forwarding
	ScopeOffice              // colleagues and queues
)

// Known reports whether the PBX has begun to answer for a scope.
func (s Scope) Known(st csta.State) bool {
	switch s {
	case ScopePhone:
		return st.Telephone.DoNotDisturb != csta.Unknown && st.Telephone.Forwarding != nil
	case ScopeOffice:
		return st.Trunk != csta.Unknown
	}
	return true
}

// OwnSession is a command's own session. One goroutine may wait for its events.
type OwnSession struct {
	*cstasession.Session
	Names  account.Names // the user's own names of extensions
	Device string        // the user's extension
	scope  Scope
	events *eventQueue // states with the user's names, and in ScopeOffice also colleagues and queues
}

// WithSession runs a session of the user's account while use runs, and then logs out. The session also outlives
// ctx until use returns, so that an interrupted command can still clean up.
func WithSession(ctx context.Context, log *slog.Logger, scope Scope, use func(context.Context, *OwnSession) error) error {
	who, password, err := SignIn(ctx, log)
	if err != nil {
		return err
	}
	s := &OwnSession{scope: scope, events: newEventQueue(), Device: who.Device}
	if s.Names, err = account.LoadNames(who.PBXDomain); err != nil {
		log.Warn("names", "err", err) // not a reason to fail
	}
	cfg := SessionConfig(who, password, func(st csta.State) { s.events.put(NameState(st, s.Names)) }, log)
	cfg.WatchTelephone = scope >= ScopePhone
	if scope >= ScopeOffice {
		cfg.OnColleague = func(c csta.Colleague) { s.events.put(NameColleague(c, s.Names)) }
		cfg.OnQueue = func(q csta.Queue) { s.events.put(NameQueue(q, s.Names)) }
	}
	if s.Session, err = cstasession.New(cfg); err != nil {
		return err
	}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err := s.Run(life)
		if err == nil {
			err = context.Canceled
		}
		s.events.end(err)
	}()
	err = use(ctx, s)
	stop()
	<-ended
	return err
}

// Run executes a request in a session of the command's own.
func Run(ctx context.Context, log *slog.Logger, r Request) (response Response, err error) {
	err = WithSession(ctx, log, rows[r.Command].needs, func(ctx context.Context, s *OwnSession) error {
		st, err := s.Informed(ctx)
		if err != nil {
			return Interrupted(ctx, err, text.New("interrupted", "Interrupted: nothing was done."))
		}
		response, err = Execute(ctx, Target{s.Session, st, s.Names, s.Device, true}, r)
		return err
	})
	return response, err
}

// Interrupted returns the error of a wait, or a sentence if the user interrupted it.
func Interrupted(ctx context.Context, err error, m text.Message) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return &text.Error{Message: m, Err: err}
	}
	return err
}

// Event waits for the next event and returns it: a csta.State, csta.Colleague or csta.Queue. Values that were
// superseded while nobody asked may be skipped, but never a call that ended.
func (s *OwnSession) Event(ctx context.Context) (any, error) { return s.events.next(ctx) }

// State returns the next state, and skips other events.
func (s *OwnSession) State(ctx context.Context) (csta.State, error) {
	for {
		event, err := s.events.next(ctx)
		if st, ok := event.(csta.State); ok || err != nil {
			return st, err
		}
	}
}

// Online skips states until the session is online, and returns that state. A first attempt that fails is an
// error: a user at a command line wants to know, not to wait.
func (s *OwnSession) Online(ctx context.Context) (csta.State, error) {
	for {
		st, err := s.State(ctx)
		switch {
		case err != nil:
			return st, err
		case st.Status == csta.Online:
			return st, nil
		case st.Err != nil:
			return st, st.Err
		}
	}
}

// Time limits for what a new session needs to learn. A PBX does not say when it has reported every extension
// and queue: this is assumed when for a while nothing arrives except telephone settings, which are requested
// one after the other and would take minutes in a large office.
const (
	learnLimit = 15 * time.Second
	quietAfter = 500 * time.Millisecond
)

// Informed returns the state in which a session that has just logged in knows what its scope requests, or as
// much of it as the PBX reports in time.
func (s *OwnSession) Informed(ctx context.Context) (csta.State, error) {
	st, err := s.Online(ctx)
	limited, cancel := context.WithTimeout(ctx, learnLimit)
	defer cancel()
	for err == nil && !s.scope.Known(st) {
		var next csta.State
		if next, err = s.State(limited); err == nil {
			st = next
		}
	}
	met := map[csta.DeviceID]bool{}
	for quiet := time.Now().Add(quietAfter); err == nil && s.scope == ScopeOffice && st.Trunk == csta.On; {
		waiting, cancel := context.WithDeadline(limited, quiet)
		var event any
		event, err = s.events.next(waiting)
		cancel()
		switch event := event.(type) {
		case csta.State:
			st = event
			continue
		case csta.Colleague:
			if met[event.Device] {
				continue
			}
			met[event.Device] = true
		}
		quiet = time.Now().Add(quietAfter)
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = nil
	}
	return st, err
}
