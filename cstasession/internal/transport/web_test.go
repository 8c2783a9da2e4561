package transport

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/hubtest"
)

// The cookie by which a load balancer finds its node again goes with every request of one link, and with none
// of the next.
func TestCookiesOfALink(t *testing.T) {
	hub := &hubtest.Hub{T: t, Link: hubAnswers}
	var links atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		node, err := r.Cookie("affinity")
		if r.Method == http.MethodPost {
			if err == nil {
				t.Errorf("a new link comes with the cookie of another: %v", node)
			}
			http.SetCookie(w, &http.Cookie{Name: "affinity", Value: fmt.Sprint(links.Add(1)), Path: "/", HttpOnly: true})
		} else if err != nil || node.Value != fmt.Sprint(links.Load()) {
			http.Error(w, "No Connection with that ID", http.StatusNotFound) // the other node's answer
			return
		}
		hub.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	for range 3 {
		l, err := Dial(within(t), optionsFor(server.URL+"/csta"))
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
	}
}

// The password goes to the host that the user entered, and to another only after the user has agreed,
// however a server asks for it.
func TestOtherHost(t *testing.T) {
	for how, handle := range map[string]func(other string) http.HandlerFunc{
		"url of the negotiation": func(other string) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintf(w, `{"url":%q,"accessToken":"t"}`, other+"/csta?hub=x")
			}
		},
		"negotiation moved": func(other string) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, other+"/csta/negotiate?negotiateVersion=1", http.StatusTemporaryRedirect)
			}
		},
		"upgrade redirected": func(other string) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					fmt.Fprint(w, `{"connectionToken":"1"}`)
					return
				}
				http.Redirect(w, r, other+"/csta", http.StatusFound)
			}
		},
	} {
		t.Run(how, func(t *testing.T) {
			var asked atomic.Int64
			hub := &hubtest.Hub{T: t, Link: hubAnswers}
			second := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				hub.ServeHTTP(w, r)
			}))
			t.Cleanup(second.Close)
			entered := httptest.NewServer(handle(strings.Replace(second.URL, "127.0.0.1", "localhost", 1)))
			t.Cleanup(entered.Close)

			opts := optionsFor(entered.URL)
			var other *csta.OtherHostError
			if _, err := Dial(within(t), opts); !errors.As(err, &other) || other.Entered != "127.0.0.1" || other.Host != "localhost" {
				t.Errorf("got %v, want an OtherHostError for localhost", err)
			}
			if asked.Load() > 0 {
				t.Error("the other host was asked before the user agreed")
			}
			opts.TrustedHosts = []string{"pbx.example.com", "LocalHost."}
			l, err := Dial(within(t), opts)
			if err != nil {
				t.Fatalf("after the user agreed: %v", err)
			}
			l.Close()
		})
	}
}

// A web server that moves the hub on the same host is followed with a POST, whatever it answers with.
func TestNegotiationMoved(t *testing.T) {
	for _, code := range []int{301, 302, 307, 308} {
		hub, server := hubtest.New(t, hubAnswers)
		hub.Negotiate = func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method != http.MethodPost:
				w.WriteHeader(http.StatusMethodNotAllowed)
			case r.URL.Path == "/csta/negotiate":
				http.Redirect(w, r, "/hubs/csta/negotiate?"+r.URL.RawQuery, code)
			default:
				fmt.Fprint(w, `{"connectionToken":"1"}`)
			}
		}
		l, err := Dial(within(t), optionsFor(server.URL+"/csta"))
		if err != nil {
			t.Errorf("%d: %v", code, err)
			continue
		}
		l.Close()
	}
}

// Each response of a web server that leads nowhere has an error of its own, at the negotiation and at the
// upgrade, with how long the server asks clients to wait.
func TestStatuses(t *testing.T) {
	for _, code := range []int{303, 401, 403, 404, 407, 429, 500, 502, 503, 504, 511} {
		for _, at := range []string{http.MethodPost, http.MethodGet} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == at {
					w.Header().Set("Retry-After", "7")
					w.WriteHeader(code)
					return
				}
				fmt.Fprint(w, `{"connectionToken":"1"}`)
			}))
			_, err := Dial(within(t), optionsFor(server.URL))
			server.Close()
			var status *csta.StatusError
			if !errors.As(err, &status) || status.Code != code || csta.RetryAfter(err) != 7*time.Second {
				t.Errorf("%d to a %s: got %v (retry after %v)", code, at, err, csta.RetryAfter(err))
			}
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Now().UTC()
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "20": 20 * time.Second, "-5": 0, "soon": 0, "1.5": 0,
		"86400": maxRetryAfter, "99999999999999999999": maxRetryAfter, strings.Repeat("9", 1000): maxRetryAfter,
		now.Add(time.Minute).Format(http.TimeFormat): time.Minute, now.Add(-time.Hour).Format(http.TimeFormat): 0,
		now.Add(1000 * time.Hour).Format(http.TimeFormat): maxRetryAfter,
	} {
		h := http.Header{"Retry-After": {value}, "Date": {now.Format(http.TimeFormat)}}
		if got := retryAfter(h); got != want {
			t.Errorf("%q: got %v, want %v", value, got, want)
		}
	}
	if got := retryAfter(http.Header{"Retry-After": {now.Add(time.Minute).Format(http.TimeFormat)}}); got < 30*time.Second || got > time.Minute {
		t.Errorf("without the server's date: got %v", got)
	}
}

// secretQuery stands in the query of an address, and servers say it back.
const secretQuery = "canary7f3a+q/=="

// No error of a dial or of a link holds the query of an address: a ticket of the user's, the connection's
// token, an access token.
func TestNoQueryInErrors(t *testing.T) {
	quoted := url.QueryEscape(secretQuery)
	give := func(w http.ResponseWriter) { fmt.Fprintf(w, `{"connectionToken":%q}`, secretQuery) }
	hijack := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				fmt.Fprint(conn, text)
				conn.Close()
			}
		}
	}
	upgrade := func(handle http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				give(w)
				return
			}
			handle(w, r)
		}
	}
	location := func(to string, code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", to)
			w.WriteHeader(code)
		}
	}
	peer := func(link func(*hubtest.Peer)) http.HandlerFunc {
		return upgrade(func(w http.ResponseWriter, r *http.Request) {
			(&hubtest.Hub{T: t, Link: link}).ServeHTTP(w, r)
		})
	}
	for name, handle := range map[string]http.HandlerFunc{
		"cut off at the negotiation": hijack(""),
		"no HTTP":                    hijack("550 /csta?access_token=" + secretQuery + " is not here\r\n\r\n"),
		"cut off at the upgrade":     upgrade(hijack("")),
		"no HTTP at the upgrade":     upgrade(hijack("550 " + secretQuery + "\r\n\r\n")),
		"status":                     location("", 403),
		"status at the upgrade":      upgrade(location("", 403)),
		"moved":                      location("https://127.0.0.1:1/csta/negotiate?access_token="+quoted, 307),
		"moved nowhere":              location("http://[::1/%zz?access_token="+quoted, 307),
		"moved by the upgrade":       upgrade(location("http://127.0.0.1:1/csta?access_token="+quoted, 302)),
		"nowhere by the upgrade":     upgrade(location("http://[::1/%zz?access_token="+quoted, 302)),
		"url": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"url":"http://127.0.0.1:1/?hub=%s","accessToken":%q}`, quoted, secretQuery)
		},
		"url that is none": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"url":"http://[::1/?hub=%s"}`, quoted)
		},
		"error": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"error":"no /csta?access_token=%s for you: %s"}`, quoted, secretQuery)
		},
		"handshake": peer(func(p *hubtest.Peer) { p.Read(); p.Write(`{"error":"not with ` + secretQuery + `"}`) }),
		"close":     peer(func(p *hubtest.Peer) { p.Shake(); p.Bye("not with " + secretQuery) }),
		"close record": peer(func(p *hubtest.Peer) {
			p.Shake()
			p.Write(`{"type":7,"error":"not with ` + secretQuery + ` at /csta?id=` + quoted + `"}`)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(handle)
			t.Cleanup(server.Close)
			l, err := Dial(within(t), optionsFor(server.URL+"/csta?access_token="+quoted))
			if err == nil {
				for in := range l.Inbox() {
					if err = in.Err; err != nil {
						break
					}
				}
				l.Close()
			}
			if err == nil {
				t.Fatal("no error")
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				if text := fmt.Sprintf("%v %+v", e, e); strings.Contains(text, "canary7f3a") {
					t.Errorf("the error holds the query: %s", text)
				}
			}
			var request *url.Error
			if errors.As(err, &request) {
				t.Errorf("the error holds the address: %#v", request)
			}
		})
	}
	for _, address := range []string{"http://127.0.0.1:1", "https://127.0.0.1:1", "http://no.such.host.invalid", "tcp://127.0.0.1:1", "tls://127.0.0.1:1", "http://[::1", "http://%zz"} {
		_, err := Dial(within(t), optionsFor(address+"/csta?access_token="+quoted))
		if err == nil || strings.Contains(err.Error(), "canary7f3a") {
			t.Errorf("%s: got %v", address, err)
		}
	}
}
