package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

const (
	// ringLimit is how long a call may ring at the PBX before the user must be shown it.
	ringLimit = 2 * time.Second
	// ghostLimit is how long a call may be shown as certain after the PBX has ended it.
	ghostLimit = 30 * time.Second
)

// lostEnds is what happened at one client whose calls end without an event, and whose callIDs are reused.
type lostEnds struct {
	calls, endsLost  int
	silent           int // calls that did not ring
	ghosts           int // calls that were shown long after their end
	longest, slowest time.Duration
}

// soakLostEnds makes calls one after the other over each gateway, while something happens at a colleague's
// telephone every second. One end in three is lost, and every call has the callID of the previous one. The
// error counts the faults.
func soakLostEnds(duration time.Duration) error {
	results := make([]lostEnds, 2)
	clients := make([]*client, 2)
	gateways := []string{"tcp", "signalr"}
	for i, gateway := range gateways {
		pbx, tcp, hub, err := newPBX()
		if err != nil {
			return err
		}
		defer pbx.Close()
		pbx.Set(func(b *pbxsim.Behaviour) { b.ReuseCallIDs, b.NoAnswer = true, 0 })
		if clients[i], err = newClient(pbx, gateway, []string{tcp, hub}[i], "200"); err != nil {
			return err
		}
		defer clients[i].close()
		clients[i].mu.Lock()
		clients[i].reused = true
		clients[i].mu.Unlock()
		if !clients[i].await(10*time.Second, clients[i].online) {
			return fmt.Errorf("%s does not come online", gateway)
		}
	}
	ctx, stop := context.WithTimeout(context.Background(), duration)
	defer stop()
	var group sync.WaitGroup
	for i, c := range clients {
		group.Go(func() { colleague(ctx, c.pbx) })
		group.Go(func() { c.lookForGhosts(ctx, &results[i]) })
		group.Go(func() { c.playLostEnds(ctx, &results[i]) })
	}
	group.Wait()
	fmt.Println("| gateway | calls | ends lost | did not ring | slowest to ring | ghosts | longest shown after its end |\n|---|---|---|---|---|---|---|")
	faults := 0
	for i, r := range results {
		fmt.Printf("| %s | %d | %d | %d | %.2f s | %d | %.1f s |\n", gateways[i], r.calls, r.endsLost, r.silent, r.slowest.Seconds(), r.ghosts, r.longest.Seconds())
		faults += r.silent + r.ghosts
		for _, n := range clients[i].notes {
			fmt.Println(n)
		}
	}
	if faults > 0 {
		return fmt.Errorf("%d calls that did not ring, or were shown after their end", faults)
	}
	return nil
}

// colleague turns do-not-disturb at another telephone on and off, every second.
func colleague(ctx context.Context, pbx *pbxsim.PBX) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for on := true; ; on = !on {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		word := map[bool]string{true: "on", false: "off"}[on]
		_ = pbx.Run(ctx, strings.NewReader("dnd 203 "+word), io.Discard) // an error means that ctx has ended
	}
}

// playLostEnds makes one call after the other.
func (s *client) playLostEnds(ctx context.Context, r *lostEnds) {
	pause := func(most time.Duration) {
		select {
		case <-time.After(time.Duration(rand.Int64N(int64(most)))):
		case <-ctx.Done():
		}
	}
	for n := 0; ctx.Err() == nil; n++ {
		number := fmt.Sprint(20000000 + n)
		began := time.Now()
		call, err := s.pbx.Call(number, s.device, "")
		if err != nil {
			s.complain("not placed: %v", err)
			return
		}
		r.calls++
		rings := func() bool {
			for _, known := range s.state.Calls {
				if known.Linkage == call.Linkage() {
					return known.Phase == csta.Ringing && known.Remote.Number == number && !known.Uncertain
				}
			}
			return false
		}
		if s.await(ringLimit, rings) {
			r.slowest = max(r.slowest, time.Since(began))
		} else {
			r.silent++
			s.complain("%s, linkage %s, does not ring", number, call.Linkage())
		}
		pause(3 * time.Second)
		if rand.IntN(3) == 0 {
			_ = call.Answer(s.device) // this this cannot fail while it rings
			pause(3 * time.Second)
		}
		lost := rand.IntN(3) == 0
		if lost {
			r.endsLost++
			s.pbx.Set(func(b *pbxsim.Behaviour) { b.LoseCleared = 100 }) // of every leg
		}
		_ = call.Clear([]string{number, s.device}[rand.IntN(2)])
		s.pbx.Set(func(b *pbxsim.Behaviour) { b.LoseCleared = 0 })
		switch rand.IntN(4) {
		case 0: // the next one comes at once
		case 1:
			pause(time.Second)
		case 2:
			pause(5 * time.Second)
		case 3:
			pause(50 * time.Second) // long enough for a ghost to count
		}
	}
}

// lookForGhosts looks every half second for calls that are shown and that the PBX does not have.
func (s *client) lookForGhosts(ctx context.Context, r *lostEnds) {
	gone := map[string]time.Time{} // since when, by linkage
	told := map[string]bool{}
	for tick := time.Tick(time.Second / 2); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
		alive := map[string]bool{}
		for _, call := range s.pbx.Calls() {
			alive[call.Linkage] = true
		}
		s.mu.Lock()
		calls := s.state.Calls
		s.mu.Unlock()
		shown := map[string]bool{}
		for _, call := range calls {
			if call.Phase == csta.Ended || call.Uncertain || alive[call.Linkage] {
				continue
			}
			shown[call.Linkage] = true
			if gone[call.Linkage].IsZero() {
				gone[call.Linkage] = time.Now()
			}
			since := time.Since(gone[call.Linkage])
			r.longest = max(r.longest, since)
			if since > ghostLimit && !told[call.Linkage] {
				told[call.Linkage] = true
				r.ghosts++
				s.complain("%s %s is still %s, %v after its end", call.Remote.Number, call.ID.CallID, call.Phase, since.Round(time.Second))
			}
		}
		for linkage := range gone {
			if !shown[linkage] {
				delete(gone, linkage)
			}
		}
	}
}
