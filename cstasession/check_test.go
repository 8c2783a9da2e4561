package cstasession

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"calltray/cstasession/csta"
)

// TestCheckOfWebServers: what stands in front of a PBX and lets nobody through is no fault of the login: the check
// fails at the gateway, with what the web server said.
func TestCheckOfWebServers(t *testing.T) {
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://elsewhere.example/csta")
			w.WriteHeader(code)
		}
	}
	upgrade := func(transports string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/negotiate") {
				fmt.Fprintf(w, `{"negotiateVersion":1,"connectionId":"a","connectionToken":"b","availableTransports":[%s]}`, transports)
				return
			}
			w.WriteHeader(http.StatusOK) // of a proxy that takes the upgrade for a page
		}
	}
	for name, test := range map[string]struct {
		serve http.HandlerFunc
		is    error
		code  int
	}{
		"401": {serve: status(401), code: 401}, "403": {serve: status(403), code: 403}, "429": {serve: status(429), code: 429},
		"500": {serve: status(500), code: 500}, "502": {serve: status(502), code: 502}, "503": {serve: status(503), code: 503},
		"504": {serve: status(504), code: 504}, "511": {serve: status(511), code: 511},
		"a captive portal": {serve: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<html><body>Sign in to the hotel's network</body></html>")
		}, is: csta.ErrWebPage},
		"no WebSocket offered":     {serve: upgrade(`{"transport":"Pigeons","transferFormats":["Text"]}`), is: csta.ErrProtocol},
		"no WebSocket let through": {serve: upgrade(`{"transport":"WebSockets","transferFormats":["Text"]}`), is: csta.ErrProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(test.serve)
			defer server.Close()
			var names []string
			err := Check(within(t), config(server.URL+"/csta"), "", func(s Step) { names = append(names, s.Name) })
			want := []string{"proxy", "address", "connection", "negotiation"}
			if strings.HasPrefix(name, "no WebSocket") {
				want = append(want, "transport")
			}
			if !slices.Equal(names, want) {
				t.Errorf("steps %v, want %v", names, want)
			}
			var said *csta.StatusError
			if test.code != 0 && (!errors.As(err, &said) || said.Code != test.code) || test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("301", func(t *testing.T) { // to another host, which gets no login
		server := httptest.NewServer(status(301))
		defer server.Close()
		var last Step
		err := Check(within(t), config(server.URL+"/csta"), "", func(s Step) { last = s })
		if last.Name != "negotiation" || err == nil {
			t.Errorf("ends at %q with %v", last.Name, err)
		}
	})
}
