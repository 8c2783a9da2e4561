package account

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/zalando/go-keyring"
)

// service is the name under which every password of this program is stored; the user is "user@host". Changing
// either loses the existing passwords.
const service = "Calltray"

// The errors of the keyring, for errors.Is. Every keyring error is one of them, or the context's.
var (
	// ErrNoPassword: the keyring works, and has no password for this account.
	ErrNoPassword = errors.New("account: no password stored")
	// ErrKeyringUnavailable: there is no keyring, or it failed. The password can be kept in memory.
	ErrKeyringUnavailable = errors.New("account: no keyring available")
	// ErrKeyringLocked: the keyring is locked, or did not answer in time: it may be prompting the user, which
	// has no time limit.
	ErrKeyringLocked = errors.New("account: the keyring is locked or does not answer")
)

// keyringError is one of the above, with its cause.
type keyringError struct {
	kind  error
	cause error
}

func (e *keyringError) Error() string   { return e.kind.Error() + ": " + e.cause.Error() }
func (e *keyringError) Unwrap() []error { return []error{e.kind, e.cause} }

// patience is how long a caller waits for the keyring, unless its context ends earlier.
const patience = 30 * time.Second

// Password returns the account's password from the keyring. It may block until the user has unlocked the
// keyring, but no longer than ctx or 30 seconds. The error is then ErrKeyringLocked, and the request stays
// pending: the next call waits for the same answer instead of causing a second prompt.
//
// Never call it where nothing else can happen meanwhile. Any goroutine may call it.
func Password(ctx context.Context, s Settings) (string, error) { return system.password(ctx, s) }

// SetPassword stores the account's password, replacing the existing one. The limits are those of [Password].
// After ErrKeyringLocked, the password is stored all the same if the user unlocks the keyring later.
func SetPassword(ctx context.Context, s Settings, password string) error {
	return system.setPassword(ctx, s, password)
}

// DeletePassword deletes the account's password. It is not an error if there is none. The limits are those of
// [Password].
func DeletePassword(ctx context.Context, s Settings) error { return system.deletePassword(ctx, s) }

// WaitPassword is [Password] for the time of the login, when the program may be running before the keyring: it
// waits until ctx ends while the keyring is locked, and 20 seconds while there is none. It returns
// ErrNoPassword as soon as the keyring says so. report, if not nil, is called with each reason for waiting,
// once (ErrKeyringLocked, ErrKeyringUnavailable), on this goroutine.
//
// The user is asked once to unlock the keyring. After that, the keyring is only polled until somebody has
// unlocked it.
func WaitPassword(ctx context.Context, s Settings, report func(error)) (string, error) {
	return system.waitPassword(ctx, s, report)
}

// ring is the operating system's keyring, and the pending requests to it.
type ring struct {
	get     func(service, user string) (string, error)
	set     func(service, user, password string) error
	del     func(service, user string) error
	present func() error                  // why a call would fail, or would start a stray process; nil: it may be called
	locked  func() (locked, known bool)   // checks without prompting the user
	busy    chan struct{}                 // holds a token while a call is in progress
	asked   chan map[string]*openQuestion // of Get, by user; its single value serves as its lock
}

// owner identifies whose password it is.
type owner interface {
	key() (user string, err error) // the user name under which the keyring has it
}

// openQuestion is a Get that has not been answered.
type openQuestion struct {
	done     chan struct{}
	password string
	err      error
}

// system is the real keyring. It is not changed after the program has started.
var system = newRing(ring{get: keyring.Get, set: keyring.Set, del: keyring.Delete, present: present, locked: locked})

func newRing(r ring) *ring {
	r.busy = make(chan struct{}, 1)
	r.asked = make(chan map[string]*openQuestion, 1)
	r.asked <- map[string]*openQuestion{}
	return &r
}

func (r *ring) password(ctx context.Context, s owner) (string, error) {
	user, err := s.key()
	if err != nil {
		return "", &keyringError{ErrNoPassword, err}
	}
	if err := r.present(); err != nil {
		return "", &keyringError{ErrKeyringUnavailable, err}
	}
	q := r.ask(user)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-q.done:
		return q.password, q.err
	case <-ctx.Done():
		return "", &keyringError{ErrKeyringLocked, context.Cause(ctx)}
	}
}

// ask sends the request to the keyring, or returns the pending one.
func (r *ring) ask(user string) *openQuestion {
	asked := <-r.asked
	defer func() { r.asked <- asked }()
	if q := asked[user]; q != nil {
		return q
	}
	q := &openQuestion{done: make(chan struct{})}
	asked[user] = q
	go func() {
		r.busy <- struct{}{}
		q.err = r.retry(func() (err error) {
			q.password, err = r.get(service, user)
			return err
		})
		<-r.busy
		asked := <-r.asked
		delete(asked, user)
		r.asked <- asked
		close(q.done)
	}()
	return q
}

func (r *ring) setPassword(ctx context.Context, s owner, password string) error {
	user, err := s.key()
	if err != nil {
		return &keyringError{ErrKeyringUnavailable, err}
	}
	err = r.do(ctx, func() error { return r.set(service, user, password) })
	if err != nil && password != "" && strings.Contains(err.Error(), password) {
		// No keyring is known to quote what it was given; this makes sure.
		return &keyringError{ErrKeyringUnavailable, errors.New("the keyring refused the password")}
	}
	return err
}

func (r *ring) deletePassword(ctx context.Context, s owner) error {
	user, err := s.key()
	if err != nil {
		return nil // nothing can have been stored
	}
	err = r.do(ctx, func() error { return r.del(service, user) })
	if errors.Is(err, ErrNoPassword) {
		return nil
	}
	return err
}

// do makes one call that nobody else waits for. A call that has not started when the time is over never starts.
func (r *ring) do(ctx context.Context, call func() error) error {
	if err := r.present(); err != nil {
		return &keyringError{ErrKeyringUnavailable, err}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case r.busy <- struct{}{}:
	case <-ctx.Done():
		return &keyringError{ErrKeyringLocked, context.Cause(ctx)}
	}
	done := make(chan error, 1)
	go func() {
		err := r.retry(call)
		<-r.busy
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return &keyringError{ErrKeyringLocked, context.Cause(ctx)}
	}
}

// retry makes the call, and once more if it failed because the keyring stayed locked although it did not:
// go-keyring takes any signal on its shared bus connection for the answer to the prompt. A keyring that is
// really locked is not asked again, since the user has just cancelled its prompt, or still sees it. retry runs
// with the busy token held.
func (r *ring) retry(call func() error) error {
	err := classify(call())
	if !errors.Is(err, ErrKeyringLocked) {
		return err
	}
	if locked, known := r.locked(); known && !locked {
		err = classify(call())
	}
	return err
}

// classify turns an error from go-keyring into one of the three errors.
func classify(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return &keyringError{ErrNoPassword, err}
	case strings.Contains(err.Error(), "failed to unlock"), strings.Contains(err.Error(), "IsLocked"):
		return &keyringError{ErrKeyringLocked, err}
	default:
		return &keyringError{ErrKeyringUnavailable, err}
	}
}

// How WaitPassword waits.
const (
	attention  = 2 * time.Second        // a keyring that takes longer is prompting the user
	firstPause = 500 * time.Millisecond // between two polls; grows
	longPause  = 5 * time.Second
	grace      = 20 * time.Second // for a keyring that is not running yet
)

func (r *ring) waitPassword(ctx context.Context, s Settings, report func(error)) (string, error) {
	user, err := s.key()
	if err != nil {
		return "", &keyringError{ErrNoPassword, err}
	}
	told := map[error]bool{}
	tell := func(kind, err error) {
		if !told[kind] && report != nil {
			report(err)
		}
		told[kind] = true
	}
	start := time.Now()
	for pause := firstPause; ; {
		if err := r.present(); err != nil {
			return "", &keyringError{ErrKeyringUnavailable, err} // a bus that is missing at login does not appear later
		}
		q := r.ask(user)
		select {
		case <-q.done:
		case <-ctx.Done():
		case <-time.After(attention):
			tell(ErrKeyringLocked, &keyringError{ErrKeyringLocked, errors.New("it is asking for its own password")})
		}
		select {
		case <-q.done:
		case <-ctx.Done():
			return "", &keyringError{ErrKeyringLocked, context.Cause(ctx)}
		}
		kind := ErrKeyringLocked
		switch {
		case q.err == nil, errors.Is(q.err, ErrNoPassword):
			return q.password, q.err
		case errors.Is(q.err, ErrKeyringUnavailable):
			if kind = ErrKeyringUnavailable; time.Since(start) >= grace {
				return "", q.err
			}
		}
		tell(kind, q.err)
		for waiting := true; waiting; {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return "", &keyringError{kind, context.Cause(ctx)}
			}
			// Calling a keyring that is locked, or may be, would prompt the user again, who has just said no.
			locked, known := r.locked()
			waiting = kind == ErrKeyringLocked && (locked || !known)
			pause = min(2*pause, longPause)
		}
	}
}
