package app

import (
	"log/slog"
	"sync"

	"calltray/internal/account"
)

// remembered is what the program finds out by itself and keeps for its next start. Its methods may be called
// from any goroutine.
type remembered struct {
	log      *slog.Logger
	inMemory bool // in the demonstration: nothing is written

	mu    sync.Mutex
	now   account.Remembered
	saves sync.Mutex // held while it is written
}

func (r *remembered) get() account.Remembered {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// change changes what is remembered, and writes it if it differs from the file.
func (r *remembered) change(f func(*account.Remembered)) {
	r.saves.Lock()
	defer r.saves.Unlock()
	r.mu.Lock()
	before := r.now
	f(&r.now)
	now := r.now
	r.mu.Unlock()
	if now.Equal(before) || r.inMemory {
		return
	}
	if err := now.Save(); err != nil {
		r.log.Warn("what is remembered cannot be kept", "err", err)
	}
}
