package music

import "testing"

func TestPausedPlayers(t *testing.T) {
	for _, c := range []struct {
		name   string
		before string   // the status when the call begins
		during []string // what the player reports during the call
		after  string   // the status when the call has ended; "" if it does not answer
		paused bool     // it must be paused
		playOn bool
	}{
		{"music", playing, []string{paused}, paused, true, true},
		{"a player that reports nothing", playing, nil, paused, true, true},
		{"a late report of what was before", playing, []string{playing, paused}, paused, true, true},
		{"it reports the same twice", playing, []string{paused, paused}, paused, true, true},
		{"it never paused", playing, []string{playing}, playing, true, false},
		{"the user started it", playing, []string{paused, playing}, playing, true, false},
		{"the user started and paused it", playing, []string{paused, playing, paused}, paused, true, false},
		{"the user stopped it", playing, []string{paused, "Stopped"}, "Stopped", true, false},
		{"the user stopped it, and has paused another tune", playing, []string{paused, "Stopped", playing, paused}, paused, true, false},
		{"a stream that can only stop", playing, []string{"Stopped"}, "Stopped", true, false},
		{"it hangs or has quit", playing, []string{paused}, "", true, false},
		{"paused before", paused, nil, paused, false, false},
		{"paused before, and started by the user during the call", paused, []string{playing}, playing, false, false},
		{"paused before, started and paused during the call", paused, []string{playing, paused}, paused, false, false},
		{"stopped before", "Stopped", nil, "Stopped", false, false},
		{"it did not answer before", "", []string{paused}, paused, false, false},
		{"nonsense", "playing\x00", []string{"Paused "}, "", false, false},
	} {
		s := pausedPlayers{"other": still}
		if got := s.begin("player", c.before); got != c.paused {
			t.Errorf("%s: paused: %v", c.name, got)
		}
		for _, status := range c.during {
			s.changed("player", status)
		}
		if got := s.playOn("player", c.after); got != c.playOn {
			t.Errorf("%s: plays on: %v", c.name, got)
		}
		if !s.playOn("other", paused) {
			t.Errorf("%s: another player is concerned, too", c.name)
		}
	}
}
