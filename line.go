package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/spf13/cobra"

	"calltray/account"
	"calltray/cstasession"
)

// signIn finds out who logs in, and where: the settings, the environment over them, and the password
// from the environment or the keyring. What it does not like but can live with it logs.
func signIn(ctx context.Context, log *slog.Logger) (account.Settings, cstasession.Password, error) {
	none := cstasession.Password{}
	saved, err := account.Load()
	switch {
	case errors.Is(err, account.ErrUnknownKey):
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
	return settings, cstasession.NewPassword(password), nil
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
func config(s account.Settings, password cstasession.Password, onChange func(cstasession.State), log *slog.Logger) cstasession.Config {
	return cstasession.Config{
		URL:               s.URL,
		UserID:            s.UserID,
		Password:          password,
		PBXDomain:         s.PBXDomain,
		TrunkID:           s.TrunkID,
		Device:            cstasession.DeviceID(s.Device),
		DeclareVendorData: s.DeclareVendorData,
		Pin:               s.PinFor(),
		OnChange:          onChange,
		Logger:            log,
	}
}

// feed carries states from a session, which must not be kept waiting, to a reader that may be slow (a
// pager, a pipe). It is a queue without a limit, in order.
type feed struct {
	mu     sync.Mutex
	states []cstasession.State
	err    error         // why no more will come
	more   chan struct{} // holds one token when there may be news
}

func newFeed() *feed { return &feed{more: make(chan struct{}, 1)} }

func (f *feed) put(st cstasession.State) { f.change(func() { f.states = append(f.states, st) }) }

func (f *feed) end(err error) { f.change(func() { f.err = err }) }

func (f *feed) change(how func()) {
	f.mu.Lock()
	how()
	f.mu.Unlock()
	select {
	case f.more <- struct{}{}:
	default:
	}
}

// next returns the next state, as soon as there is one. One goroutine may call it.
func (f *feed) next(ctx context.Context) (cstasession.State, error) {
	for {
		f.mu.Lock()
		if len(f.states) > 0 {
			st := f.states[0]
			f.states = f.states[1:]
			f.mu.Unlock()
			return st, nil
		}
		err := f.err
		f.mu.Unlock()
		if err != nil {
			return cstasession.State{}, err
		}
		select {
		case <-f.more:
		case <-ctx.Done():
			return cstasession.State{}, ctx.Err()
		}
	}
}

// online skips states until the session is online, and returns that one. A first attempt that fails is
// an error: whoever waits at a command line wants to know, not to wait.
func (f *feed) online(ctx context.Context) (cstasession.State, error) {
	for {
		st, err := f.next(ctx)
		switch {
		case err != nil:
			return st, err
		case st.Status == cstasession.Online:
			return st, nil
		case st.Err != nil:
			return st, st.Err
		}
	}
}

// withSession runs a session of the user's account for as long as use takes, and ends it with
// StopApplicationSession. The session outlives ctx by as much: an interrupted command can still tidy
// up.
func withSession(cmd *cobra.Command, use func(context.Context, *cstasession.Session, *feed) error) error {
	ctx, log := cmd.Context(), logger(cmd)
	settings, password, err := signIn(ctx, log)
	if err != nil {
		return err
	}
	news := newFeed()
	s, err := cstasession.New(config(settings, password, news.put, log))
	if err != nil {
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
		news.end(err)
	}()
	err = use(ctx, s, news)
	stop()
	<-ended
	return err
}

// inTheEar picks the call that "hang up" means when nobody says which: the one the user is talking in,
// else the one being dialled, else the one that rings, else the one on hold.
func inTheEar(calls []cstasession.Call) (cstasession.Call, bool) {
	for _, phase := range []cstasession.Phase{cstasession.Active, cstasession.Calling, cstasession.Ringing, cstasession.Held} {
		for _, c := range calls {
			if c.Phase == phase && !c.ID.IsZero() {
				return c, true
			}
		}
	}
	return cstasession.Call{}, false
}

// person says whom a call is with: "Ærø Bageri (22 33 44 55)".
func person(p cstasession.Party) string {
	number := format(p.Number)
	switch {
	case p.Name != "" && number != "":
		return fmt.Sprintf("%s (%s)", p.Name, number)
	case p.Name != "":
		return p.Name
	case number != "":
		return number
	}
	return "an unknown number"
}
