package cstasession

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/calls"
	"calltray/cstasession/internal/office"
	"calltray/cstasession/internal/transport"
	"calltray/cstasession/internal/wire"
)

// Session is one CSTA session. Its services may be called from any goroutine while Run runs.
type Session struct {
	cfg      Config
	object   string // the monitored object, in its long form
	secret   wire.Scrubber
	tag      string // appended to every requestID of this process
	dial     func(context.Context, *transport.Options) (transport.Conn, error)
	progress func(step string, path csta.Path) // called by the dial and the keeper with each step of the login
	wake     chan struct{}
	ran      atomic.Bool   // Run was called
	making   chan struct{} // held while a MakeCall has not been seen as an event

	told atomic.Pointer[csta.State] // the newest published one

	todo      chan func()         // run by the reader
	successor chan transport.Conn // a fresh link, to take over from the current one

	mu      sync.Mutex // guards what is shared with Run
	link    *link      // nil unless Online
	counter uint64
	watches map[*watch]bool
	health  Health
	quirks  quirks

	// Owned by Run.
	state     csta.State
	completed time.Time // when the current link, or the first in its chain of hand-overs, was complete
	made      string    // callID of the last event that belonged to a MakeCall
	table     *calls.Table
	office    *office.Office
	memory    transport.Memory
	full      bool            // it was logged that there are more calls than can be kept
	unknown   map[string]bool // message names that have been logged
}

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
	cfg.Intervals = cfg.Intervals.withDefaults()
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
		cfg: cfg, object: object, secret: secret, tag: rand.Text()[:8], dial: transport.Dial, progress: func(string, csta.Path) {},
		wake: make(chan struct{}, 1), making: make(chan struct{}, 1),
		todo: make(chan func()), successor: make(chan transport.Conn),
		watches: map[*watch]bool{}, unknown: map[string]bool{},
	}
	believed := &calls.Belief{}
	s.table = calls.New(csta.DeviceID(cfg.Device.Number()), believed)
	s.table.Adopt(cfg.Calls, time.Now())
	s.office = office.New(csta.DeviceID(cfg.Device.Number()), cfg.TrunkID, cfg.OnColleague != nil || cfg.OnQueue != nil, cfg.WatchTelephone || cfg.OnQueue != nil, believed)
	return s, nil
}

// overHub reports whether the gateway is a hub.
func (s *Session) overHub() bool { return strings.HasPrefix(s.cfg.URL, "http") }

// gateway returns the options of a transport.
func (s *Session) gateway() *transport.Options {
	return &transport.Options{URL: s.cfg.URL, Secret: s.secret, RootCAs: s.cfg.RootCAs, Pin: s.cfg.Pin, Proxy: s.cfg.Proxy, AskSystem: s.cfg.AskSystem, SignIn: s.cfg.ProxySignIn, Memory: &s.memory, Negotiated: func() { s.progress("negotiation", csta.Path{}) }, TrustedHosts: s.cfg.TrustedHosts, DeclareVendorData: s.cfg.DeclareVendorData, Logger: s.cfg.Logger}
}

// Run keeps the session until ctx ends, or until the login is refused: then errors.Is(err,
// csta.ErrLoginRefused) holds. Credentials that have worked in this run are instead retried every few minutes.
// When ctx ends, it stops the session properly (StopApplicationSession) and returns ctx's error. A session runs
// once: a second Run returns an error that wraps csta.ErrConfig.
func (s *Session) Run(ctx context.Context) error {
	if !s.ran.CompareAndSwap(false, true) {
		return fmt.Errorf("%w: this session has run already", csta.ErrConfig)
	}
	attempt, short := 0, 0 // short: consecutive links that fell soon after they were complete
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
		} else if worked || s.cfg.WasOnline {
			err = fmt.Errorf("%w: %w", csta.ErrWasOnline, err)
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
	proven       = 30 * time.Second // a complete link must stay up before the back-off is reset
	inUseAfter   = 3                // consecutive links that fell before that make it seem that another program uses the account
	refusedPause = 5 * time.Minute  // before credentials that worked earlier in this run and were then refused are retried
)

const officeWakes = 2 * time.Second // the period over which the redials of clients that wake together are spread

// pause waits before the next attempt, at least as long as the server asked for, and returns its number, or -1
// if ctx ended. A wake resets the back-off, but does not redial at once, since a whole office wakes in the same
// second.
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

// Wake ends a wait between two attempts, or makes an open link prove that it is alive. Call it after sleep, or
// when the network changed. It does not block.
func (s *Session) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
