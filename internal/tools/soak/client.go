package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"calltray/cstasession"
	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

// client is one session at one extension, with a network of its own, and a record of what it reported.
type client struct {
	gateway string
	device  string
	reused  bool // callIDs are reused, so one does not identify a call
	pbx     *pbxsim.PBX
	net     *relay
	session *cstasession.Session
	stop    context.CancelFunc
	done    chan struct{}
	pause   sync.RWMutex // held for reading by who does something at the PBX
	losing  sync.Mutex   // held while the link is lost

	mu       sync.Mutex
	state    csta.State
	news     chan struct{}   // closed with every state
	fell     time.Time       // when it was last seen to leave Online
	back     time.Time       // and to come to it
	epoch    int             // odd from before the link is lost until the session is back
	legs     map[string]*leg // of the PBX, by callID, until they are judged
	ended    map[string]time.Time
	told     int // calls that the session reported
	covered  int // calls that began and ended while the link was up
	lost     int
	doubled  int
	wrong    int
	compared int
	notes    []string
}

// leg is a call at the extension, as the PBX has it.
type leg struct {
	began, over int // the epochs
	overAt      time.Time
	seen, ended int // how often the session reported that
	outcome     csta.Outcome
}

func newClient(pbx *pbxsim.PBX, gateway, address, device string) (*client, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	s := &client{gateway: gateway, device: device, pbx: pbx, news: make(chan struct{}), done: make(chan struct{}), legs: map[string]*leg{}, ended: map[string]time.Time{}, epoch: 1}
	if s.net, err = newRelay(u.Host); err != nil {
		return nil, err
	}
	u.Host = s.net.address()
	s.session, err = cstasession.New(cstasession.Config{
		URL: u.String(), UserID: "user@example.dk", Password: csta.NewPassword("secret"),
		PBXDomain: pbx.Domain(), Device: csta.DeviceID(device), OnChange: s.change,
	})
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	go func() { defer close(s.done); _ = s.session.Run(ctx) }()
	return s, nil
}

func (s *client) close() {
	s.net.set(func(r *relay) { r.blackHole = false })
	s.stop()
	<-s.done
	s.net.close()
}

// change receives every state, and counts each call's appearances.
func (s *client) change(st csta.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.state
	s.state = st
	switch {
	case online(before) && offline(st):
		s.fell = time.Now()
	case offline(before) && online(st):
		s.back = time.Now()
	}
	close(s.news)
	s.news = make(chan struct{})
	here := map[string]bool{}
	for _, c := range st.Calls {
		id := c.ID.CallID
		if _, over := s.ended[id]; !s.reused && (over || here[id]) {
			s.doubled++
			s.complain("doubled: %s %s %s", id, c.Phase, c.Outcome)
		}
		here[id] = true
		l := s.legs[id]
		if !slices.ContainsFunc(before.Calls, func(b csta.Call) bool { return b.ID.CallID == id }) {
			s.told++
			if l != nil {
				l.seen++
			}
		}
		if c.Phase == csta.Ended {
			if l != nil {
				l.ended++
				l.outcome = c.Outcome
			}
			if c.Outcome != csta.EndedOffline { // of such a one an event may still tell
				s.ended[id] = time.Now()
			}
		}
	}
}

func (s *client) complain(format string, args ...any) {
	if len(s.notes) < 20 {
		s.notes = append(s.notes, fmt.Sprintf("%s %s %s: ", time.Now().Format("15:04:05.000"), s.gateway, s.device)+fmt.Sprintf(format, args...))
	}
}

// watch records which calls the PBX has at the extension.
func (s *client) watch(line string) {
	words := strings.Fields(line)
	if words[0] != "event" || words[2] != s.device {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.legs[words[3]]
	if l == nil {
		l = &leg{began: s.epoch}
		s.legs[words[3]] = l
	}
	switch words[1] {
	case "ConnectionCleared", "Diverted", "Transfered":
		l.over, l.overAt = s.epoch, time.Now()
	}
}

// judge decides about the calls that ended a while ago.
func (s *client) judge(after time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, l := range s.legs {
		if l.overAt.IsZero() || time.Since(l.overAt) < after {
			continue
		}
		delete(s.legs, id)
		if l.began != l.over || l.began%2 == 1 {
			continue // the link was lost in its life
		}
		s.covered++
		switch {
		case l.seen == 0 || l.ended == 0 || l.outcome == csta.EndedOffline:
			s.lost++
			s.complain("lost: %s was seen %d times, ended %d times (%s)", id, l.seen, l.ended, l.outcome)
		case l.seen > 1 || l.ended > 1:
			s.doubled++
			s.complain("doubled: %s was seen %d times, ended %d times", id, l.seen, l.ended)
		}
	}
	for id, at := range s.ended {
		if time.Since(at) > time.Minute {
			delete(s.ended, id)
		}
	}
}

// await waits until ok holds; false after limit. ok runs under the lock.
func (s *client) await(limit time.Duration, ok func() bool) bool {
	deadline := time.After(limit)
	for {
		s.mu.Lock()
		holds, news := ok(), s.news
		s.mu.Unlock()
		if holds {
			return true
		}
		select {
		case <-news:
		case <-deadline:
			return false
		}
	}
}

func (s *client) online() bool { return online(s.state) }

// noticed waits until the session is not online, and returns the time since the cut. returned does the same for
// being online again.
func (s *client) noticed(cut time.Time) time.Duration {
	s.await(time.Minute, func() bool { return s.fell.After(cut) })
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fell.Sub(cut)
}

func (s *client) returned(cut, possible time.Time) time.Duration {
	s.await(2*time.Minute, func() bool { return s.fell.After(cut) && s.back.After(s.fell) })
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(s.back.Sub(possible), 0)
}

func online(st csta.State) bool  { return st.Status == csta.Online }
func offline(st csta.State) bool { return st.Status != csta.Online }

// compare pauses the PBX and compares; messages in transit get two seconds to arrive.
func (s *client) compare() {
	s.pause.Lock()
	defer s.pause.Unlock()
	s.mu.Lock()
	epoch := s.epoch
	s.mu.Unlock()
	if epoch%2 == 1 {
		return
	}
	deadline := time.Now().Add(2 * time.Second)
	for {
		s.mu.Lock()
		st, now := s.state, s.epoch
		s.mu.Unlock()
		got, want := calls(st), truth(s.pbx, s.device)
		switch {
		case now != epoch:
			return // the link is being cut
		case online(st) && slices.Equal(got, want):
			s.mu.Lock()
			s.compared++
			s.mu.Unlock()
			return
		case time.Now().After(deadline):
			s.mu.Lock()
			defer s.mu.Unlock()
			s.compared++
			s.wrong++
			s.complain("wrong: %s (%v) with %q, the PBX has %q", st.Status, st.Err, got, want)
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func truth(pbx *pbxsim.PBX, device string) []string {
	var list []string
	for _, c := range pbx.Calls() {
		for _, l := range c.Legs {
			if l.Device == device {
				phase := map[string]string{"Alerting": "ringing", "Ringing": "calling", "Active": "active", "Held": "held"}[l.Status]
				list = append(list, l.CallID+" "+phase+" "+l.Remote)
			}
		}
	}
	slices.Sort(list)
	return list
}

// calls are those that the session is sure of.
func calls(st csta.State) []string {
	var list []string
	for _, c := range st.Calls {
		if c.Phase != csta.Ended && !c.Uncertain {
			list = append(list, c.ID.CallID+" "+c.Phase.String()+" "+c.Remote.Number)
		}
	}
	slices.Sort(list)
	return list
}
