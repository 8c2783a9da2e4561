package csta

import "testing"

// Who has waited longest is answered first, and a call that may be gone comes last.
func TestWaiting(t *testing.T) {
	calls := []Call{{Linkage: "a", Phase: Ringing, Uncertain: true}, {Linkage: "b", Phase: Active}, {Linkage: "c", Phase: Ringing},
		{Linkage: "d", Phase: Ended}, {Linkage: "e", Phase: Ringing}, {Linkage: "f", Phase: Held}, {Linkage: "g", Phase: Calling}}
	got := ""
	for _, c := range Waiting(calls) {
		got += c.Linkage
	}
	if got != "cea" {
		t.Errorf("Waiting() = %q, want %q", got, "cea")
	}
	if Waiting(nil) != nil {
		t.Error("nobody calls, and somebody waits")
	}
}
