package contacts

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"calltray/internal/foreign"
	"calltray/internal/webpage"
)

// Unknown looks up numbers that are in no contacts at a web address of the user's choice. Its methods may be
// called from any goroutine. Results are kept in memory.
type Unknown struct {
	// Directory returns the current settings. It must not block.
	Directory func() Directory
	// Secret returns the secret in the keyring for a host (host:port, or host).
	Secret func(ctx context.Context, host string) (string, error)
	// Proxy, if set, returns the proxy for a web address, like http.Transport.Proxy.
	Proxy func(*http.Request) (*url.URL, error)

	// Limit is how long the server may take; 0 for UnknownLimit.
	Limit time.Duration

	transport http.RoundTripper // for tests, instead of the usual one

	mu    sync.Mutex
	of    Directory // whose answers are cached
	known map[string]answered
	asked []time.Time // the requests of the last minute
}

// Directory says where to look up numbers. Without an address, they are not looked up.
type Directory struct {
	Address       string // a template for package webpage with {e164}
	Name, Company string // their places in the JSON of the response: keys and indices separated by dots; "" for name and company
	Headers       string // "Name: value", one per line, in which {secret} stands for the secret in the keyring
}

// answered is an answer, or a failure to get one.
type answered struct {
	Known
	until time.Time
	done  chan struct{} // closed when the answer is there; nil once it is
}

// The limits of a look-up.
const (
	UnknownLimit   = 1500 * time.Millisecond
	askedAMinute   = 6
	maxUnknown     = 256 << 10 // bytes of a response
	mostUnknown    = 1000      // numbers that are remembered
	answeredFor    = 24 * time.Hour
	notAnsweredFor = 10 * time.Minute
	maxAnswerName  = 200 // characters
)

// Recall returns the result of an earlier Ask about a number, the zero Known if there is none.
func (u *Unknown) Recall(e164 string) Known {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.of != u.Directory() {
		return Known{}
	}
	return u.known[e164].Known
}

// errTooOften: there were too many requests in the last minute, so none is sent now.
var errTooOften = errors.New("contacts: too many numbers were looked up in the last minute")

// Ask looks up a number in its international form, with the plus, unless that was done recently; if the same
// number is being looked up, it waits for that result. It takes no longer than Limit. Errors contain neither
// the address nor the number.
func (u *Unknown) Ask(ctx context.Context, e164 string) (Known, error) {
	d := u.Directory()
	if d.Address == "" || !strings.HasPrefix(e164, "+") {
		return Known{}, nil
	}
	now := time.Now()
	u.mu.Lock()
	if u.of != d || len(u.known) >= mostUnknown {
		u.of, u.known = d, map[string]answered{}
	}
	if a, is := u.known[e164]; is && now.Before(a.until) {
		u.mu.Unlock()
		if a.done == nil {
			return a.Known, nil
		}
		select {
		case <-a.done:
			return u.Recall(e164), nil
		case <-ctx.Done():
			return Known{}, ctx.Err()
		}
	}
	for len(u.asked) > 0 && now.Sub(u.asked[0]) >= time.Minute {
		u.asked = u.asked[1:]
	}
	if len(u.asked) >= askedAMinute {
		u.mu.Unlock()
		return Known{}, errTooOften
	}
	u.asked = append(u.asked, now)
	done := make(chan struct{})
	defer close(done)
	u.known[e164] = answered{until: now.Add(notAnsweredFor), done: done} // prevents concurrent requests
	u.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, cmp.Or(u.Limit, UnknownLimit))
	defer cancel()
	k, err := u.ask(ctx, d, e164)
	a := answered{until: now.Add(notAnsweredFor)}
	if err == nil && (k.Name != "" || k.Company != "") {
		a = answered{Known: k, until: now.Add(answeredFor)}
	}
	u.mu.Lock()
	if u.of == d {
		u.known[e164] = a
	}
	u.mu.Unlock()
	return k, err
}

// ask sends the request.
func (u *Unknown) ask(ctx context.Context, d Directory, e164 string) (Known, error) {
	address, err := webpage.Address(d.Address, webpage.Call{E164: e164, Number: e164, Direction: "incoming"})
	if err != nil {
		return Known{}, err
	}
	if address.Scheme != "https" && !isLocal(address.Hostname()) {
		return Known{}, webpage.ErrScheme
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return Known{}, webpage.ErrHost
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "Calltray")
	if err := u.sign(ctx, request, d.Headers); err != nil {
		return Known{}, err
	}
	client := http.Client{Transport: u.transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > 3 || r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme {
			return http.ErrUseLastResponse // another server would receive the number, and the secret
		}
		return nil
	}}
	if client.Transport == nil {
		client.Transport = &http.Transport{Proxy: u.Proxy, DialContext: (&net.Dialer{}).DialContext, DisableKeepAlives: true, ForceAttemptHTTP2: true}
	}
	answer, err := client.Do(request)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // without the address
		}
		return Known{}, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNotFound {
		return Known{}, nil
	}
	if answer.StatusCode != http.StatusOK {
		return Known{}, errors.New("HTTP " + strconv.Itoa(answer.StatusCode))
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxUnknown+1))
	if err != nil {
		return Known{}, err
	}
	if len(data) > maxUnknown {
		return Known{}, errors.New("the answer is too large")
	}
	var body any
	if err := json.Unmarshal(data, &body); err != nil {
		return Known{}, errors.New("the answer is no JSON")
	}
	return Known{Name: at(body, d.Name, "name"), Company: at(body, d.Company, "company")}, nil
}

// sign adds the headers in the settings to a request.
func (u *Unknown) sign(ctx context.Context, request *http.Request, headers string) error {
	secret := ""
	if strings.Contains(headers, "{secret}") {
		if u.Secret == nil {
			return errors.New("there is no keyring")
		}
		var err error
		if secret, err = u.Secret(ctx, request.URL.Host); err != nil {
			return err
		}
	}
	for line := range strings.Lines(headers) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			request.Header.Set(strings.TrimSpace(name), strings.ReplaceAll(strings.TrimSpace(value), "{secret}", secret))
		}
	}
	return nil
}

// at returns the text at a place in JSON: data.0.name.
func at(body any, place, otherwise string) string {
	if place == "" {
		place = otherwise
	}
	for step := range strings.SplitSeq(place, ".") {
		switch v := body.(type) {
		case map[string]any:
			body = v[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) {
				return ""
			}
			body = v[i]
		default:
			return ""
		}
	}
	s, _ := body.(string)
	return foreign.Line(s, maxAnswerName)
}
