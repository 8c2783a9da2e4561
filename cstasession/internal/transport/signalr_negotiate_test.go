package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/hubtest"
)

// hubAnswers answers the handshake and every request.
func hubAnswers(p *hubtest.Peer) {
	if p.Shake() {
		p.Serve(hubtest.Switching)
	}
}

// A negotiation that leads to a hub, and what the hub is asked on the way.
func TestNegotiation(t *testing.T) {
	for _, test := range []struct {
		name      string
		negotiate func(server string, w http.ResponseWriter, r *http.Request)
		want      string // path, query and bearer token of the WebSocket
	}{
		{"version 1", func(_ string, w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, `{"negotiateVersion":1,"connectionId":"an id","connectionToken":"a token+/=","availableTransports":[]}`)
		}, "/csta?hub=x&id=a+token%2B%2F%3D "},
		{"version 0", func(_ string, w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, `{"connectionId":"an id"}`)
		}, "/csta?hub=x&id=an+id "},
		{"redirected with a token", func(server string, w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/csta/negotiate":
				fmt.Fprintf(w, `{"url":%q,"accessToken":"letmein"}`, server+"/client/?hub=y")
			case r.Header.Get("Authorization") == "Bearer letmein" && r.URL.Path == "/client/negotiate":
				fmt.Fprint(w, `{"connectionId":"1","connectionToken":"2"}`)
			default:
				w.WriteHeader(http.StatusUnauthorized)
			}
		}, "/client/?hub=y&id=2 Bearer letmein"},
		{"redirected twice, the second without a token", func(server string, w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/csta/negotiate":
				fmt.Fprint(w, `{"url":"/second","accessToken":"letmein"}`)
			case "/second/negotiate":
				fmt.Fprintf(w, `{"url":%q}`, server+"/third")
			default:
				fmt.Fprint(w, `{"connectionToken":"3"}`)
			}
		}, "/third?id=3 "},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := make(chan string, 1)
			hub, server := hubtest.New(t, func(p *hubtest.Peer) {
				got <- p.Request.URL.RequestURI() + " " + p.Request.Header.Get("Authorization")
				hubAnswers(p)
			})
			hub.Negotiate = func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost || r.URL.Query().Get("negotiateVersion") != "1" {
					t.Errorf("%s %s, want a POST with negotiateVersion=1", r.Method, r.URL)
				}
				test.negotiate(server.URL, w, r)
			}
			l, err := Dial(within(t), optionsFor(server.URL+"/csta?hub=x"))
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if got := <-got; got != test.want {
				t.Errorf("the WebSocket was asked for with %q, want %q", got, test.want)
			}
		})
	}
}

// A negotiation that leads nowhere says why.
func TestNegotiationRefused(t *testing.T) {
	answer := func(status int, body string) func(string, http.ResponseWriter, *http.Request) {
		return func(_ string, w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	for _, test := range []struct {
		name      string
		negotiate func(server string, w http.ResponseWriter, r *http.Request)
		want      string
	}{
		{"error", answer(200, `{"error":"This server\r\nis full."}`), "refuses to negotiate: This server  is full."},
		{"404", answer(404, `not here`), "404 Not Found"},
		{"a web page", answer(200, `<!DOCTYPE html><html><body>Welcome</body></html>`), "a web page"},
		{"nothing", answer(200, ``), "is not JSON"},
		{"endless", answer(200, `{"connectionId":"`+strings.Repeat("x", 1<<20)+`"}`), "is not JSON"},
		{"no connection", answer(200, `{}`), "gave no connection"},
		{"a redirection without end", func(server string, w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"url":%q}`, server+r.URL.Path)
		}, "redirects without end"},
		{"another scheme", answer(200, `{"url":"ftp://example.dk/csta"}`), "an address that cannot be used"},
		{"a file", answer(200, `{"url":"file:///etc/passwd"}`), "an address that cannot be used"},
		{"no address", answer(200, `{"url":"http://[::1"}`), "an address that cannot be used"},
		{"an HTTP redirection without end", func(_ string, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"/x/negotiate", http.StatusTemporaryRedirect)
		}, "redirects without end"},
	} {
		t.Run(test.name, func(t *testing.T) {
			hub, server := hubtest.New(t, hubAnswers)
			hub.Negotiate = func(w http.ResponseWriter, r *http.Request) { test.negotiate(server.URL, w, r) }
			_, err := Dial(within(t), optionsFor(server.URL+"/csta"))
			if !errors.Is(err, csta.ErrProtocol) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an ErrProtocol that says %q", err, test.want)
			}
			if hub.Links.Load() > 0 {
				t.Error("a WebSocket was opened all the same")
			}
		})
	}
}

// A WebSocket that is refused, and a redirection of it in circles.
func TestWebSocketRefused(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"404", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNotFound) }, "404 Not Found"},
		{"400", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusBadRequest) }, "does not take WebSockets (400 Bad Request)"},
		{"a web page", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "Welcome") }, "does not take WebSockets (200 OK)"},
		{"in circles", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, "without end"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					fmt.Fprint(w, `{"connectionToken":"1"}`)
					return
				}
				test.answer(w, r)
			}))
			t.Cleanup(server.Close)
			_, err := Dial(within(t), optionsFor(server.URL))
			if !errors.Is(err, csta.ErrProtocol) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an ErrProtocol that says %q", err, test.want)
			}
		})
	}
}

// No redirection leads from TLS to a hub without: the password would go there in the clear.
func TestNoRedirectionLeavesTLS(t *testing.T) {
	hub, plain := hubtest.New(t, hubAnswers)
	for name, handle := range map[string]http.HandlerFunc{
		"url of the negotiation": func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, `{"url":%q}`, plain.URL) },
		"HTTP, negotiating": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, plain.URL+"/negotiate", http.StatusTemporaryRedirect)
		},
		"HTTP, opening the WebSocket": func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				fmt.Fprint(w, `{"connectionToken":"1"}`)
				return
			}
			http.Redirect(w, r, plain.URL, http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			secured := httptest.NewTLSServer(handle)
			t.Cleanup(secured.Close)
			opts := optionsFor(secured.URL)
			opts.RootCAs = secured.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
			l, err := Dial(within(t), opts)
			if err == nil {
				l.Close()
			}
			if !errors.Is(err, csta.ErrProtocol) {
				t.Errorf("got %v, want an ErrProtocol", err)
			}
			if hub.Links.Load() > 0 {
				t.Error("it led to the hub without TLS")
			}
		})
	}
}

// The dial ends with its context, wherever the server hangs.
func TestDialEndsWithItsContext(t *testing.T) {
	for _, hangs := range []string{"negotiation", "WebSocket", "handshake"} {
		t.Run(hangs, func(t *testing.T) {
			reached, release := make(chan bool), make(chan bool)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if post := r.Method == http.MethodPost; post && hangs != "negotiation" {
					fmt.Fprint(w, `{"connectionToken":"1"}`)
					return
				}
				if hangs == "handshake" {
					(&hubtest.Hub{T: t, Link: func(p *hubtest.Peer) { reached <- true; p.Hear() }}).ServeHTTP(w, r)
					return
				}
				reached <- true
				<-release
			}))
			t.Cleanup(server.Close)
			t.Cleanup(func() { close(release) })
			ctx, cancel := context.WithCancel(within(t))
			go func() { <-reached; cancel() }()
			if _, err := Dial(ctx, optionsFor(server.URL)); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want %v", err, context.Canceled)
			}
		})
	}
}
