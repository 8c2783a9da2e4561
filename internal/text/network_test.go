package text

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"fyne.io/fyne/v2/test"

	"calltray/cstasession/csta"
)

// Each obstacle on the path to the PBX has a sentence, which says who can do something about it.
func TestExplainTheWay(t *testing.T) {
	test.NewTempApp(t)
	status := func(code int) error { return &csta.StatusError{Code: code} }
	proxy := func(code int, schemes ...string) error {
		return &csta.ProxyError{Proxy: "proxy.office:3128", Code: code, Schemes: schemes}
	}
	seen := map[string]error{}
	for _, c := range []struct {
		err  error
		want string
	}{
		{status(301), "another address"},
		{status(401), "sign-in of its own"},
		{status(403), "refuses this computer"},
		{status(404), "no CSTA gateway"},
		{status(429), "too many requests"},
		{status(500), "has a fault"},
		{status(502), "not the PBX behind it"},
		{status(503), "too busy"},
		{status(511), "open a browser and sign in"},
		{csta.ErrWebPage, "A web page answers"},
		{csta.ErrNoWebSocket, "WebSockets"},
		{proxy(407), "proxy.office:3128 wants a user name and password"},
		{proxy(407, "Negotiate", "NTLM"), "by Negotiate, NTLM"},
		{proxy(403), "does not allow connections"},
		{proxy(503), "cannot reach the PBX"},
		{proxy(405), "allows CONNECT"},
		{&csta.ProxyError{Proxy: "proxy.office:3128", Err: syscall.ECONNREFUSED}, "proxy.office:3128 does not answer"},
		{&csta.ProxyError{Proxy: "proxy.office:3128", Err: csta.ErrProxyScheme}, "of a kind"},
		{&csta.OtherHostError{Entered: "pbx.example.dk", Host: "hub.example.net"}, "another server, hub.example.net"},
		{csta.ErrTLSVersion, "version of TLS"},
		{csta.ErrTLSCipher, "no safe encryption"},
		{csta.ErrCertificateBroken, "malformed"},
		{x509.HostnameError{Host: "pbx", Certificate: &x509.Certificate{Subject: pkix.Name{CommonName: "pbx"}}}, "common name only"},
	} {
		for _, err := range []error{c.err, fmt.Errorf("offline: %w: %w", c.err, io.EOF)} {
			got := Explain(err)
			if !strings.Contains(got, c.want) {
				t.Errorf("Explain(%v) = %q, want %q in it", err, got, c.want)
			}
			checkSentence(t, got)
			if other := seen[got]; other != nil && other != c.err {
				t.Errorf("%v and %v have one sentence: %q", other, c.err, got)
			}
			seen[got] = c.err
		}
	}
	if got, want := Explain(status(504)), Explain(status(502)); got != want {
		t.Errorf("504: %q", got)
	}
	if got, want := Explain(proxy(407, "Negotiate", "basic")), Explain(proxy(407)); got != want {
		t.Errorf("a proxy that takes Basic too: %q", got)
	}
	for code := 300; code < 600; code++ {
		if got := Explain(status(code)); strings.Contains(got, "does not know") {
			t.Errorf("%d %s: %q", code, http.StatusText(code), got)
		}
		if got := Explain(proxy(code)); !strings.Contains(got, "proxy.office") {
			t.Errorf("proxy: %d: %q", code, got)
		}
	}
	hostile := strings.Repeat("x", 5000) + "\u202e\x1b[31m"
	checkSentence(t, Explain(&csta.OtherHostError{Entered: "a", Host: hostile}))
	checkSentence(t, Explain(&csta.ProxyError{Proxy: "p", Code: 407, Schemes: []string{hostile}}))
}
