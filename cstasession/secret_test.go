package cstasession

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/hubtest"
	"calltray/cstasession/internal/wire"
)

// capture returns what f makes the process write to standard output and standard error.
func capture(t *testing.T, f func()) []byte {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	printed := make(chan []byte, 1)
	go func() {
		b, _ := io.ReadAll(r)
		printed <- b
	}()
	out, errs := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = w, w
	defer func() { os.Stdout, os.Stderr = out, errs }()
	f()
	w.Close()
	return <-printed
}

// Row 12: nothing is written past the Logger: the package's own would print every frame.
func TestNothingOnStandardError(t *testing.T) {
	printed := capture(t, func() {
		_, server := hubtest.New(t, func(p *hubtest.Peer) {
			if p.Shake() && p.Write(hubtest.Rings("c1"), `nonsense`) == nil {
				p.Serve(hubtest.Switching)
			}
		})
		c := start(t, config(server.URL))
		c.await("online", online)
		c.stop()
		<-c.result
		c.result <- nil
		server.Close()
	})
	if len(bytes.TrimSpace(printed)) > 0 {
		t.Errorf("printed:\n%s", printed)
	}
}

// canary is a password with every character that somebody escapes, and with blanks at its end.
const canary = `Kanarie"fugl'<&>\/+ 7q3z-æøå-🐦 `

// quotes are the ways in which a server may quote the canary back, within text.
func quotes() map[string]string {
	var inXML bytes.Buffer
	_ = xml.EscapeText(&inXML, []byte(canary))
	inJSON, _ := json.Marshal(canary)
	var dotnet, entities strings.Builder
	for _, r := range canary {
		if r < 0x10000 {
			fmt.Fprintf(&dotnet, `\u%04X`, r)
		} else {
			fmt.Fprintf(&dotnet, `\uD83D\uDC26`)
		}
		fmt.Fprintf(&entities, "&#x%X;", r)
	}
	return map[string]string{
		"plain": canary, "as XML": inXML.String(), "as JSON": string(inJSON[1 : len(inJSON)-1]),
		"as HTML": html.EscapeString(canary), "all escaped for JSON": dotnet.String(), "all escaped for XML": entities.String(),
		"trimmed": strings.TrimSpace(canary), "far in": strings.Repeat("x", 505) + canary,
	}
}

// betrays reports what of the canary shows in a text, however it is written.
func betrays(text string) bool {
	for range 3 {
		for _, part := range []string{"Kanarie", "7q3z", "æøå"} {
			if strings.Contains(text, part) {
				return true
			}
		}
		text = html.UnescapeString(unescapeJSON(text))
	}
	return false
}

func unescapeJSON(text string) string {
	for _, r := range "Kanarie7f3æøå" {
		text = strings.ReplaceAll(text, fmt.Sprintf(`\u%04X`, r), string(r))
		text = strings.ReplaceAll(text, fmt.Sprintf(`\u%04x`, r), string(r))
	}
	return text
}

// TestScrubber: the secret is found however it is written, and what looks for it in the tests finds it too.
func TestScrubber(t *testing.T) {
	s := wire.NewScrubber(csta.NewPassword(canary))
	for name, quoted := range quotes() {
		if !betrays(quoted) {
			t.Errorf("%s is not seen in %q", name, quoted)
		}
		inJSON, _ := json.Marshal("no: " + quoted)
		for _, text := range []string{"no: " + quoted, string(inJSON), strings.ToUpper(quoted)} {
			if got := s.Scrub(text); betrays(got) || !strings.Contains(got, csta.Redacted) {
				t.Errorf("%s: got %q", name, got)
			}
		}
	}
	if got := (wire.Scrubber{}).Clean("no: " + canary); !betrays(got) {
		t.Errorf("without a secret: got %q", got)
	}
	if betrays("csta: login refused: [redacted]") {
		t.Error("nothing is seen as something")
	}
}

// TestSecretCanary: a server that refuses a login may say the password back in any way that it likes; it
// is in no error, in no State, in no log at any level, and not on standard output or standard error.
func TestSecretCanary(t *testing.T) {
	completion := func(member, value string) func(string) string {
		return func(id string) string { return `{"type":3,"invocationId":"` + id + `","` + member + `":` + value + `}` }
	}
	inJSON := func(text string) string {
		b, _ := json.Marshal(text)
		return string(b)
	}
	all := quotes()
	for _, name := range []string{"plain", "as XML", "all escaped for JSON", "far in"} {
		quoted := all[name]
		raw := inJSON("no: " + quoted)
		if strings.HasSuffix(name, "JSON") {
			raw = `"no: ` + quoted + `"`
		}
		for how, answer := range map[string]func(id string) string{
			"error":            completion("error", raw),
			"HubException":     completion("error", inJSON("An unexpected error occurred. HubException: "+quoted)),
			"CSTAErrorCode":    completion("result", `{"operation":`+raw+`}`),
			"NegResponse":      completion("result", `{"errorCode":{"definedError":`+raw+`}}`),
			"close message":    func(string) string { return `{"type":7,"error":` + raw + `}` },
			"unreadable":       func(string) string { return `{"type":3,"error":"` + quoted + "\n" + `}` },
			"unknown id":       func(string) string { return `{"type":3,"invocationId":` + raw + `}` },
			"unknown event":    func(string) string { return `{"type":1,"target":"Odd","arguments":[{"a":` + raw + `}]}` },
			"event of nothing": func(string) string { return `{"type":1,"target":` + raw + `,"arguments":[]}` },
		} {
			t.Run("signalr/"+how+"/"+name, func(t *testing.T) {
				_, server := hubtest.New(t, func(p *hubtest.Peer) {
					if !p.Shake() {
						return
					}
					s, ok := p.Invocation()
					if ok && p.Write(answer(s.ID())) == nil {
						if len(quoted) > 120 { // than a reason may be
							quoted = "bye"
						}
						p.Bye(quoted) // for the answers that end nothing
					}
				})
				refused(t, server.URL)
			})
		}
		for how, answer := range map[string]string{
			"CSTAErrorCode": "<CSTAErrorCode><operation>%s</operation></CSTAErrorCode>\x00",
			"NegResponse":   "<StartApplicationSessionNegResponse><errorCode><applError>%s</applError></errorCode></StartApplicationSessionNegResponse>\x00",
			"unreadable":    "<CSTAErrorCode><operation>%s</CSTAErrorCode>\x00",
			"unknown event": "<OddEvent><a>%s</a></OddEvent>\x00",
			"terminated":    "<ApplicationSessionTerminated><sessionTermReason><a>%s</a></sessionTermReason></ApplicationSessionTerminated>\x00",
		} {
			t.Run("tcp/"+how+"/"+name, func(t *testing.T) {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				go func() {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					defer conn.Close()
					if _, err := bufio.NewReader(conn).ReadString(0); err == nil {
						fmt.Fprintf(conn, answer, quoted)
					}
				}()
				refused(t, "tcp://"+l.Addr().String())
			})
		}
	}
}

// refused logs in with the canary, and looks for it in all that is said of the refusal.
func refused(t *testing.T, url string) {
	t.Helper()
	var log syncBuffer
	cfg := config(url)
	cfg.Password = csta.NewPassword(canary)
	cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.Level(-100)}))
	cfg.Backoff = func(int) time.Duration { return time.Hour }
	var said strings.Builder
	printed := capture(t, func() {
		c := start(t, cfg)
		st := c.await("offline", func(st csta.State) bool { return st.Status == csta.Offline && st.Err != nil })
		c.stop()
		err := <-c.result
		c.result <- err
		for _, err := range []error{err, st.Err} {
			for ; err != nil; err = errors.Unwrap(err) {
				fmt.Fprintf(&said, "error %v\n", err)
			}
			var words *csta.ServiceError
			if errors.As(err, &words) {
				fmt.Fprintf(&said, "words %+v\n", *words)
			}
		}
		fmt.Fprintf(&said, "session %+v\n%#v\n", c.Session.cfg, c.Session.secret)
	})
	for where, text := range map[string]string{"an error": said.String(), "the log": log.String(), "standard output": string(printed)} {
		if betrays(text) {
			t.Errorf("the password is in %s:\n%s", where, text)
		}
	}
	if !strings.Contains(log.String(), "level=DEBUG") {
		t.Error("the log has no frames")
	}
}

// ticket stands in the query of an address, as some gateways want it, and is what the hub gives for a token.
const ticket = "Billet-7q3z-canary"

// TestQueryCanary: no query of any address is in any error, in a State or in the log, whatever the server does
// with it, from New to the last step of a Check.
func TestQueryCanary(t *testing.T) {
	said := func(id, text string) string { return `{"type":3,"invocationId":"` + id + `","error":"` + text + `"}` }
	quoted := "no /csta?access_token=" + ticket + "&id=1 for " + ticket
	hijack := func(w http.ResponseWriter) {
		if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
			conn.Close()
		}
	}
	for name, serve := range map[string]func(hub *hubtest.Hub, w http.ResponseWriter, r *http.Request){
		"cut off at the negotiation": func(_ *hubtest.Hub, w http.ResponseWriter, r *http.Request) { hijack(w) },
		"refused at the negotiation": func(_ *hubtest.Hub, w http.ResponseWriter, r *http.Request) {
			http.Error(w, quoted, http.StatusForbidden)
		},
		"moved to nowhere": func(_ *hubtest.Hub, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "http://[::1?access_token="+ticket)
			w.WriteHeader(302)
		},
		"another host": func(_ *hubtest.Hub, w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"url":"https://other.invalid/csta?access_token=%s","accessToken":%q}`, ticket, ticket)
		},
		"cut off at the upgrade": func(hub *hubtest.Hub, w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				fmt.Fprintf(w, `{"connectionToken":%q}`, ticket)
				return
			}
			hijack(w)
		},
		"quoted by the login": func(hub *hubtest.Hub, w http.ResponseWriter, r *http.Request) { hub.ServeHTTP(w, r) },
	} {
		t.Run(name, func(t *testing.T) {
			hub := &hubtest.Hub{T: t, Link: func(p *hubtest.Peer) {
				if p.Shake() {
					p.Serve(func(s hubtest.Sent) string { return said(s.ID(), quoted) })
				}
			}}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(hub, w, r) }))
			t.Cleanup(server.Close)
			var log syncBuffer
			cfg := config(server.URL + "/csta?access_token=" + ticket)
			cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.Level(-100)}))
			var all strings.Builder
			cfg.OnChange = func(st csta.State) { fmt.Fprintf(&all, "state %+v\n", st) }
			tell := func(err error) {
				for ; err != nil; err = errors.Unwrap(err) {
					fmt.Fprintf(&all, "error %v %+v\n", err, err)
				}
			}
			tell(Try(within(t), cfg))
			tell(Check(within(t), cfg, "", func(s Step) { fmt.Fprintf(&all, "step %s %s\n", s.Name, s.Detail); tell(s.Err) }))
			if all.Len() == 0 {
				t.Fatal("nothing was said")
			}
			for where, text := range map[string]string{"an error or a State": all.String(), "the log": log.String()} {
				if strings.Contains(text, "7q3z") {
					t.Errorf("the query is in %s:\n%s", where, text)
				}
			}
		})
	}
	for _, address := range []string{"ftp://pbx", "http://[::1", "tls://pbx", "https://bo@pbx", "https://pbx:port", "https://%zz", "https://pbx\x7f", "https://no.such.host.invalid"} {
		cfg := config(address + "/csta?access_token=" + ticket)
		if err := Try(within(t), cfg); err == nil || strings.Contains(err.Error(), "7q3z") {
			t.Errorf("%q: got %v", address, err)
		}
	}
}
