package app

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// A proxy gets the user and the password that the keyring has for it, and for no other; without any it is used all the
// same.
func TestProxyOfContactsIsSignedInTo(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
		if user, password, ok := q.BasicAuth(); !ok || user != "anna" || password != "hemmelig:ø" || r.URL.Host != "dav.example.dk" {
			w.WriteHeader(http.StatusProxyAuthRequired)
		}
	}))
	defer proxy.Close()
	keyring := map[string]string{strings.TrimPrefix(proxy.URL, "http://"): "hemmelig:ø"}
	ask := func(_ context.Context, name string) (string, string, error) {
		if password := keyring[name]; password != "" {
			return "anna", password, nil
		}
		return "", "", errors.New("none")
	}
	get := func() int {
		transport := &http.Transport{Proxy: func(r *http.Request) (*url.URL, error) {
			at, err := proxyFor(proxy.URL, r)
			if err != nil {
				return nil, err
			}
			return signIn(r.Context(), at, ask), nil
		}}
		defer transport.CloseIdleConnections()
		answer, err := (&http.Client{Transport: transport}).Get("http://dav.example.dk/")
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	if got := get(); got != http.StatusOK {
		t.Errorf("signed in: %d", got)
	}
	keyring = map[string]string{"proxy.example.dk:8080": "hemmelig:ø"}
	if got := get(); got != http.StatusProxyAuthRequired {
		t.Errorf("not signed in: %d", got)
	}
}
