package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// measureCuts measures cuts of each kind, each in a session of its own, in real time.
func measureCuts(n int) error {
	fmt.Println("| cut | gateway | cuts | noticed: median | p99 | longest | back: median | p99 | longest |\n|---|---|---|---|---|---|---|---|---|")
	for _, kind := range []string{"silence, nothing pending", "silence, a request pending", "socket reset", "restart of the server"} {
		for _, gateway := range []string{"tcp", "signalr"} {
			t, err := measureCut(kind, gateway, n)
			if err != nil {
				return err
			}
			fmt.Printf("| %s | %s | %d %s%s|\n", kind, gateway, len(t.back), percentiles(t.notice), percentiles(t.back))
		}
	}
	return nil
}

func measureCut(kind, gateway string, n int) (lossTimes, error) {
	pbx, address, hub, err := newPBX()
	if err != nil {
		return lossTimes{}, err
	}
	defer pbx.Close()
	if gateway == "signalr" {
		address = hub
	}
	clients := make([]*client, n)
	for i := range clients {
		if clients[i], err = newClient(pbx, gateway, address, "200"); err != nil {
			return lossTimes{}, err
		}
		defer clients[i].close()
	}
	for _, s := range clients {
		if !s.await(30*time.Second, s.online) {
			return lossTimes{}, fmt.Errorf("%s: a session does not come online", kind)
		}
	}
	var restart sync.Once
	var stopped, free time.Time
	var mu sync.Mutex
	var t lossTimes
	var group sync.WaitGroup
	for _, s := range clients {
		group.Go(func() {
			if kind != "restart of the server" { // which is everybody's at once
				time.Sleep(time.Duration(rand.IntN(10000)) * time.Millisecond)
			}
			cut := time.Now()
			possible := cut
			var service sync.WaitGroup
			switch kind {
			case "silence, nothing pending", "silence, a request pending":
				s.net.set(func(r *relay) { r.blackHole = true })
				if kind == "silence, a request pending" {
					service.Go(func() { _, _ = s.session.MakeCall(context.Background(), "22334455") })
				}
			case "socket reset":
				s.net.cut(true)
			case "restart of the server":
				restart.Do(func() {
					stopped = time.Now()
					_ = pbx.Restart(context.Background(), 500*time.Millisecond)
					free = time.Now()
				})
				cut, possible = stopped, free
			}
			notice := s.noticed(cut)
			if s.net.isBlackHole() {
				time.Sleep(time.Duration(rand.IntN(5000)) * time.Millisecond)
				s.net.set(func(r *relay) { r.blackHole = false })
				possible = time.Now()
			}
			back := s.returned(cut, possible)
			service.Wait()
			mu.Lock()
			defer mu.Unlock()
			t.notice, t.back = append(t.notice, notice), append(t.back, back)
		})
	}
	group.Wait()
	return t, nil
}
