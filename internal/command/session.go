package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"calltray/cstasession"
	"calltray/cstasession/csta"
	"calltray/internal/account"
)

// signIn finds out who logs in, and where: the settings, the environment over them, and the password
// from the environment or the keyring. What it does not like but can live with it logs.
func signIn(ctx context.Context, log *slog.Logger) (account.Settings, csta.Password, error) {
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
		// Who sets a variable has chosen the address by hand, now.
		log.Warn("the password travels unencrypted to this address", "url", settings.URL)
		settings = settings.AcceptPlain()
	}
	if settings == (account.Settings{}) {
		return settings, none, sentence("No account is set up: start calltray and fill in its settings, or set CALLTRAY_URL, CALLTRAY_USER, CALLTRAY_PASSWORD, CALLTRAY_PBX_DOMAIN and CALLTRAY_DEVICE.")
	}
	if err := usable(settings); err != nil {
		return settings, none, err
	}
	if password == "" {
		if password, err = account.Password(ctx, settings); err != nil {
			return settings, none, err
		}
	}
	return settings, csta.NewPassword(password), nil
}

// usable reports why a login with these settings must not even be tried.
func usable(s account.Settings) error {
	if err := s.Check(); err != nil {
		return err
	}
	if s.NeedsConsent() {
		return &account.FieldError{Field: account.FieldURL, Why: "The password would travel unencrypted to " + s.Address() +
			": agree to that in the settings, or use an address with tls:// or https://."}
	}
	return nil
}

// config is the session that an account describes.
func config(s account.Settings, password csta.Password, onChange func(csta.State), log *slog.Logger) cstasession.Config {
	return cstasession.Config{
		URL:               s.URL,
		UserID:            s.UserID,
		Password:          password,
		PBXDomain:         s.PBXDomain,
		TrunkID:           s.TrunkID,
		Device:            csta.DeviceID(s.Device),
		DeclareVendorData: s.DeclareVendorData,
		Pin:               s.PinFor(),
		OnChange:          onChange,
		Logger:            log,
	}
}

// scope is how much a session of a command's own asks the PBX for.
type scope int

const (
	scopeCalls  scope = iota // of the user's telephone
	scopePhone               // and how it is set: do not disturb, forwarding
	scopeOffice              // and the colleagues and queues
)

// known reports whether the PBX has begun to answer for a scope.
func (s scope) known(st csta.State) bool {
	switch s {
	case scopePhone:
		return st.Telephone.DoNotDisturb != csta.Unknown && st.Telephone.Forwarding != nil
	case scopeOffice:
		return st.Trunk != csta.Unknown
	}
	return true
}

// line is a session of a command's own.
type line struct {
	*cstasession.Session
	scope  scope
	news   *feed         // states with the user's names, and in the scope of the office colleagues and queues
	names  account.Names // the user's own
	device string        // the user's extension
}

// withSession runs a session of the user's account for as long as use takes, and ends it with
// StopApplicationSession. The session outlives ctx by as much: an interrupted command can still tidy
// up.
func withSession(cmd *cobra.Command, scope scope, use func(context.Context, *line) error) error {
	ctx, log := cmd.Context(), logger(cmd)
	who, password, err := signIn(ctx, log)
	if err != nil {
		return err
	}
	l := &line{scope: scope, news: newFeed(), device: who.Device, names: ownNames(who.PBXDomain, log)}
	cfg := config(who, password, func(st csta.State) { l.news.put(overlay(st, l.names)) }, log)
	cfg.WatchTelephone = scope >= scopePhone
	if scope >= scopeOffice {
		cfg.OnColleague = func(c csta.Colleague) { l.news.put(overlayColleague(c, l.names)) }
		cfg.OnQueue = func(q csta.Queue) { l.news.put(overlayQueue(q, l.names)) }
	}
	if l.Session, err = cstasession.New(cfg); err != nil {
		return err
	}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err := l.Run(life)
		if err == nil {
			err = context.Canceled
		}
		l.news.end(err)
	}()
	err = use(ctx, l)
	stop()
	<-ended
	return err
}

// What a fresh session is given to learn what it has to know. A PBX does not say when it has told of
// every extension and queue: it has when for a while nothing comes but how their telephones are set, which
// is asked for one after the other, and would take minutes in a large office.
const (
	learnLimit = 15 * time.Second
	quietAfter = 500 * time.Millisecond
)

// informed returns the state in which a session that has just logged in knows what its scope asks for,
// or as much of it as the PBX tells in time.
func (l *line) informed(ctx context.Context) (csta.State, error) {
	st, err := l.news.online(ctx)
	limited, cancel := context.WithTimeout(ctx, learnLimit)
	defer cancel()
	for err == nil && !l.scope.known(st) {
		var next csta.State
		if next, err = l.news.next(limited); err == nil {
			st = next
		}
	}
	met := map[csta.DeviceID]bool{}
	for quiet := time.Now().Add(quietAfter); err == nil && l.scope == scopeOffice && st.Trunk == csta.On; {
		waiting, cancel := context.WithDeadline(limited, quiet)
		var told any
		told, err = l.news.any(waiting)
		cancel()
		switch told := told.(type) {
		case csta.State:
			st = told
			continue
		case csta.Colleague:
			if met[told.Device] {
				continue
			}
			met[told.Device] = true
		}
		quiet = time.Now().Add(quietAfter)
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = nil
	}
	return st, err
}
