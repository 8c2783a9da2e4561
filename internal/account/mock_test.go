//go:build !desktop

package account

import (
	"errors"
	"testing"

	"github.com/zalando/go-keyring"
)

// MockInit replaces the keyring for good: the tests on a real one cannot run in the same process.
func TestPasswordThroughGoKeyring(t *testing.T) {
	keyring.MockInit()
	ctx := t.Context()
	r := newRing(ring{get: keyring.Get, set: keyring.Set, del: keyring.Delete, present: func() error { return nil }, locked: locked})
	if _, err := r.password(ctx, good); !errors.Is(err, ErrNoPassword) || !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("nothing stored: %v", err)
	}
	if err := r.deletePassword(ctx, good); err != nil {
		t.Errorf("deleting nothing: %v", err)
	}
	if err := r.setPassword(ctx, good, "one"); err != nil {
		t.Error(err)
	}
	if err := r.setPassword(ctx, good, "two"); err != nil {
		t.Error(err)
	}
	if p, err := r.password(ctx, good); p != "two" || err != nil {
		t.Errorf("got %q, %v", p, err)
	}
	// Where it is stored is a promise: another version must find it.
	if p, err := keyring.Get("Calltray", "user@example.dk@csta.example.dk"); p != "two" || err != nil {
		t.Errorf("not where it belongs: %q, %v", p, err)
	}
	same, other := good, good
	same.URL, other.URL = "https://CSTA.example.dk/csta", "tls://evil.example.dk:7001"
	if p, err := r.password(ctx, same); p != "two" || err != nil {
		t.Errorf("the same host over the other gateway: %q, %v", p, err)
	}
	if p, err := r.password(ctx, other); p != "" || !errors.Is(err, ErrNoPassword) {
		t.Errorf("another host gets %q, %v", p, err)
	}
	if err := r.deletePassword(ctx, good); err != nil {
		t.Error(err)
	}
	if _, err := r.password(ctx, good); !errors.Is(err, ErrNoPassword) {
		t.Errorf("after deleting: %v", err)
	}
}
