package app

import (
	"context"
	"maps"
	"sync"
	"time"

	"calltray/cstasession"
	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/command"
	"calltray/internal/text"
	"calltray/ui"
)

// connect ends the current session, and starts one for an account. The states report its progress.
func (a *App) connect(settings account.Settings) {
	a.changing.Lock()
	defer a.changing.Unlock()
	a.stop()
	calls := a.callsFor(settings)
	ctx, cancel := context.WithCancel(a.life)
	ended := make(chan struct{})
	a.stop = func() { cancel(); <-ended }
	a.mu.Lock()
	a.settings = settings
	a.mu.Unlock()
	if err := a.names.load(settings.PBXDomain); err != nil {
		a.log.Warn("the user's names of extensions cannot be read") // the error quotes the file
		a.ui.Say(text.Explain(err))
	}
	a.ui.SetPBX(maps.Clone(a.names.known()))
	go func() {
		defer close(ended)
		err := a.hold(ctx, settings, calls)
		if ctx.Err() != nil {
			return
		}
		// If a session ends by itself, the user must fix the cause: a refused login, a missing password.
		a.show(csta.State{Status: csta.Offline, Err: err, Since: time.Now()})
	}()
}

// disconnect ends the current session, and waits until it has said goodbye.
func (a *App) disconnect() {
	a.changing.Lock()
	defer a.changing.Unlock()
	a.stop()
	a.stop = func() {}
}

// callsFor returns the calls of the session that has just ended, if another account uses the same extension:
// they continue at the telephone.
func (a *App) callsFor(settings account.Settings) []csta.Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	if settings.Device != a.settings.Device || settings.PBXDomain != a.settings.PBXDomain {
		return nil
	}
	return a.state.Calls
}

// hold runs one session, from fetching the password to the end; calls are those of the previous session. It
// returns why the session ended.
func (a *App) hold(ctx context.Context, settings account.Settings, calls []csta.Call) error {
	if settings == (account.Settings{}) && a.unread != nil {
		return a.unread
	}
	if err := command.Usable(settings); err != nil {
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
	cfg := command.SessionConfig(settings, csta.NewPassword(password), a.show, a.log)
	cfg.Calls = calls
	if a.file != nil {
		ask := cfg.ProxySignIn
		cfg.ProxySignIn = func(ctx context.Context, proxy string) (user, password string) {
			user, password = ask(ctx, proxy)
			a.file.Hide(password)
			return user, password
		}
	}
	if a.file != nil { // nil in the demonstration
		cfg.WasOnline = wasOnline(settings.Address())
		var writing sync.WaitGroup
		defer writing.Wait()
		var once sync.Once
		cfg.OnChange = func(st csta.State) {
			a.show(st)
			if st.Status == csta.Online {
				once.Do(func() {
					writing.Go(func() {
						if err := rememberOnline(settings.Address()); err != nil {
							a.log.Info("not remembered that the address was online", "err", err)
						}
					})
				})
			}
		}
	}
	cfg.WatchTelephone, cfg.OnColleague, cfg.OnQueue = true, a.colleague, a.ui.Queue
	s, err := cstasession.New(cfg)
	if err != nil {
		return err
	}
	a.setSession(s)
	defer a.setSession(nil)
	return s.Run(ctx)
}

func (a *App) setSession(s *cstasession.Session) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.session = s
}

// Session returns the current session, or why there is none.
func (a *App) Session() (*cstasession.Session, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.session == nil {
		return nil, csta.ErrOffline
	}
	return a.session, nil
}

// present returns the session as a ui.Phone.
func (a *App) present() (ui.Phone, error) {
	s, err := a.Session()
	return phone{s, a.journal}, err
}
