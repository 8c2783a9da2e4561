package cstasession

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/transport"
)

// Step is one step of a Check.
type Step struct {
	Name   string    // what was tried, in lower case: "address"
	Path   csta.Path // how the link reaches the gateway; set for the step "transport"
	Detail string    // what was found: an address, a certificate's name; "" if there is nothing to report
	Took   time.Duration
	Err    error // why it failed; nil if it did not
}

// Check follows the path to the calls step by step, and reports each step when it is done: it finds the proxy,
// looks up the address, connects, verifies the certificate (tls and https), negotiates with the hub (http and
// https) and finds a transport, logs in, and starts the monitor. If number is not empty, it then calls that
// number from the monitored device, waits for an event of the call, and hangs up. Check stops at the first step
// that fails and returns its error.
func Check(ctx context.Context, cfg Config, number string, report func(Step)) error {
	s, err := New(cfg)
	if err != nil {
		return err
	}
	u, err := url.Parse(s.cfg.URL)
	if err != nil {
		return err
	}
	step := func(name string, do func() (detail string, err error)) error {
		began := time.Now()
		detail, err := do()
		report(Step{Name: name, Detail: detail, Took: time.Since(began), Err: err})
		return err
	}
	limited, cancel := context.WithTimeout(ctx, transport.DialLimit)
	defer cancel()
	gateway := s.gateway()
	var way transport.Way
	if err := step("proxy", func() (detail string, err error) {
		if way, err = transport.FindWay(limited, u, gateway); err != nil || way.Proxy == "" {
			return "", err
		}
		return way.Proxy + ", " + way.From, nil
	}); err != nil {
		return err
	}
	if err := step("address", func() (detail string, err error) {
		if way.Proxy != "" { // the proxy looks up the name
			return way.Host, nil
		}
		found, err := net.DefaultResolver.LookupHost(limited, way.Host)
		if err != nil {
			return "", err
		}
		return found[0], nil
	}); err != nil {
		return err
	}
	var conn net.Conn
	if err := step("connection", func() (detail string, err error) {
		if conn, err = way.Connect(limited, gateway); err != nil {
			return "", err
		}
		if way.Proxy != "" {
			return "through the proxy " + way.Proxy, nil
		}
		return conn.RemoteAddr().String(), nil
	}); err != nil {
		return err
	}
	defer conn.Close()
	if u.Scheme == "tls" || u.Scheme == "https" {
		if err := step("certificate", func() (string, error) {
			secured, err := way.Secure(limited, conn, gateway)
			if err != nil {
				return "", err
			}
			leaf := secured.ConnectionState().PeerCertificates[0]
			return fmt.Sprintf("%s, valid until %s", leaf.Subject.CommonName, leaf.NotAfter.Format(time.DateOnly)), nil
		}); err != nil {
			return err
		}
	}
	conn.Close()
	return s.checkSession(ctx, number, report)
}

// checkSession runs the session until it is online, reporting its steps, and makes the call.
func (s *Session) checkSession(ctx context.Context, number string, report func(Step)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	began := time.Now()
	pace := func(name, detail string, err error) {
		report(Step{Name: name, Detail: detail, Took: time.Since(began), Err: err})
		began = time.Now()
	}
	next := "login"
	if s.overHub() {
		next = "negotiation"
	}
	s.progress = func(done string, path csta.Path) {
		if done != next {
			return // it goes on: another transport is tried
		}
		report(Step{Name: done, Path: path, Took: time.Since(began)})
		began = time.Now()
		next = map[string]string{"negotiation": "transport", "transport": "login", "login": "monitor", "monitor": "monitor"}[done]
	}
	online := make(chan struct{})
	s.cfg.OnChange = func(st csta.State) {
		switch {
		case st.Status == csta.Online && next != "":
			next = ""
			close(online)
		case st.Status == csta.Offline && st.Err != nil:
			cancel(st.Err) // the check makes one attempt only
		}
	}
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	select {
	case <-online:
	case err := <-done:
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		pace(next, "", err)
		return err
	}
	defer func() { cancel(nil); <-done }()
	if number == "" {
		return nil
	}
	began = time.Now()
	id, err := s.MakeCall(ctx, number)
	if err == nil {
		if hangUp := s.ClearConnection(ctx, id); hangUp != nil && !errors.Is(hangUp, csta.ErrNoEffect) {
			err = hangUp
		}
	}
	pace("call", id.CallID, err)
	return err
}

// Try tests an account: it makes one link, logs in, starts the monitor, and disconnects. It returns nil if
// calls would be seen, the reason if not, or ctx's error.
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
