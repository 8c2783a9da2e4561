package app

import (
	"fmt"
	"log/slog"
	"testing"
	"time"
)

// However many call at once: who calls now is known soon, and what is to be looked up is bounded.
func TestManyNumbers(t *testing.T) {
	a := New(Config{Demo: true, Logger: slog.New(slog.DiscardHandler)})
	defer a.Begin(t.Context())()
	if err := a.saveContact(t.Context(), "86121314", "Bo", ""); err != nil {
		t.Fatal(err)
	}
	p := a.people
	for i := range 5 * mostKnown {
		p.of(fmt.Sprint(20000000 + i))
		p.mu.Lock()
		if len(p.waiting) > mostWaiting || p.looking > mostLooking {
			t.Errorf("%d numbers wait, %d are looked up", len(p.waiting), p.looking)
		}
		p.mu.Unlock()
	}
	for began := time.Now(); p.of("86121314").Name != "Bo"; time.Sleep(time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatal("who calls now is not looked up")
		}
	}
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		p.mu.Lock()
		left := len(p.waiting) + p.looking
		p.mu.Unlock()
		if left == 0 {
			break
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("%d are not looked up", left)
		}
	}
}
