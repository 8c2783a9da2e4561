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

// Silence to some services of a PBX that lives costs neither the link nor a call: it is learnt. (A gateway
// that hangs is another thing: TestBlackHoleIsNoticed.)
func TestServicesIgnoredFromTheSecondTimeOn(t *testing.T) {
	for _, services := range []string{"MonitorStart", "SnapShotDevice", "ResetApplicationSessionTimer", "MonitorStart,SnapShotDevice",
		"MonitorStart,SnapShotDevice,ResetApplicationSessionTimer"} {
		for _, kind := range kinds {
			t.Run(services+"/"+kind, func(t *testing.T) {
				inFakeTime(t, kind, pbxsim.Config{Behaviour: pbxsim.Behaviour{IgnoredAgain: services}}, nil, func(b *bubble) {
					time.Sleep(time.Hour)
					if n, gaps := b.dials.Load(), b.c.gaps(); n > 1+int32(time.Hour/linkEvery) || gaps > 0 {
						b.t.Errorf("in an hour: %d links and %d gaps, want at most %d links and no gap", n, gaps, 1+time.Hour/linkEvery)
					}
					b.call("22334455", "200")
					b.agree("after an hour")
				})
			})
		}
	}
}

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

// A PBX that is silent for a moment, and so leaves one question out and answers the next, ignores no service: what
// happened meanwhile is still found by a snapshot.
func TestSilenceOfAMomentTeachesNothing(t *testing.T) {
	for _, lasts := range []time.Duration{1500 * time.Millisecond, 2500 * time.Millisecond, 4 * time.Second} {
		for _, kind := range kinds {
			t.Run(fmt.Sprint(lasts, "/", kind), func(t *testing.T) {
				inFakeTime(t, kind, pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: "vendor"}}, nil, func(b *bubble) {
					time.Sleep(quietLimit - time.Second) // the next sign of life is asked for in a second
					silence(b.pbx, true)
					b.call("22334455", "200")
					time.Sleep(lasts)
					silence(b.pbx, false)
					time.Sleep(agreeBound)
					b.agree("some time later")
				})
			})
		}
	}
}

// Nor does a first snapshot that gets no answer: the next one tells of the calls that are there.
func TestFirstSnapshotWithoutAnAnswer(t *testing.T) {
	for _, kind := range kinds {
		inFakeTime(t, kind, pbxsim.Config{Behaviour: pbxsim.Behaviour{Snapshot: "vendor"}}, nil, func(b *bubble) {
			var asked atomic.Int32
			meddle := func(_ context.Context, _ int32, c transport.Conn) (transport.Conn, error) {
				return meddled{c, func(service string) bool { return service == "SnapShotDevice" && asked.Add(1) == 1 }}, nil
			}
			b.meddle.Store(&meddle)
			b.net.set(func(w *weather) { w.refused = true })
			b.pbx.Drop()
			time.Sleep(time.Second)
			b.call("22334455", "200") // of which no event can tell
			b.net.set(func(w *weather) { w.refused = false })
			time.Sleep(returnBound + 2*quietLimit)
			b.agree(kind)
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

// A link that falls while its successor is dialled is told of at once, however long that dial would take.
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

// Only silence ends a link: a PBX that tells of calls lives, however late its answers are.
func TestSlowAnswersBetweenEvents(t *testing.T) {
	for _, delay := range []time.Duration{6 * time.Second, 9 * time.Second, 30 * time.Second} {
		for _, every := range []time.Duration{time.Second, 4 * time.Second} {
			t.Run(fmt.Sprint(delay, " ", every), func(t *testing.T) {
				inFakeTime(t, "tcp", pbxsim.Config{}, nil, func(b *bubble) {
					b.pbx.Set(func(w *pbxsim.Behaviour) { w.AnswerDelay = delay })
					time.Sleep(11 * time.Second)
					for range 5 * time.Minute / every {
						b.pbx.InjectUnknown()
						time.Sleep(every)
					}
					if n, gaps := b.dials.Load(), b.c.gaps(); n > 1 || gaps > 0 {
						b.t.Errorf("%d links, %d gaps", n, gaps)
					}
				})
			})
		}
	}
}

// A PBX that says that it has too much to do is asked less than one that has not.
func TestOverloadedPBXIsAskedLess(t *testing.T) {
	inFakeTime(t, "tcp", pbxsim.Config{}, nil, func(b *bubble) {
		var asked atomic.Int32
		meddle := func(_ context.Context, _ int32, c transport.Conn) (transport.Conn, error) {
			return meddled{c, func(string) bool { asked.Add(1); return false }}, nil // our answers as well
		}
		b.meddle.Store(&meddle)
		count := func(during func()) int32 {
			b.pbx.Drop()
			time.Sleep(30 * time.Second)
			before := asked.Load()
			during()
			time.Sleep(4 * time.Minute) // what is said holds for five
			return asked.Load() - before
		}
		normal := count(func() {})
		overloaded := count(func() {
			if err := b.pbx.SystemStatus("overloadReached"); err != nil {
				b.t.Fatal(err)
			}
		})
		if overloaded*2 > normal {
			b.t.Errorf("%d messages in four minutes of overload, %d in four without", overloaded, normal)
		}
	})
}

// Credentials that worked in this run are tried again, slowly, after a refusal.
func TestRefusalAfterGoodService(t *testing.T) {
	inFakeTime(t, "tcp", pbxsim.Config{}, nil, func(b *bubble) {
		time.Sleep(time.Hour)
		b.pbx.Set(func(w *pbxsim.Behaviour) { w.RefuseLogins, w.RefuseAs = 2, "error" })
		b.pbx.Drop()
		time.Sleep(2 * time.Minute)
		before := b.dials.Load()
		if st := b.c.now(); st.Status == csta.Online || !errors.Is(st.Err, csta.ErrLoginRefused) {
			b.t.Errorf("after the refusal: %v (%v), want %v", st.Status, st.Err, csta.ErrLoginRefused)
		}
		b.c.Wake()
		time.Sleep(time.Minute)
		if n := b.dials.Load() - before; n > 0 {
			b.t.Errorf("%d logins within three minutes of a refusal, want none", n)
		}
		time.Sleep(time.Hour)
		b.agree("an hour later")
	})
}

// A service for a call that ended a moment ago is over at once.
func TestServicesForACallThatHasEnded(t *testing.T) {
	inFakeTime(t, "tcp", pbxsim.Config{Behaviour: pbxsim.Behaviour{NoEffect: "ClearConnection,AnswerCall,HoldCall,DeflectCall"}}, nil, func(b *bubble) {
		call := b.call("22334455", "200")
		id := b.c.now().Calls[0].ID
		must(b.t, "Clear", call.Clear("22334455"))
		synctest.Wait()
		for name, service := range map[string]func() error{
			"AnswerCall":  func() error { return b.c.AnswerCall(b.t.Context(), id) },
			"HoldCall":    func() error { return b.c.HoldCall(b.t.Context(), id) },
			"DeflectCall": func() error { return b.c.DeflectCall(b.t.Context(), id, "201") },
		} {
			began := time.Now()
			if err := service(); !errors.Is(err, csta.ErrCallEnded) || time.Since(began) > 0 {
				b.t.Errorf("%s: got %v after %v, want %v at once", name, err, time.Since(began), csta.ErrCallEnded)
			}
		}
		began := time.Now()
		if err := b.c.ClearConnection(b.t.Context(), id); err != nil || time.Since(began) > 0 {
			b.t.Errorf("ClearConnection: got %v after %v, want nil at once", err, time.Since(began))
		}
	})
}

// MakeCall knows its call by what says that it is ours, where the PBX shows another number than was dialled.
func TestMakeCallOfAShortCode(t *testing.T) {
	inFakeTime(t, "tcp", pbxsim.Config{Behaviour: pbxsim.Behaviour{NoEffect: "MakeCall"}}, nil, func(b *bubble) {
		time.AfterFunc(time.Second, func() {
			b.pbx.Inject([]byte("<DeliveredEvent><monitorCrossRefID>u-12345678-200</monitorCrossRefID>" +
				"<connection><callID>SIP/hpbx-77</callID><deviceID>200</deviceID></connection>" +
				"<alertingDevice><deviceIdentifier>22334455</deviceIdentifier></alertingDevice>" +
				"<callingDevice><deviceIdentifier>200</deviceIdentifier></callingDevice>" +
				"<calledDevice><deviceIdentifier>22334455</deviceIdentifier></calledDevice><localConnectionInfo>connected</localConnectionInfo>" +
				"<privateData><cstaCallRequestType>MakeCall</cstaCallRequestType><callDirection>Outbound</callDirection>" +
				"<localStatus>Ringing</localStatus><remoteUser>22334455</remoteUser></privateData></DeliveredEvent>\x00"))
		})
		began := time.Now()
		id, err := b.c.MakeCall(b.t.Context(), "#12")
		if err != nil || id.CallID != "SIP/hpbx-77" || time.Since(began) > 2*time.Second {
			b.t.Errorf("got %v %v after %v", id, err, time.Since(began))
		}
	})
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
