package cstasession

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/transport"
	"calltray/pbxsim"
)

// An address that has worked in this run is not to blame for what fails there later.
func TestAddressThatHasWorked(t *testing.T) {
	inFakeTime(t, "tcp", pbxsim.Config{}, nil, func(b *bubble) {
		b.net.set(func(w *weather) { w.refused = true })
		b.pbx.Drop()
		time.Sleep(time.Minute)
		st := b.c.now()
		if st.Status == csta.Online || !errors.Is(st.Err, errRefused) || !errors.Is(st.Err, csta.ErrWasOnline) {
			b.t.Errorf("after it was online: %v, %v", st.Status, st.Err)
		}
	})
	for _, earlier := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			cfg := config("tcp://pbx:7000")
			cfg.WasOnline = earlier
			s, err := New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			s.dial = func(context.Context, *transport.Options) (transport.Conn, error) { return nil, errRefused }
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var told error
			s.cfg.OnChange = func(st csta.State) {
				if st.Err != nil {
					told = st.Err
				}
			}
			_ = s.Run(ctx)
			if !errors.Is(told, errRefused) || errors.Is(told, csta.ErrWasOnline) != earlier {
				t.Errorf("online in an earlier run %v: %v", earlier, told)
			}
		})
	}
}

// Wherever and however a successor fails, the link that it was to take over from goes on as if nothing had
// been: the session is online, services reach the PBX, calls are seen; and another successor is tried.
func TestSuccessorsThatFail(t *testing.T) {
	for _, at := range []string{"dial", "StartApplicationSession", "MonitorStart", "SnapShotDevice", "GetDoNotDisturb", "GetForwarding", "MonitorTrunk", "overlap"} {
		for _, kind := range kinds {
			t.Run(at+"/"+kind, func(t *testing.T) {
				change := func(c *Config) { c.WatchTelephone, c.OnColleague = true, func(csta.Colleague) {} }
				inFakeTime(t, kind, pbxsim.Config{}, change, func(b *bubble) {
					t := b.t
					meddle := func(_ context.Context, n int32, c transport.Conn) (transport.Conn, error) {
						if n != 2 {
							return c, nil
						}
						if at == "dial" {
							go c.Close()
							return nil, errRefused
						}
						fail := func() { b.net.dropNewest() }
						return meddled{c, func(service string) bool {
							if at == "overlap" && service == "MonitorTrunk" {
								time.AfterFunc(overlapFor/2, fail)
							}
							if service == at {
								go fail()
							}
							return service == at
						}}, nil
					}
					b.meddle.Store(&meddle)
					b.noMonitorAgain()
					began, dialled, links := time.Now(), time.Now(), b.dials.Load()
					for time.Since(began) < 2*linkEvery {
						// Often while a link is new: nothing happens in between.
						if n := b.dials.Load(); n > links {
							links, dialled = n, time.Now()
						}
						if time.Since(dialled) < 2*overlapFor {
							time.Sleep(250 * time.Millisecond)
						} else {
							time.Sleep(2 * time.Second)
						}
						synctest.Wait()
						if _, was := b.offlineAfter(began.Add(1)); was { // the login was at that moment
							st := b.c.now()
							t.Fatalf("within %v and %d links it was not online; now: %v (%v)", time.Since(began), b.dials.Load(), st.Status, st.Err)
						}
						if b.dials.Load() < 2 {
							continue
						}
						if _, err := b.c.SnapshotCall(t.Context(), csta.ConnectionID{CallID: "x", DeviceID: "200"}); errors.Is(err, csta.ErrOffline) {
							t.Fatalf("after %v and %d links: a service says %v", time.Since(began), b.dials.Load(), err)
						}
					}
					if b.dials.Load() < 3 {
						t.Errorf("%d links, want another successor", b.dials.Load())
					}
					b.call("22334455", "200")
					b.agree("in the end")
				})
			})
		}
	}
}

// noMonitorAgain teaches the session that a monitor cannot be started again here.
func (b *bubble) noMonitorAgain() {
	b.pbx.Set(func(w *pbxsim.Behaviour) { w.StackMonitors = true })
	b.c.learn(func(w *quirks) { w.noRemonitor = true })
}

// A link that falls while its successor is being dialled is reported at once, however long that dial takes.
func TestLinkFallsWhileItsSuccessorIsDialled(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			inFakeTime(t, kind, pbxsim.Config{}, nil, func(b *bubble) {
				b.noMonitorAgain()
				time.Sleep(linkEvery - 20*time.Second)
				b.net.set(func(w *weather) { w.lost = true })
				for b.dials.Load() < 2 {
					time.Sleep(100 * time.Millisecond)
				}
				at := time.Now()
				b.net.drop()
				time.Sleep(20 * time.Second)
				if after, noticed := b.offlineAfter(at); !noticed || after > time.Second {
					b.t.Errorf("told after %v (%v), want at once", after, noticed)
				}
			})
		})
	}
}

// A session that knows that it is deaf says so, and hears again within seconds of the PBX being able to.
func TestDeafSessionSaysSo(t *testing.T) {
	for _, failures := range []int32{1, 3} {
		t.Run(fmt.Sprint(failures), func(t *testing.T) {
			inFakeTime(t, "tcp", pbxsim.Config{}, nil, func(b *bubble) {
				t := b.t
				b.noMonitorAgain()
				meddle := func(_ context.Context, n int32, c transport.Conn) (transport.Conn, error) {
					if n > 1+failures {
						return c, nil
					}
					go c.Close()
					return nil, errRefused
				}
				b.meddle.Store(&meddle)
				time.Sleep(30 * time.Second)
				b.pbx.Forget()
				b.pbx.Inject([]byte("<MonitorStop><monitorCrossRefID>u-12345678-200</monitorCrossRefID></MonitorStop>\x00"))
				time.Sleep(100 * time.Millisecond)
				if st := b.c.now(); st.Status == csta.Online {
					t.Errorf("the first attempt to hear again failed, and the session is %v", st.Status)
				}
				time.Sleep(time.Duration(failures)*monitorPause + time.Second)
				b.call("22334455", "200")
				b.agree("when the server takes a link again")
			})
		})
	}
}

// Where every link falls soon after it is complete, the back-off grows as for links that never come about,
// and the session says what that looks like.
func TestBackoffIsForgivenToLinksThatLived(t *testing.T) {
	for _, lives := range []time.Duration{50 * time.Millisecond, 3 * time.Second, 20 * time.Second} {
		t.Run(lives.String(), func(t *testing.T) {
			inFakeTime(t, "tcp", pbxsim.Config{}, nil, func(b *bubble) {
				const lasts = 20 * time.Minute
				meddle := func(_ context.Context, _ int32, c transport.Conn) (transport.Conn, error) {
					return meddled{c, func(service string) bool {
						if service == "SnapShotDevice" {
							time.AfterFunc(lives, b.pbx.Drop)
						}
						return false
					}}, nil
				}
				b.meddle.Store(&meddle)
				b.pbx.Drop()
				before := b.dials.Load()
				time.Sleep(lasts)
				if n := b.dials.Load() - before; n > 120 {
					b.t.Errorf("%d logins in %v", n, lasts)
				}
				b.c.mu.Lock()
				defer b.c.mu.Unlock()
				for _, st := range b.c.states {
					if errors.Is(st.Err, csta.ErrAccountInUse) {
						return
					}
				}
				b.t.Error("no state says that another program seems to use the account")
			})
		})
	}
}

// OnQueue needs no OnColleague beside it.
func TestOnQueueAlone(t *testing.T) {
	var told atomic.Int32
	inFakeTime(t, "tcp", pbxsim.Config{}, func(c *Config) { c.OnQueue = func(csta.Queue) { told.Add(1) } }, func(b *bubble) {
		time.Sleep(time.Minute)
		if told.Load() == 0 {
			b.t.Error("OnQueue was never called")
		}
	})
}

// A session runs once.
func TestSecondRunIsRefused(t *testing.T) {
	inFakeTime(t, "tcp", pbxsim.Config{}, nil, func(b *bubble) {
		ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
		defer cancel()
		if err := b.c.Run(ctx); !errors.Is(err, csta.ErrConfig) {
			b.t.Errorf("got %v, want %v", err, csta.ErrConfig)
		}
	})
}

// Whatever duration a PBX says that it grants, it is asked for a renewal now and then, not all the time.
func TestDurationsThatNobodyGrants(t *testing.T) {
	for _, told := range []string{"9300000000", "99999999999999999999", "1", "0", "-5", "2147483648", "soon"} {
		t.Run(told, func(t *testing.T) {
			inFakeTime(t, "tcp", pbxsim.Config{Behaviour: pbxsim.Behaviour{SessionDuration: told}}, nil, func(b *bubble) {
				var asked atomic.Int32
				meddle := func(_ context.Context, _ int32, c transport.Conn) (transport.Conn, error) {
					return meddled{c, func(service string) bool {
						if service == "ResetApplicationSessionTimer" && asked.Add(1) > 1000 {
							panic("asked for ever")
						}
						return false
					}}, nil
				}
				b.meddle.Store(&meddle)
				b.pbx.Drop()
				time.Sleep(10 * time.Minute)
				if d := b.c.Health().Duration; d < time.Second || d > 24*time.Hour {
					b.t.Errorf("the duration is %v", d)
				}
				if n, gaps := asked.Load(), b.c.gaps(); n > 300 || gaps > 1 {
					b.t.Errorf("%d renewals in ten minutes, %d gaps", n, gaps)
				}
			})
		})
	}
}
