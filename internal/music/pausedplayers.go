package music

// The values of PlaybackStatus; the third is Stopped. (MPRIS 2.2, interface Player)
const (
	playing = "Playing"
	paused  = "Paused"
)

// stage is what has become of a player that we told to pause.
type stage int

const (
	told   stage = iota // to pause, and it has not said yet that it did
	still               // it has paused
	theirs              // the user has started or stopped it since
)

// pausedPlayers decides which players play on after a call: those that we paused, and that nobody has touched since. It
// has the players' unique bus names, which are never used again after a player quits.
type pausedPlayers map[string]stage

// begin reports whether to pause a player that has this status.
func (p pausedPlayers) begin(player, status string) bool {
	if status != playing {
		return false
	}
	p[player] = told
	return true
}

// changed notes that a player reports a status.
func (p pausedPlayers) changed(player, status string) {
	switch at, ours := p[player]; {
	case !ours || at == theirs:
	case status == paused:
		p[player] = still
	case status == playing && at == told: // sent before it was told to pause
	default:
		p[player] = theirs
	}
}

// playOn reports whether a player that has this status now must play on.
func (p pausedPlayers) playOn(player, status string) bool {
	at, ours := p[player]
	return ours && at != theirs && status == paused
}
