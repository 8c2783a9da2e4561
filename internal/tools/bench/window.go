//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/ui"
	"calltray/ui/native"
)

// How the window is measured.
const (
	eventsPerSecond = 200
	warmTime        = 3 * time.Second // until the window has finished its initial drawing
	windowTime      = 15 * time.Second
	probePause      = 100 * time.Microsecond
	leastStretch    = time.Millisecond // anything shorter is not a frame
)

// stretches are the periods for which the goroutine that owns the window was continuously busy: each is a
// frame, or the handling of an event.
type stretches []time.Duration

// showWindow runs the real window with an office of that size, at work, until windowTime is over. It prints the
// stretches to standard output. The caller must scroll.
func showWindow(size int) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	fyneIsThere := make(chan struct{})
	u := ui.New(ui.Config{
		NewApp: func() fyne.App {
			defer close(fyneIsThere)
			return fyneapp.NewWithID("dk.calltray.bench")
		},
		Desk:     native.New(log),
		Phone:    func() (ui.Phone, error) { return nil, csta.ErrOffline },
		Settings: account.Settings{URL: "tls://csta.example.dk:7001", UserID: "user@example.dk", PBXDomain: "12345678.pbx.example.dk", Device: extension},
		Logger:   log,
	})
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	office := make([]csta.Colleague, size)
	for i := range office {
		office[i] = csta.Colleague{Device: csta.DeviceID(fmt.Sprint(10000 + i)), Name: fmt.Sprintf("Kollega %04d Østergård", i)}
		u.Colleague(office[i])
	}
	u.Show(csta.State{Status: csta.Online, Since: time.Now(), Trunk: csta.On})
	u.ShowWindow()
	go live(ctx, u, office)
	var seen stretches
	go func() {
		defer u.Quit()
		<-fyneIsThere
		probe(warmTime)
		seen = probe(windowTime)
	}()
	if err := u.Run(ctx); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(seen)
}

// live keeps changing what some colleague does.
func live(ctx context.Context, u *ui.UI, office []csta.Colleague) {
	tick := time.NewTicker(time.Second / eventsPerSecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			c := &office[rand.IntN(len(office))]
			c.Calls, c.DoNotDisturb, c.ForwardedTo = nil, false, ""
			switch rand.IntN(5) {
			case 0:
				c.Calls = []csta.Call{{ID: csta.ConnectionID{CallID: "1"}, Phase: csta.Ringing,
					Remote: csta.Party{Number: "22334455", Name: "Ærø Bageri"}, Since: now}}
			case 1:
				c.Calls = []csta.Call{{ID: csta.ConnectionID{CallID: "1"}, Phase: csta.Active, Since: now}}
			case 2:
				c.DoNotDisturb = true
			case 3:
				c.ForwardedTo = "10001"
			}
			u.Colleague(*c)
		}
	}
}

// probe keeps posting empty tasks to the goroutine that owns the window: it is busy for as long as one takes.
func probe(limit time.Duration) (seen stretches) {
	done := make(chan struct{})
	for end := time.Now().Add(limit); time.Now().Before(end); {
		began := time.Now()
		fyne.Do(func() { done <- struct{}{} })
		<-done
		if took := time.Since(began); took >= leastStretch {
			seen = append(seen, took)
		}
		time.Sleep(probePause)
	}
	return seen
}
