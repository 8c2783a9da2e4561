package music

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// online is a state with calls in these phases.
func online(phases ...csta.Phase) csta.State {
	st := csta.State{Status: csta.Online}
	for _, phase := range phases {
		st.Calls = append(st.Calls, csta.Call{Phase: phase})
	}
	return st
}

// When the music is paused, and when it plays on.
func TestPauser(t *testing.T) {
	follow := func(st csta.State) func(*Pauser) { return func(p *Pauser) { p.Follow(st) } }
	idle, talks, holds := follow(online()), follow(online(csta.Active)), follow(online(csta.Held))
	lost := follow(csta.State{Status: csta.Offline})
	set := func(on bool) func(*Pauser) { return func(p *Pauser) { p.Set(on) } }
	after := func(d time.Duration) func(*Pauser) { return func(*Pauser) { time.Sleep(d) } }
	for _, c := range []struct {
		name string
		off  bool
		do   []func(*Pauser)
		want []string
	}{
		{"a call", false, []func(*Pauser){follow(online(csta.Ringing)), talks, idle, after(resumeAfter)}, []string{"pause", "play on"}},
		{"only ringing", false, []func(*Pauser){follow(online(csta.Ringing)), follow(online(csta.Ended))}, nil},
		{"nobody answers", false, []func(*Pauser){follow(online(csta.Calling)), follow(online(csta.Ended))}, nil},
		{"hold and retrieve", false, []func(*Pauser){talks, holds, after(time.Hour), talks, follow(online(csta.Ended)), after(resumeAfter)}, []string{"pause", "play on"}},
		{"a call on hold, and another that rings", false, []func(*Pauser){talks, follow(online(csta.Held, csta.Calling)), after(time.Minute)}, []string{"pause"}},
		{"one call after the other", false, []func(*Pauser){talks, idle, after(resumeAfter / 2), talks, after(time.Minute)}, []string{"pause"}},
		{"two calls", false, []func(*Pauser){talks, idle, after(time.Minute), talks, idle, after(time.Minute)}, []string{"pause", "play on", "pause", "play on"}},
		{"off", true, []func(*Pauser){talks, idle, after(time.Minute)}, nil},
		{"switched on while talking", true, []func(*Pauser){talks, set(true), idle, after(time.Minute)}, []string{"pause", "play on"}},
		{"switched off while talking", false, []func(*Pauser){talks, set(false), after(0), idle}, []string{"pause", "play on"}},
		{"off and on while talking", false, []func(*Pauser){talks, after(0), set(false), after(0), set(true), after(0)}, []string{"pause", "play on", "pause"}},
		{"the session is lost", false, []func(*Pauser){talks, lost, after(time.Hour), talks, idle, after(time.Minute)}, []string{"pause", "play on"}},
		{"the session is lost, and the call is over when it is back", false, []func(*Pauser){talks, lost, after(time.Hour), idle, after(time.Minute)}, []string{"pause", "play on"}},
		{"Calltray ends during the call", false, []func(*Pauser){talks, after(time.Minute), (*Pauser).End}, []string{"pause", "leave"}},
		{"Calltray ends just after the call", false, []func(*Pauser){talks, after(0), idle, (*Pauser).End}, []string{"pause", "play on"}},
		{"a call after the end", false, []func(*Pauser){(*Pauser).End, talks, after(time.Minute)}, nil},
		{"it begins again", false, []func(*Pauser){(*Pauser).End, talks, (*Pauser).Begin, after(0)}, []string{"pause"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			var got []string
			p := New(slog.New(slog.DiscardHandler), !c.off)
			p.pause = func(context.Context, *slog.Logger) func(bool) {
				got = append(got, "pause")
				return func(playOn bool) {
					if playOn {
						got = append(got, "play on")
					} else {
						got = append(got, "leave")
					}
				}
			}
			p.Begin()
			for _, do := range c.do {
				do(p)
				synctest.Wait()
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: got %q, want %q", c.name, got, c.want)
			}
			p.End()
		})
	}
}

// Nobody who reports a state waits for the players.
func TestFollowDoesNotBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(slog.New(slog.DiscardHandler), true)
		p.pause = func(ctx context.Context, _ *slog.Logger) func(bool) {
			<-ctx.Done()
			return func(bool) { time.Sleep(time.Second) }
		}
		p.Begin()
		began := time.Now()
		for range 100 {
			p.Follow(online(csta.Active))
			p.Follow(online())
			p.Set(false)
			p.Set(true)
		}
		if d := time.Since(began); d > 0 {
			t.Errorf("it took %v", d)
		}
		p.End() // and this does not wait for ever
	})
}
