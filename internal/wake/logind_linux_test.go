package wake

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// lines is a slog.Handler that passes the messages on.
type lines chan string

func (lines) Enabled(context.Context, slog.Level) bool { return true }
func (l lines) Handle(_ context.Context, r slog.Record) error {
	l <- r.Message
	return nil
}
func (l lines) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l lines) WithGroup(string) slog.Handler      { return l }

const patience = time.Minute // for what has to come, on a busy machine

// next returns the next line.
func (l lines) next(t *testing.T) string {
	t.Helper()
	select {
	case line := <-l:
		return line
	case <-time.After(patience):
		t.Fatal("nothing was logged")
		return ""
	}
}

// quicker has a bus that is away tried again at once.
func quicker(t *testing.T, retry, wait time.Duration) {
	oldRetry, oldMax, oldPatience := busRetry, busRetryMax, busPatience
	busRetry, busRetryMax, busPatience = retry, retry, wait
	t.Cleanup(func() { busRetry, busRetryMax, busPatience = oldRetry, oldMax, oldPatience })
}

// start runs watchLogind against the address until the test's end, which waits for it.
func start(t *testing.T, address string) (*signs, lines) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
	log := make(lines, 100)
	s := newSigns(slog.New(slog.DiscardHandler))
	s.slept = make(chan struct{}, 100) // to count them
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); watchLogind(ctx, slog.New(log), s) }()
	t.Cleanup(func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(patience):
			t.Error("goes on after its end")
		}
	})
	return s, log
}

const (
	away = "no system bus: sleep is noticed by the clocks alone"
	back = "the system bus is back: sleep is noticed by logind again"
)

// deaf listens like a bus, and sends nothing; each connection is reported.
func deaf(t *testing.T) (address string, came <-chan struct{}) {
	path := filepath.Join(t.TempDir(), "bus")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	connections := make(chan struct{}, 100)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			connections <- struct{}{}
		}
	}()
	t.Cleanup(func() { listener.Close(); <-ended })
	return "unix:path=" + path, connections
}

func TestNoBusIsSaidOnce(t *testing.T) {
	quicker(t, time.Millisecond, time.Millisecond)
	address, came := deaf(t)
	_, log := start(t, address)
	for range 5 { // it keeps trying
		select {
		case <-came:
		case <-time.After(patience):
			t.Fatal("a bus that says nothing is waited for")
		}
	}
	if got := log.next(t); got != away || len(log) != 0 {
		t.Errorf("%q and %d lines more", got, len(log))
	}
}

func TestABusThatSaysNothingHoldsNothingUp(t *testing.T) {
	quicker(t, time.Hour, time.Hour)
	address, came := deaf(t)
	start(t, address)
	<-came // it has to end by its context now: see start
}
