package notify

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
)

func TestLink(t *testing.T) {
	// Each step happens at a time after noon; "tick" is the timer that due asked for, if it has fired by then.
	type at struct {
		after time.Duration
		what  string // a status, or what the desktop tells
		want  []string
	}
	const s, m, h = time.Second, time.Minute, time.Hour
	for _, tt := range []struct {
		name  string
		steps []at
	}{
		{"never online", []at{{0, "connecting", nil}, {1 * s, "offline", nil}, {2 * h, "", nil}}},
		{"online", []at{{0, "online", nil}, {2 * h, "", nil}}},
		{"a short loss", []at{{0, "online", nil}, {3 * m, "offline", nil}, {3*m + 59*s, "", nil}, {3*m + 59*s, "online", nil}, {2 * h, "", nil}}},
		{"a minute", []at{{0, "online", nil}, {3 * m, "offline", nil}, {4*m - 1, "", nil}, {4 * m, "", []string{"show link down"}}, {2 * h, "", nil}}},
		{"connecting is not online", []at{{0, "online", nil}, {3 * m, "offline", nil}, {3*m + 30*s, "connecting", nil}, {3*m + 50*s, "offline", nil}, {4 * m, "", []string{"show link down"}}, {5 * m, "connecting", nil}}},
		{"and back", []at{{0, "online", nil}, {3 * m, "offline", nil}, {5 * m, "", []string{"show link down"}}, {41 * m, "online", []string{"change link back: Calls in this time were not seen: 12:03 - 12:41"}}, {2 * h, "", nil}}},
		{"back, over midnight", []at{{11 * h, "online", nil}, {11*h + 50*m, "offline", nil}, {12 * h, "", []string{"show link down"}}, {20*h + 5*m, "online", []string{"change link back: Calls in this time were not seen: 22 Nov 23:50 - 23 Nov 08:05"}}}},
		{"put away by the user", []at{{0, "online", nil}, {3 * m, "offline", nil}, {4 * m, "", []string{"show link down"}}, {5 * m, "closed", nil}, {6 * m, "connecting", nil}, {41 * m, "online", []string{"show link back"}}}},
		{"the second expires", []at{{0, "online", nil}, {3 * m, "offline", nil}, {4 * m, "", []string{"show link down"}}, {5 * m, "online", []string{"change link back: Calls in this time were not seen: 12:03 - 12:05"}}, {6 * m, "closed", nil},
			{20 * m, "offline", nil}, {21 * m, "", []string{"show link down"}}}},
		{"the second is still there", []at{{0, "online", nil}, {3 * m, "offline", nil}, {4 * m, "", []string{"show link down"}}, {5 * m, "online", []string{"change link back: Calls in this time were not seen: 12:03 - 12:05"}},
			{20 * m, "offline", nil}, {21 * m, "", []string{"change link down: Calls are not shown. <cut>"}}}},
		{"down again soon: said when ten minutes are over", []at{{0, "online", nil}, {3 * m, "offline", nil}, {4 * m, "", []string{"show link down"}}, {5 * m, "online", []string{"change link back: Calls in this time were not seen: 12:03 - 12:05"}}, {5*m + 15*s, "closed", nil},
			{6 * m, "offline", nil}, {14*m - 1, "", nil}, {14 * m, "", []string{"show link down"}}}},
		{"back again soon: taken down, nothing said", []at{{0, "online", nil}, {3 * m, "offline", nil}, {4 * m, "", []string{"show link down"}}, {13 * m, "online", []string{"change link back: Calls in this time were not seen: 12:03 - 12:13"}}, {13*m + 15*s, "closed", nil},
			{14 * m, "offline", nil}, {15 * m, "", []string{"show link down"}}, {16 * m, "online", []string{"close link down"}}}},
		{"the service restarts", []at{{0, "online", nil}, {3 * m, "offline", nil}, {4 * m, "", []string{"show link down"}}, {5 * m, "reset", []string{"show link down"}}, {6 * m, "online", []string{"change link back: Calls in this time were not seen: 12:03 - 12:06"}}, {6 * m, "reset", nil}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.Local)
			var b notices
			var id uint32
			for i, step := range tt.steps {
				now := noon.Add(step.after)
				b.link.tick(now, Config{Explain: func(err error) string { return "<" + err.Error() + ">" }}.complete())
				state := csta.State{Since: now}
				switch step.what {
				case "online":
					state.Status = csta.Online
					b.link.update(state, now, Config{}.complete())
				case "connecting", "offline":
					if state.Err = errors.New("cut"); step.what == "connecting" {
						state.Status = csta.Connecting
					}
					b.link.update(state, now, Config{}.complete())
				case "closed":
					b.closed(b.link.shown.desktopID)
				case "reset":
					b.reset()
				}
				if got := settleLink(t, &b, &id); !slices.Equal(got, step.want) {
					t.Errorf("step %d, %v %s: %q, want %q", i, step.after, step.what, got, step.want)
				}
			}
		})
	}
}

// settleLink is settle, with the text of what is changed.
func settleLink(t *testing.T, b *notices, id *uint32) []string {
	t.Helper()
	s, ok := b.next()
	if ok && s.op == show && s.id != 0 {
		b.did(s, s.id)
		return append([]string{fmt.Sprintf("change %s: %s", s.notice.key, s.notice.body)}, settle(t, b, id)...)
	}
	return settle(t, b, id)
}

// However the link comes and goes, neither notification is made twice in ten minutes.
func TestLinkMakesNoSeries(t *testing.T) {
	for _, tt := range []struct{ down, up time.Duration }{
		{time.Second, time.Second}, {61 * time.Second, time.Second}, {2 * time.Minute, 2 * time.Minute},
		{61 * time.Second, 9 * time.Minute}, {9*time.Minute + 59*time.Second, time.Second}, {11 * time.Minute, time.Second},
	} {
		var b notices
		var id uint32
		last := map[string]time.Duration{}
		now, begin := began, began
		for now.Sub(begin) < 24*time.Hour {
			for _, status := range []csta.Status{csta.Online, csta.Offline} {
				b.link.update(csta.State{Status: status, Since: now}, now, Config{}.complete())
				length := tt.up
				if status == csta.Offline {
					length = tt.down
				}
				end := now.Add(length)
				for {
					for _, did := range settle(t, &b, &id) {
						_, what, _ := strings.Cut(did, " ")
						what, _, _ = strings.Cut(what, ":")
						if strings.HasPrefix(did, "close") {
							continue
						}
						if before, ok := last[what]; ok && now.Sub(begin)-before < leastGap {
							t.Fatalf("%v down, %v up: %s at %v and again at %v", tt.down, tt.up, what, before, now.Sub(begin))
						}
						last[what] = now.Sub(begin)
					}
					at, ok := b.link.due()
					if !ok || at.After(end) {
						break
					}
					now = at
					b.link.tick(now, Config{Explain: func(error) string { return "" }}.complete())
				}
				now = end
			}
		}
		if (tt.down > lossDelay) != (len(last) > 0) {
			t.Errorf("%v down, %v up: said %v", tt.down, tt.up, last)
		}
	}
}

func TestLinkWords(t *testing.T) {
	for _, tt := range []struct {
		name, sentence string
		err            error
		want           string
	}{
		{"no reason", "?", nil, "Calls are not shown."},
		{"a reason", "The server does not answer: ask whoever runs it.", errors.New("x"), "Calls are not shown. The server does not answer: ask whoever runs it."},
		{"no sentence", "", errors.New("x"), "Calls are not shown."},
		{"hostile", "The server says $(calc)\u202e\n<b>.", errors.New("x"), "Calls are not shown. The server says (calc) <b>."},
		{"a page", strings.Repeat("x", 5000), errors.New("x"), "Calls are not shown. " + strings.Repeat("x", maxBody-22) + "…"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := linkNotice{seen: true}
			l.update(csta.State{Err: tt.err}, began, Config{}.complete())
			l.tick(began.Add(lossDelay), Config{Explain: func(error) string { return tt.sentence }}.complete())
			if l.down == nil || l.down.title != "Not connected" || l.down.body != tt.want {
				t.Errorf("got %+v, want %q", l.down, tt.want)
			}
		})
	}
}

// The worker has a timer for it: no state need come.
func TestNotifierTellsThatTheLinkIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opened := make(chan struct{}, 1)
		n, d, log := startFake(Config{OnOpen: func() { opened <- struct{}{} }, Explain: func(err error) string { return "The cable is out." }})
		n.Show(online())
		synctest.Wait() // else the two are folded into one
		n.Show(csta.State{Err: errors.New("cut")})
		time.Sleep(lossDelay - time.Nanosecond)
		expect(t, "for less than a minute", d.took())
		time.Sleep(time.Nanosecond)
		expect(t, "for a minute", d.took(), "show link down 1")
		if got := d.up[1]; got.title != "Not connected" || got.body != "Calls are not shown. The cable is out." {
			t.Errorf("says %+v", got)
		}
		for _, action := range []string{"answer", "hangup", "callback", "default"} {
			d.emit(event{acted, 1, action})
		}
		synctest.Wait()
		if len(opened) != 1 {
			t.Error("Open does not open")
		}
		time.Sleep(time.Hour)
		n.Show(online())
		expect(t, "back", d.took(), "show link back 1")
		d.emit(event{kind: closed, id: 1}) // expires
		time.Sleep(time.Hour)
		n.Show(offline())
		time.Sleep(time.Hour)
		expect(t, "down again", d.took(), "show link down 2")
		n.Close()
		expect(t, "nobody watches any more", d.took(), "close 2")
		if log.Len() > 0 {
			t.Errorf("log: %s", log)
		}
	})
}

// What a desktop that hung gets is what is true when it lives again.
func TestLinkAndAHungDesktop(t *testing.T) {
	for _, tt := range []struct {
		name    string
		asked   bool // the notification was asked for when the desktop hung; else another was
		offline bool // in the end
		want    []string
	}{
		{"back", false, false, []string{"show a 1", "close 1", "show link back 2"}},
		{"back and down", false, true, []string{"show a 1", "close 1", "show link down 2"}},
		{"asked for, back", true, false, []string{"show link down 1", "show link back 1"}},
		{"asked for, back and down", true, true, []string{"show link down 1", "show link down 1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, d, _ := startFake(Config{Explain: error.Error})
				defer n.Close()
				n.Show(online())
				expect(t, "online", d.took())
				hang := make(chan struct{})
				d.set(hang, nil)
				if !tt.asked {
					n.Show(online(call("a", csta.Ringing)))
					synctest.Wait()
				}
				n.Show(csta.State{Err: errors.New("first")})
				time.Sleep(time.Hour)
				n.Show(online())
				time.Sleep(time.Hour)
				if tt.offline {
					n.Show(csta.State{Err: errors.New("second")})
					time.Sleep(time.Hour)
				}
				expect(t, "while it hangs", d.took())
				d.set(nil, nil)
				close(hang)
				expect(t, "it lives again", d.took(), tt.want...)
				if tt.offline && !strings.HasSuffix(d.up[d.next].body, "second") {
					t.Errorf("says %+v", d.up)
				}
			})
		})
	}
}

// One that cannot be shown is not tried again and again, but when a service comes.
func TestLinkWithoutService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, d, _ := startFake(Config{})
		defer n.Close()
		n.Show(online())
		synctest.Wait()
		n.Show(offline())
		d.set(nil, errors.New("no daemon"))
		time.Sleep(time.Hour)
		n.Show(offline())
		expect(t, "once", d.took(), "fail link down")
		d.set(nil, nil)
		d.emit(event{kind: serviceCame})
		expect(t, "a service comes", d.took(), "show link down 1")
	})
}
