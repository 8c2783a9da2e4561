package wake

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/godbus/dbus/v5"
)

// The signal of systemd-logind (and of elogind), documented in org.freedesktop.login1(5): it carries true
// before the machine sleeps, and false after it woke.
const (
	loginName   = "org.freedesktop.login1"
	loginPath   = dbus.ObjectPath("/org/freedesktop/login1")
	loginIface  = "org.freedesktop.login1.Manager"
	sleepMember = "PrepareForSleep"
)

// A missing system bus is tried again after busRetry, then after twice as long, up to busRetryMax. They are
// variables because a test does not wait that long.
var (
	busRetry    = 5 * time.Second
	busRetryMax = 2 * time.Minute
	busPatience = 10 * time.Second // for a bus to answer
)

// errBusEnded: the bus closed the connection.
var errBusEnded = errors.New("the system bus ended the connection")

// watchLogind listens for the end of a sleep until ctx ends. It logs once that the bus is missing, and once
// that it is back.
func watchLogind(ctx context.Context, log *slog.Logger, s *signs) {
	wait, away := busRetry, false
	for {
		err := listen(ctx, s, func() {
			if away {
				log.Info("the system bus is back: sleep is noticed by logind again")
			}
			wait, away = busRetry, false
		})
		if ctx.Err() != nil {
			return
		}
		if !away {
			log.Info("no system bus: sleep is noticed by the clocks alone", "error", err)
			away = true
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = min(2*wait, busRetryMax)
	}
}

// listen reports sleep over one connection of its own until that ends; ready is called when the bus has
// accepted the subscription. The connection ends with ctx, in any state. No process is started: godbus's
// autolaunch is only for the session bus.
func listen(ctx context.Context, s *signs, ready func()) error {
	conn, err := dbus.SystemBusPrivate(dbus.WithContext(ctx))
	if err != nil {
		return err
	}
	defer conn.Close()
	// A bus that accepts the connection and sends nothing would block Auth for ever.
	patience := time.AfterFunc(busPatience, func() { conn.Close() })
	defer patience.Stop()
	if err := conn.Auth(nil); err != nil {
		return err
	}
	if err := conn.Hello(); err != nil {
		return err
	}
	signals := make(chan *dbus.Signal, 8)
	conn.Signal(signals)
	if err := conn.AddMatchSignal(dbus.WithMatchSender(loginName), dbus.WithMatchObjectPath(loginPath),
		dbus.WithMatchInterface(loginIface), dbus.WithMatchMember(sleepMember)); err != nil {
		return err
	}
	patience.Stop()
	ready()
	for signal := range signals { // closed by godbus when the connection ends
		if signal.Path != loginPath || signal.Name != loginIface+"."+sleepMember || len(signal.Body) != 1 {
			continue
		}
		if goingToSleep, ok := signal.Body[0].(bool); ok && !goingToSleep {
			s.woke("logind said so")
		}
	}
	return errBusEnded
}
