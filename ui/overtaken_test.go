package ui

import (
	"fmt"
	"testing"
	"time"

	"calltray/cstasession/csta"
)

// States that come faster than they can be drawn are not drawn one by one, and no call is lost for that.
func TestOvertakenStatesAreNotDrawn(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	drawn := 0
	f.ui.tray.looks = make(chan trayLook, 1)
	f.ui.tray.drawn = func() { drawn++ }
	const states = 2000
	for n := range states {
		id := fmt.Sprint(n)
		f.tell(csta.State{Status: csta.Online, Calls: []csta.Call{call(id, csta.Ringing, "22334455", "Ærø")}})
		f.tell(csta.State{Status: csta.Online, Calls: []csta.Call{ended(id, csta.Missed, fmt.Sprint(1000+n), "")}})
	}
	began := time.Now()
	f.settle()
	if most := 2 + int(time.Since(began)/drawPause); drawn > most {
		t.Errorf("%d states were drawn %d times in %v", 2*states, drawn, time.Since(began))
	}
	if f.ui.popup.shown {
		t.Error("the last state is not on the screen")
	}
	f.past("Ærø", fmt.Sprint(1000+states-1)+" · Missed")
}

// Quit does not wait for what is still to be drawn.
func TestQuitOvertakesEverything(t *testing.T) {
	f := newFixture(t)
	for range 100 {
		f.ui.Show(csta.State{Status: csta.Online})
	}
	f.ui.Quit()
	if !f.ui.loop.hasEnded() {
		t.Error("Quit waits for its turn")
	}
}
