package contacts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Unknown numbers are looked up at a real server: with the secret, once each, a few times a minute, and
// whatever the server does, it learns nothing else.
func TestUnknown(t *testing.T) {
	var asked, strange atomic.Int32
	other := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { strange.Add(1) }))
	defer other.Close()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("Authorization") != "Bearer hemmelig" || r.Header.Get("X-Kind") != "a:b" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		switch number := r.URL.Query().Get("q"); number {
		case "+4500000001":
			http.Redirect(w, r, other.URL+"/"+number, http.StatusFound)
		case "+4500000002":
			fmt.Fprint(w, `{"data": "`, strings.Repeat("x", maxUnknown), `"}`)
		case "+4500000003":
			fmt.Fprint(w, `<html>`)
		case "+4500000004":
			<-r.Context().Done()
		case "+4500000005":
			w.WriteHeader(http.StatusNotFound)
		case "+4500000006":
			fmt.Fprint(w, `{"data": [{"name": {"x": 1}, "firm": 7}]}`)
		case "+4500000007":
			http.Redirect(w, r, "/?q=%2B4522334455", http.StatusFound)
		default:
			fmt.Fprint(w, `{"data": [{"name": "Anna\u202e\nHolm", "firm": "Ærø Bageri"}]}`)
		}
	}))
	defer server.Close()
	d := Directory{Address: server.URL + "/?q={e164}", Name: "data.0.name", Company: "data.0.firm", Headers: "Authorization: Bearer {secret}\nX-Kind: a:b"}
	secret := func(_ context.Context, host string) (string, error) {
		if host != strings.TrimPrefix(server.URL, "https://") {
			t.Errorf("the secret for %s is asked for", host)
		}
		return "hemmelig", nil
	}
	fresh := func() *Unknown {
		return &Unknown{Directory: func() Directory { return d }, Secret: secret, transport: server.Client().Transport}
	}
	u := fresh()
	want := Known{Name: "Anna Holm", Company: "Ærø Bageri"}
	for range 3 {
		if got, err := u.Ask(t.Context(), "+4522334455"); err != nil || got != want || u.Recall("+4522334455") != want {
			t.Errorf("%+v, %v", got, err)
		}
	}
	for _, number := range []string{"", "203", "22334455"} {
		if got, err := u.Ask(t.Context(), number); got != (Known{}) || err != nil {
			t.Errorf("%q: %+v, %v", number, got, err)
		}
	}
	if asked.Load() != 1 {
		t.Errorf("the server was asked %d times", asked.Load())
	}
	for number, bad := range map[string]bool{"+4500000001": true, "+4500000002": true, "+4500000003": true, "+4500000004": true, "+4500000005": false, "+4500000006": false} {
		began := time.Now()
		got, err := fresh().Ask(t.Context(), number)
		if got != (Known{}) || (err != nil) != bad || time.Since(began) > 20*UnknownLimit {
			t.Errorf("%s: %+v, %v", number, got, err)
		}
		if err != nil && (strings.Contains(err.Error(), number) || strings.Contains(err.Error(), "127.0.0.1") || strings.Contains(err.Error(), "hemmelig")) {
			t.Errorf("%v tells too much", err)
		}
	}
	if got, err := fresh().Ask(t.Context(), "+4500000007"); err != nil || got != want {
		t.Errorf("a redirect on the same host: %+v, %v", got, err)
	}
	if strange.Load() != 0 {
		t.Error("another host was asked")
	}
	u = fresh()
	for i := range askedAMinute + 1 {
		if _, err := u.Ask(t.Context(), fmt.Sprint("+451234567", i)); (i == askedAMinute) != errors.Is(err, errTooOften) {
			t.Errorf("number %d of a minute: %v", i, err)
		}
	}
	before := asked.Load()
	untrusting := fresh()
	untrusting.transport = nil
	if _, err := untrusting.Ask(t.Context(), "+4522334455"); err == nil || asked.Load() != before {
		t.Error("a certificate that nobody vouches for is taken")
	}
	proxied := fresh()
	proxied.transport, proxied.Proxy = nil, func(*http.Request) (*url.URL, error) { return nil, errors.New("asked") }
	if _, err := proxied.Ask(t.Context(), "+4522334455"); err == nil || !strings.Contains(err.Error(), "asked") {
		t.Errorf("the proxy is not asked: %v", err)
	}
	d.Address = "http://crm.example.dk/?q={e164}"
	if _, err := fresh().Ask(t.Context(), "+4522334455"); err == nil {
		t.Error("a number travels unencrypted")
	}
	if d.Address = ""; u.Recall("+4512345670") != (Known{}) {
		t.Error("answers of another address are recalled")
	}
}
