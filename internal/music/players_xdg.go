//go:build !windows && !darwin

package music

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/godbus/dbus/v5"

	"calltray/internal/sessionbus"
)

// Supported reports whether music can be paused on this system.
const Supported = true

// What a player is on the session bus. (MPRIS 2.2)
const (
	namePrefix  = "org.mpris.MediaPlayer2."
	objectPath  = dbus.ObjectPath("/org/mpris/MediaPlayer2")
	playerIface = "org.mpris.MediaPlayer2.Player"
	propsIface  = "org.freedesktop.DBus.Properties"
	// playerctld passes everything on to the player that was used last. That one is there under its own name, too,
	// and at the end of a call it may be another.
	passesOn = namePrefix + "playerctld"
)

const (
	maxPlayers   = 50              // any program can claim to be one
	playersLimit = 2 * time.Second // for all players together to pause, and again to play on
)

// players is a connection to the session bus, and the players that were paused over it.
type players struct {
	conn *dbus.Conn

	mu     sync.Mutex
	paused pausedPlayers
}

// pausePlayers is the pause for the players on the session bus.
func pausePlayers(ctx context.Context, log *slog.Logger) (end func(playOn bool)) {
	limited, cancel := context.WithTimeout(ctx, playersLimit)
	defer cancel()
	p := &players{paused: pausedPlayers{}}
	if err := p.connect(limited); err != nil {
		log.Info("the music cannot be paused", "error", err)
		return func(bool) {}
	}
	log.Info("the music is paused", "players", p.each(limited, p.pausable(limited), p.pause))
	return func(playOn bool) {
		defer p.conn.Close()
		if !playOn {
			return
		}
		limited, cancel := context.WithTimeout(context.Background(), playersLimit)
		defer cancel()
		log.Info("the music plays on", "players", p.each(limited, p.ours(), p.resume))
	}
}

// connect opens the connection, and subscribes to what players report. No bus is started for that.
func (p *players) connect(ctx context.Context) error {
	if !sessionbus.Present() {
		return errors.New("there is no session bus")
	}
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithSignalHandler(p))
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })() // Auth would wait for ever for a bus that says nothing
	err = conn.Auth(nil)
	if err == nil {
		err = conn.Hello()
	}
	if err == nil {
		err = conn.AddMatchSignalContext(ctx, dbus.WithMatchObjectPath(objectPath), dbus.WithMatchInterface(propsIface),
			dbus.WithMatchMember("PropertiesChanged"))
	}
	if err != nil {
		conn.Close()
		return err
	}
	p.conn = conn
	return nil
}

// pausable returns the unique bus names of all players.
func (p *players) pausable(ctx context.Context) (owners []string) {
	var names []string
	if p.conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.ListNames", 0).Store(&names) != nil {
		return nil
	}
	for _, name := range names {
		if !strings.HasPrefix(name, namePrefix) || name == passesOn || len(owners) == maxPlayers {
			continue
		}
		var owner string
		err := p.conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, name).Store(&owner)
		if err == nil && !slices.Contains(owners, owner) {
			owners = append(owners, owner)
		}
	}
	return owners
}

// ours returns the players that were told to pause.
func (p *players) ours() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Keys(p.paused))
}

// each does something to players, to all at once so that none waits for one that hangs. It returns to how many it
// was done.
func (p *players) each(ctx context.Context, owners []string, do func(ctx context.Context, owner string) bool) int {
	var count atomic.Int32
	var all sync.WaitGroup
	for _, owner := range owners {
		all.Go(func() {
			if do(ctx, owner) {
				count.Add(1)
			}
		})
	}
	all.Wait()
	return int(count.Load())
}

// pause pauses a player if it is playing. One that does not say whether it is, is not told to pause: it would do so
// when it wakes up, long after the call.
func (p *players) pause(ctx context.Context, owner string) bool {
	status := p.status(ctx, owner)
	p.mu.Lock()
	due := p.paused.begin(owner, status)
	p.mu.Unlock()
	if !due {
		return false
	}
	err := p.call(ctx, owner, playerIface+".Pause").Err
	if err != nil && ctx.Err() == nil { // it refuses; one that is only slow still pauses
		p.mu.Lock()
		delete(p.paused, owner)
		p.mu.Unlock()
	}
	return err == nil
}

// resume lets a player play on if we paused it and nobody has touched it since.
func (p *players) resume(ctx context.Context, owner string) bool {
	status := p.status(ctx, owner)
	p.mu.Lock()
	due := p.paused.playOn(owner, status)
	p.mu.Unlock()
	return due && p.call(ctx, owner, playerIface+".Play").Err == nil
}

// status asks a player for its PlaybackStatus. It returns "" if there is no answer.
func (p *players) status(ctx context.Context, owner string) (status string) {
	if p.call(ctx, owner, propsIface+".Get", playerIface, "PlaybackStatus").Store(&status) != nil {
		return ""
	}
	return status
}

func (p *players) call(ctx context.Context, owner, method string, args ...any) *dbus.Call {
	return p.conn.Object(owner, objectPath).CallWithContext(ctx, method, dbus.FlagNoAutoStart, args...)
}

// DeliverSignal implements dbus.SignalHandler: it notes what players report. It is called between the replies on
// the connection, in the order in which the bus sent both. The bus vouches for the sender; the rest may be anything.
func (p *players) DeliverSignal(_, _ string, signal *dbus.Signal) {
	var iface string
	var values map[string]dbus.Variant
	if signal.Name != propsIface+".PropertiesChanged" || len(signal.Body) < 2 || dbus.Store(signal.Body[:2], &iface, &values) != nil || iface != playerIface {
		return
	}
	if status, ok := values["PlaybackStatus"].Value().(string); ok {
		p.mu.Lock()
		p.paused.changed(signal.Sender, status)
		p.mu.Unlock()
	}
}
