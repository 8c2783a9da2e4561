package account

import (
	"errors"
	"testing"

	"github.com/zalando/go-keyring"
)

func TestProxySignIn(t *testing.T) {
	kept := ""
	f := &fake{known: true, answer: func(int) (string, error) {
		if kept == "" {
			return "", keyring.ErrNotFound
		}
		return kept, nil
	}}
	r := f.ring()
	if _, _, err := r.proxySignIn(t.Context(), "proxy.example.dk:8080"); !errors.Is(err, ErrNoPassword) {
		t.Errorf("none is kept: %v", err)
	}
	kept = "bo:pass:word"
	if user, password, err := r.proxySignIn(t.Context(), "proxy.example.dk:8080"); user != "bo" || password != "pass:word" || err != nil {
		t.Errorf("got %q, %q, %v", user, password, err)
	}
	if err := r.setPassword(t.Context(), proxyName("proxy.example.dk:8080"), kept); err != nil || f.written["Calltray proxy proxy.example.dk:8080"] != kept {
		t.Errorf("written %v, %v", f.written, err)
	}
	kept = "nonsense"
	if _, _, err := r.proxySignIn(t.Context(), "proxy.example.dk:8080"); !errors.Is(err, ErrNoPassword) {
		t.Errorf("damaged: %v", err)
	}
	f.locked.Store(true)
	calls := f.calls.Load()
	if _, _, err := r.proxySignIn(t.Context(), "proxy.example.dk:8080"); !errors.Is(err, ErrKeyringLocked) || f.calls.Load() != calls {
		t.Errorf("a locked keyring was asked: %v", err)
	}
}

func TestProxyName(t *testing.T) {
	for proxy, want := range map[string]string{"": "", "system": "", "none": "", "http://Proxy.example.dk:8080": "proxy.example.dk:8080", "https://proxy.example.dk.": "proxy.example.dk:443",
		"socks5://10.0.0.1": "10.0.0.1:1080", "http://[fe80::1]:3128": "[fe80::1]:3128"} {
		if got := (Settings{Proxy: proxy}).ProxyName(); got != want {
			t.Errorf("%q is kept as %q, want %q", proxy, got, want)
		}
	}
}
