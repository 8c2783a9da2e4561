package cstasession

import (
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/calls"
	"calltray/cstasession/internal/office"
	"calltray/cstasession/internal/transport"
	"calltray/cstasession/internal/wire"
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Config says where the PBX is, who logs in, and what is monitored.
type Config struct {
	// URL chooses the gateway: tcp://host:port and tls://host:port for ECMA-323 XML, http://host/path
	// and https://host/path for JSON over SignalR.
	URL       string
	UserID    string
	Password  csta.Password
	PBXDomain string        // such as 12345678.pbx.one-connect.dk
	TrunkID   string        // default: the first label of PBXDomain
	Device    csta.DeviceID // the extension to monitor and control: "200", or a long form "u-12345678-200"

	// Duration is the session duration to ask for, in whole seconds on the wire; default 120 s, as in
	// the vendor's examples. The PBX may grant another.
	Duration time.Duration
	// DeclareVendorData binds the vendorData prefix in the XML login, for a server that reads
	// namespaces. The vendor's sample does not bind it.
	DeclareVendorData bool
	// TrustedHosts are hosts beside the URL's own that the server may send the login to: those that the user has
	// agreed to after a csta.OtherHostError.
	TrustedHosts []string
	// RootCAs verifies the server's certificate; default: the system's roots. Verification is always on.
	RootCAs *x509.CertPool
	// Pin is the Fingerprint of the one certificate that the server must show; RootCAs is not asked then.
	// For a server whose certificate no authority has signed.
	Pin string

	// OnChange is called with every change of the state, in order, one at a time, by the goroutine of
	// Run. It must not block and must not call a service. A call that ended is in exactly one State.
	OnChange func(csta.State)
	// WatchTelephone asks for the telephone's settings after every login, and keeps State.Telephone; and for the names
	// of queues that calls come through.
	WatchTelephone bool
	// OnColleague and OnQueue, if set, are told of every other extension and every queue, whenever
	// something about it changes: the whole value, under the rules of OnChange. The monitor of the trunk
	// is started for them. After the link was lost everybody is told anew.
	OnColleague func(csta.Colleague)
	OnQueue     func(csta.Queue)
	// Backoff is the wait before redial number attempt (from 0); default: full jitter up to 1 s, doubled
	// with every attempt up to 30 s.
	Backoff func(attempt int) time.Duration
	// Logger gets what happens; default: nothing. At Debug it gets the frames, without the login.
	Logger *slog.Logger
}

// Session is one CSTA session. Its services may be called from any goroutine while Run runs.
type Session struct {
	cfg      Config
	object   string // the monitored object, in its long form
	secret   wire.Scrubber
	tag      string // ends every requestID of this process
	dial     func(context.Context, *transport.Options) (transport.Conn, error)
	progress func(step string) // told by the keeper how far the login has come
	wake     chan struct{}
	ran      atomic.Bool   // Run was called
	making   chan struct{} // held while a MakeCall has not been seen as an event

	todo      chan func()         // for the reader to run
	successor chan transport.Conn // a fresh one, to take over from the link there is

	mu      sync.Mutex // guards what others share with Run
	link    *link      // nil unless Online
	counter uint64
	watches map[*watch]bool
	health  Health
	quirks  quirks

	// Owned by Run.
	state     csta.State
	completed time.Time // when the present link, or the first of those that took over from each other, was complete
	made      string    // callID of the last event that was told of a MakeCall
	table     *calls.Table
	office    *office.Office
	full      bool            // it was logged that there are more calls than are kept
	unknown   map[string]bool // message names that were logged once
}

// quirks is what this server was seen to do where the vendor documents nothing.
type quirks struct {
	noRenewal   bool      // ResetApplicationSessionTimer has no effect here
	expires     bool      // sessions end when their time is over
	noRemonitor bool      // starting the monitor again is refused or ignored, or doubles its events
	busyUntil   time.Time // it says that it has too much to do
}

// Health is what there is to know about a link beside its status.
type Health struct {
	LastEvent time.Time     // when the last event of our monitor came; zero if none did
	RoundTrip time.Duration // of the last sign of life that was asked for; 0 before the first
	Checked   time.Time     // when it came
	Duration  time.Duration // granted by the PBX
	Renewal   string        // what keeps the session after that: "renewed", "by a new login", "not needed so far"
}

// Health returns the present figures. It may be called from any goroutine; they change without a call
// of OnChange.
func (s *Session) Health() Health {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.health
	switch {
	case !s.quirks.noRenewal:
		h.Renewal = "renewed"
	case s.quirks.expires:
		h.Renewal = "by a new login"
	default:
		h.Renewal = "not needed so far"
	}
	return h
}

// busy reports whether the PBX is to be spared.
func (q quirks) busy() bool { return time.Now().Before(q.busyUntil) }

// learn notes something about the server.
func (s *Session) learn(note func(*quirks)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	note(&s.quirks)
}

func (s *Session) known() quirks {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.quirks
}

// noteExpiry: a session ended when its time was over. A renewal, if there was one, had no effect.
func (s *Session) noteExpiry() { s.learn(func(w *quirks) { w.expires, w.noRenewal = true, true }) }

// New checks the configuration. It does no I/O. Its error wraps ErrConfig and says what is wrong.
func New(cfg Config) (*Session, error) {
	if err := check(&cfg); err != nil {
		return nil, fmt.Errorf("%w: %w", csta.ErrConfig, err)
	}
	if cfg.TrunkID == "" {
		cfg.TrunkID, _, _ = strings.Cut(cfg.PBXDomain, ".")
	}
	if cfg.Duration <= 0 {
		cfg.Duration = 120 * time.Second
	}
	if cfg.OnChange == nil {
		cfg.OnChange = func(csta.State) {}
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
	secret := wire.NewScrubber(cfg.Password)
	if u, err := url.Parse(cfg.URL); err == nil {
		secret = secret.WithQuery(u)
	}
	s := &Session{
		cfg: cfg, object: object, secret: secret, tag: rand.Text()[:8], dial: transport.Dial, progress: func(string) {},
		wake: make(chan struct{}, 1), making: make(chan struct{}, 1),
		todo: make(chan func()), successor: make(chan transport.Conn),
		watches: map[*watch]bool{}, unknown: map[string]bool{},
	}
	believed := &calls.Belief{}
	s.table = calls.New(csta.DeviceID(cfg.Device.Number()), believed)
	s.office = office.New(csta.DeviceID(cfg.Device.Number()), cfg.TrunkID, cfg.OnColleague != nil || cfg.OnQueue != nil, cfg.WatchTelephone || cfg.OnQueue != nil, believed)
	return s, nil
}

// gateway is what a transport has to know.
func (s *Session) gateway() *transport.Options {
	return &transport.Options{URL: s.cfg.URL, Secret: s.secret, RootCAs: s.cfg.RootCAs, Pin: s.cfg.Pin, TrustedHosts: s.cfg.TrustedHosts, DeclareVendorData: s.cfg.DeclareVendorData, Logger: s.cfg.Logger}
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
// which errors.Is(err, csta.ErrLoginRefused) holds. Credentials that have worked in this run are tried again
// instead, every few minutes. When ctx ends it stops the session in form (StopApplicationSession) and returns
// ctx's error. A session runs once: a second Run returns an error that wraps csta.ErrConfig.
func (s *Session) Run(ctx context.Context) error {
	if !s.ran.CompareAndSwap(false, true) {
		return fmt.Errorf("%w: this session has run already", csta.ErrConfig)
	}
	attempt, short := 0, 0 // short: links that fell soon after they were complete, one after the other
	worked := false
	for {
		s.enter(csta.Connecting, s.state.Err)
		s.completed = time.Time{}
		err := s.serve(ctx)
		switch {
		case s.completed.IsZero():
		case time.Since(s.completed) >= proven:
			attempt, short, worked = 0, 0, true
		default:
			short, worked = short+1, true
		}
		if ctx.Err() != nil {
			s.enter(csta.Offline, nil)
			return ctx.Err()
		}
		if short >= inUseAfter {
			err = fmt.Errorf("%w: %w", csta.ErrAccountInUse, err)
		}
		s.cfg.Logger.Info("offline", "err", err)
		s.enter(csta.Offline, err)
		if refused := errors.Is(err, csta.ErrLoginRefused); refused && !worked {
			return err
		} else if refused {
			select {
			case <-time.After(refusedPause):
			case <-ctx.Done():
				s.enter(csta.Offline, nil)
				return ctx.Err()
			}
			continue
		}
		if attempt = s.pause(ctx, attempt, csta.RetryAfter(err)); attempt < 0 {
			s.enter(csta.Offline, nil)
			return ctx.Err()
		}
	}
}

const (
	proven       = 30 * time.Second // that a link lives after it is complete, until it has earned a back-off that starts afresh
	inUseAfter   = 3                // links that fell before that, one after the other, it seems that another program uses the account
	refusedPause = 5 * time.Minute  // before credentials are tried again that worked in this run and were refused
)

const officeWakes = 2 * time.Second // over which the redials of all who wake together are spread

// pause waits before the next attempt, at least as long as the server asked for, and returns its number; -1
// when ctx ended. A wake starts the
// back-off afresh: not at once, since a whole office wakes in the same second.
func (s *Session) pause(ctx context.Context, attempt int, atLeast time.Duration) int {
	wait := time.After(max(atLeast, s.cfg.Backoff(attempt)))
	for {
		select {
		case <-wait:
			return attempt + 1
		case <-s.wake:
			attempt, wait = 0, time.After(mathrand.N(officeWakes))
		case <-ctx.Done():
			return -1
		}
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
	cfg.OnChange = func(st csta.State) {
		if tell != nil {
			tell(st)
		}
		switch {
		case st.Status == csta.Online:
			cancel(works)
		case st.Status == csta.Offline && st.Err != nil:
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
func (s *Session) enter(status csta.Status, why error) {
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
	s.state.Calls = s.office.Named(s.table.Take())
	if s.table.Full() && !s.full {
		s.full = true
		s.cfg.Logger.Warn("the PBX told of more than is kept: the rest was cut off", "what", "calls")
	}
	s.cfg.OnChange(s.state)
	ended := func(c csta.Call) bool { return c.Phase == csta.Ended }
	if !slices.ContainsFunc(s.state.Calls, ended) {
		return
	}
	for _, c := range s.state.Calls {
		s.settle(c)
	}
	s.state.Calls = s.office.Named(s.table.Take())
	s.cfg.OnChange(s.state)
}

// fold applies an event of our monitor to the calls, and publishes what it changed.
func (s *Session) fold(l *link, m wire.Message) {
	if !strings.HasSuffix(strings.ToLower(m.Name), "event") {
		return
	}
	ev, known := wire.ReadEvent(m)
	if !known {
		changed, known := s.office.FoldOther(m, l.crossRef)
		if name := s.secret.Clean(m.Name); !known && !s.unknown[name] && len(s.unknown) < 100 {
			s.unknown[name] = true
			s.cfg.Logger.Info("an event without a meaning here was skipped", "name", name)
		}
		s.tellOffice(l, changed)
		return
	}
	if ev.CrossRef != "" && !strings.EqualFold(ev.CrossRef, l.crossRef) && !s.table.Ours(csta.DeviceID(ev.CrossRef)) {
		if s.watchesOffice() {
			s.tellOffice(l, s.office.Fold(ev, time.Now()))
		}
		return // not of our own monitor
	}
	told := ev
	told.Order = 0 // of the monitor, perhaps
	switch {
	case told != l.last:
	case l.monitors < 2:
		l.twice = true // this server's habit, and no harm
	case !l.twice && !s.known().noRemonitor:
		s.cfg.Logger.Info("events come twice: the monitor is not started again here")
		s.learn(func(w *quirks) { w.noRemonitor = true })
	}
	l.last = told
	now := time.Now()
	s.mu.Lock()
	s.health.LastEvent = now
	s.mu.Unlock()
	s.tellOffice(l, s.office.LearnName(ev))
	if strings.EqualFold(ev.RequestType, "MakeCall") {
		s.made = ev.Leg.CallID
	}
	if c, changed := s.table.Apply(ev, now); changed {
		if s.update(); c.Via != "" && c.Phase != csta.Ended && s.office.WantName(c.Via) {
			l.announce()
		}
	}
}

// update publishes the calls after a change.
func (s *Session) update() {
	s.publish()
	s.follow()
}

// follow tells the services that wait for a change of a call that it was published.
func (s *Session) follow() {
	for _, c := range s.state.Calls {
		s.settle(c)
	}
}

// online is called by the reader when a link is complete: calls are seen. Services use it from now on, or when
// it takes over from the one that they use.
func (s *Session) online(l *link) {
	l.complete = true
	if s.completed.IsZero() {
		s.completed = time.Now()
	}
	if s.state.Status != csta.Online {
		s.use(l)
	}
	s.enter(csta.Online, nil)
}

// settleDoubts ends the calls that nobody has vouched for since the link came back.
func (s *Session) settleDoubts() {
	if s.table.Settle(time.Now()) {
		s.update()
	}
}
