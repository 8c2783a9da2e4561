package cstasession

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Config says where the switching function is, who logs in, and what is monitored.
type Config struct {
	// URL chooses the gateway: tcp://host:port and tls://host:port for ECMA-323 XML, http://host/path
	// and https://host/path for JSON over SignalR.
	URL       string
	UserID    string
	Password  Password
	PBXDomain string   // such as 12345678.pbx.one-connect.dk
	TrunkID   string   // default: the first label of PBXDomain
	Device    DeviceID // the extension to monitor and control: "200", or a long form "u-12345678-200"

	// Duration is the session duration to ask for, in whole seconds on the wire; default 120 s, as in
	// the vendor's examples. The switching function may grant another.
	Duration time.Duration
	// DeclareVendorData binds the vendorData prefix in the XML login, for a server that reads
	// namespaces. The vendor's sample does not bind it.
	DeclareVendorData bool
	// RootCAs verifies the server's certificate; default: the system's roots. Verification is always on.
	RootCAs *x509.CertPool

	// OnChange is called with every change of the state, in order, one at a time, by the goroutine of
	// Run. It must not block and must not call a service. A call that ended is in exactly one State.
	OnChange func(State)
	// Backoff is the wait before redial number attempt (from 0); default: full jitter up to 1 s, doubled
	// with every attempt up to 30 s.
	Backoff func(attempt int) time.Duration
	// Logger gets what happens; default: nothing. At Debug it gets the frames, without the login.
	Logger *slog.Logger
}

// Session is one CSTA session. Its services may be called from any goroutine while Run runs.
type Session struct {
	cfg    Config
	object string // the monitored object, in its long form
	secret scrubber
	tag    string // ends every requestID of this process
	dial   func(context.Context, *Config) (transport, error)
	wake   chan struct{}
	making chan struct{} // held while a MakeCall has not been seen as an event

	mu      sync.Mutex // guards what services share with Run
	link    *link      // nil unless Online
	counter uint64
	watches map[*watch]bool

	// Owned by Run.
	state    State
	table    *callTable
	crossRef string
	unknown  map[string]bool // message names that were logged once
}

// watch waits for an event to show the effect of a service.
type watch struct {
	match func(Call) bool
	seen  chan Call // buffered
}

// New checks the configuration. It does no I/O. Its error wraps ErrConfig and says what is wrong.
func New(cfg Config) (*Session, error) {
	if err := check(&cfg); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if cfg.TrunkID == "" {
		cfg.TrunkID, _, _ = strings.Cut(cfg.PBXDomain, ".")
	}
	if cfg.Duration <= 0 {
		cfg.Duration = 120 * time.Second
	}
	if cfg.OnChange == nil {
		cfg.OnChange = func(State) {}
	}
	if cfg.Backoff == nil {
		cfg.Backoff = fullJitter
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	object := string(cfg.Device)
	if cfg.Device.Number() == object {
		object = "u-" + cfg.TrunkID + "-" + object // vendor page monitorStart
	}
	return &Session{
		cfg: cfg, object: object, secret: newScrubber(cfg.Password), tag: rand.Text()[:8], dial: connect,
		wake: make(chan struct{}, 1), making: make(chan struct{}, 1),
		watches: map[*watch]bool{}, unknown: map[string]bool{},
		table: newCallTable(DeviceID(cfg.Device.Number())),
	}, nil
}

func check(cfg *Config) error {
	u, err := url.Parse(cfg.URL)
	switch {
	case err != nil:
		return errors.New("the address cannot be read")
	case u.Scheme != "tcp" && u.Scheme != "tls" && u.Scheme != "http" && u.Scheme != "https":
		return errors.New("the address must begin with tcp://, tls://, http:// or https://")
	case u.Hostname() == "":
		return errors.New("the address names no host")
	case u.Port() == "" && (u.Scheme == "tcp" || u.Scheme == "tls"):
		return errors.New("the address needs a port, as in tls://host:7000")
	case u.User != nil:
		return errors.New("the address must not hold a user or password")
	}
	for _, field := range []struct{ name, value string }{
		{"user ID", cfg.UserID}, {"password", cfg.Password.Reveal()}, {"PBX domain", cfg.PBXDomain}, {"extension", string(cfg.Device)},
	} {
		if field.value == "" {
			return fmt.Errorf("the %s is missing", field.name)
		}
		if strings.ContainsFunc(field.value, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
			return fmt.Errorf("the %s holds a control character", field.name)
		}
	}
	return nil
}

func fullJitter(attempt int) time.Duration {
	const first, most = time.Second, 30 * time.Second
	ceiling := most
	if attempt < 5 {
		ceiling = min(most, first<<attempt)
	}
	return mathrand.N(ceiling)
}

// Run keeps the session until ctx ends, or until the login is refused: then it returns an error for
// which errors.Is(err, ErrLoginRefused) holds. When ctx ends it stops the session in form
// (StopApplicationSession) and returns ctx's error. It must be called once.
func (s *Session) Run(ctx context.Context) error {
	attempt := 0
	for {
		s.enter(Connecting, s.state.Err)
		err := s.runLink(ctx)
		if s.state.Status == Online {
			attempt = 0
		}
		if ctx.Err() != nil {
			s.enter(Offline, nil)
			return ctx.Err()
		}
		s.cfg.Logger.Info("offline", "err", err)
		s.enter(Offline, err)
		if errors.Is(err, ErrLoginRefused) {
			return err
		}
		select {
		case <-time.After(s.cfg.Backoff(attempt)):
		case <-s.wake:
		case <-ctx.Done():
			s.enter(Offline, nil)
			return ctx.Err()
		}
		attempt++
	}
}

// Wake ends a wait between two attempts, or makes an open link prove that it lives: for the moment
// after sleep, or when the network changed. It does not block.
func (s *Session) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Try makes one link, logs in, starts the monitor, and leaves: the test of an account. It returns nil
// if calls would be seen, why they would not, or ctx's error.
func Try(ctx context.Context, cfg Config) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	works := errors.New("works")
	tell := cfg.OnChange
	cfg.OnChange = func(st State) {
		if tell != nil {
			tell(st)
		}
		switch {
		case st.Status == Online:
			cancel(works)
		case st.Status == Offline && st.Err != nil:
			cancel(st.Err)
		}
	}
	s, err := New(cfg)
	if err != nil {
		return err
	}
	err = s.Run(ctx)
	if cause := context.Cause(ctx); cause == works {
		return nil
	} else if cause != nil {
		return cause
	}
	return err
}

// enter changes the status and publishes it.
func (s *Session) enter(status Status, why error) {
	if s.state.Status == status && s.state.Err == nil && why == nil && !s.state.Since.IsZero() {
		return
	}
	if s.state.Status != status || s.state.Since.IsZero() {
		s.state.Since = time.Now()
	}
	s.state.Status, s.state.Err = status, why
	s.publish()
}

func (s *Session) publish() {
	s.state.Calls = s.table.snapshot()
	s.cfg.OnChange(s.state)
}

// link is one connection to the switching function, from dial to close.
type link struct {
	s    *Session
	t    transport
	todo chan func()   // for the reader to run
	done chan struct{} // closed when the link has ended
	err  error         // why; set before done is closed

	mu      sync.Mutex
	heard   time.Time  // when the peer last sent anything
	pending []*pending // oldest first
}

// pending is a request that waits for its answer.
type pending struct {
	id      string
	service string
	// inStream is run by the reader, with the answer, in its place among the events.
	inStream func(message)
	answer   chan message // buffered
}

// runLink makes one link and reads it to its end. It returns why it ended, never nil.
func (s *Session) runLink(ctx context.Context) error {
	t, err := s.dial(ctx, &s.cfg)
	if err != nil {
		return err
	}
	l := &link{s: s, t: t, todo: make(chan func()), done: make(chan struct{}), heard: time.Now()}
	s.table.newLink()
	s.crossRef = ""
	kept := make(chan error, 1)
	go func() { kept <- l.keep(ctx) }()
	keeping := true
	for err == nil {
		select {
		case in := <-t.inbox():
			if err = in.err; err == nil {
				l.hear()
				err = s.handle(l, in.msg)
			}
		case f := <-l.todo:
			f()
		case err = <-kept:
			keeping = false
		}
	}
	s.mu.Lock()
	s.link = nil
	s.mu.Unlock()
	l.err = err
	close(l.done)
	t.close()
	if keeping {
		if why := <-kept; !errors.Is(why, ErrOffline) && !errors.Is(why, context.Canceled) {
			err = why // the keeper knows what was being asked when the link broke
		}
	}
	return err
}

// inReader has the reader run f, and returns when it has begun to; false when the link has ended.
func (l *link) inReader(f func()) bool {
	select {
	case l.todo <- f:
		return true
	case <-l.done:
		return false
	}
}

// online is called by the reader when the session is complete.
func (s *Session) online(l *link) {
	s.mu.Lock()
	s.link = l
	s.mu.Unlock()
	s.enter(Online, nil)
}

// handle takes one message, in the reader. An error ends the link.
func (s *Session) handle(l *link, m message) error {
	if is(m.name, "ApplicationSessionTerminated") {
		return fmt.Errorf("%w: %s", ErrSessionTerminated, printable(strings.Join(leaves(m.body.child("sessionTermReason")), " ")))
	}
	if m.isEvent() {
		s.fold(m)
		return nil
	}
	p := l.take(m)
	if p == nil {
		s.cfg.Logger.Debug("an answer that nobody waits for was dropped", "name", printable(m.name), "requestID", printable(m.requestID))
		return nil
	}
	if p.inStream != nil {
		p.inStream(m)
	}
	p.answer <- m
	return nil
}

// fold applies an event of our monitor to the calls, and publishes what it changed.
func (s *Session) fold(m message) {
	if !strings.HasSuffix(strings.ToLower(m.name), "event") {
		return
	}
	ev, known := readEvent(m)
	if !known {
		if name := printable(m.name); !s.unknown[name] && len(s.unknown) < 100 {
			s.unknown[name] = true
			s.cfg.Logger.Info("an event without a meaning here was skipped", "name", name)
		}
		return
	}
	if ev.crossRef != "" && !is(ev.crossRef, s.crossRef) && !s.table.ours(DeviceID(ev.crossRef)) {
		return // of somebody else's monitor
	}
	c := s.table.apply(ev, time.Now())
	if c == nil {
		return
	}
	s.changed(*c)
}

// changed publishes calls that changed; a call that ended is published once and then dropped.
func (s *Session) changed(calls ...Call) {
	s.publish()
	ended := false
	for _, c := range calls {
		s.settle(c)
		ended = ended || c.Phase == Ended
	}
	if ended {
		s.table.drop()
		s.publish()
	}
}

// settle tells the services that wait for an effect.
func (s *Session) settle(c Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.watches {
		if w.match(c) {
			w.seen <- c
			delete(s.watches, w)
		}
	}
}

func (s *Session) watch(match func(Call) bool) *watch {
	w := &watch{match: match, seen: make(chan Call, 1)}
	s.mu.Lock()
	s.watches[w] = true
	s.mu.Unlock()
	return w
}

func (s *Session) unwatch(w *watch) {
	s.mu.Lock()
	delete(s.watches, w)
	s.mu.Unlock()
}

func (l *link) hear() {
	l.mu.Lock()
	l.heard = time.Now()
	l.mu.Unlock()
}

func (l *link) silence() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.heard)
}

// take finds the request that an answer belongs to, and removes it. The vendor's requestID decides;
// without one, the rules are inferred: the oldest request whose answer has this name, and for an
// error, the oldest of all. nil means that nobody waits for it.
func (l *link) take(m message) *pending {
	l.mu.Lock()
	defer l.mu.Unlock()
	match := func(fits func(*pending) bool) *pending {
		for i, p := range l.pending {
			if fits(p) {
				l.pending = append(l.pending[:i:i], l.pending[i+1:]...)
				return p
			}
		}
		return nil
	}
	if m.requestID != "" {
		if p := match(func(p *pending) bool { return p.id == m.requestID }); p != nil || strings.HasSuffix(m.requestID, l.s.tag) {
			return p // nil: the answer to a request that was given up
		}
	}
	if p := match(func(p *pending) bool { return is(m.name, answerName(p.service)) || is(m.name, p.service+"NegResponse") }); p != nil {
		return p
	}
	if m.failure("") != nil {
		return match(func(*pending) bool { return true })
	}
	return nil
}

func (l *link) forget(p *pending) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.pending {
		if l.pending[i] == p {
			l.pending = append(l.pending[:i:i], l.pending[i+1:]...)
			return
		}
	}
}

// request sends one service and waits for its answer: not longer than limit, ctx, or the link's life.
// A negative answer is a *ServiceError.
func (l *link) request(ctx context.Context, limit time.Duration, body element, inStream func(message)) (message, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%w %s", ErrNoAnswer, body.name))
	defer cancel()
	l.s.mu.Lock()
	l.s.counter++
	id := fmt.Sprintf("%d-%s", l.s.counter, l.s.tag)
	l.s.mu.Unlock()
	p := &pending{id: id, service: body.name, inStream: inStream, answer: make(chan message, 1)}
	l.mu.Lock()
	l.pending = append(l.pending, p)
	l.mu.Unlock()
	defer l.forget(p)
	if err := l.t.send(ctx, request{id: id, body: body}); err != nil {
		select {
		case m := <-p.answer: // it came, and the sending was cut short after it
			return l.judge(m, body.name)
		default:
		}
		if ctx.Err() != nil {
			return message{}, context.Cause(ctx)
		}
		return message{}, fmt.Errorf("%w: %w", ErrOffline, err)
	}
	select {
	case m := <-p.answer:
		return l.judge(m, body.name)
	case <-ctx.Done():
		return message{}, context.Cause(ctx)
	case <-l.done:
		return message{}, fmt.Errorf("%w: %w", ErrOffline, l.err)
	}
}

func (l *link) judge(m message, service string) (message, error) {
	if f := m.failure(service); f != nil {
		f.Uncorrelated = m.requestID == "" && service != "StartApplicationSession"
		f.Value = l.s.secret.scrub(f.Value)
		return m, f
	}
	return m, nil
}
