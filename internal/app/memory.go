package app

import (
	"context"
	"net/url"
	"sync"

	"calltray/internal/account"
)

// memory keeps one password until the program ends: one from the environment, or one that the user does not
// want in a keyring. Its methods may be called from any goroutine.
type memory struct {
	mu     sync.Mutex
	owner  string // whose password it is
	secret string
}

// whose identifies an account, including its host: a password is never sent to another host than the one it was
// given for.
func whose(s account.Settings) string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return ""
	}
	return s.UserID + "@" + u.Host
}

func (m *memory) keep(s account.Settings, password string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.owner, m.secret = whose(s), password
}

func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.owner, m.secret = "", ""
}

// of returns the password kept for the account, "" if there is none.
func (m *memory) of(s account.Settings) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.owner == "" || m.owner != whose(s) {
		return ""
	}
	return m.secret
}

// password returns the password kept for the account, or else the keyring's. It waits for a keyring that is
// late or locked, and reports why.
func (m *memory) password(ctx context.Context, s account.Settings, report func(error)) (string, error) {
	if kept := m.of(s); kept != "" {
		return kept, nil
	}
	return account.WaitPassword(ctx, s, report)
}
