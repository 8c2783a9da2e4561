package transport

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"calltray/cstasession/csta"
)

// ticket is the result of a negotiation: where to make the link, and with which credentials.
type ticket struct {
	address *url.URL // of the hub, with the connection's token in its query
	bearer  string   // "" without one
	secrets []string // the parts of it that must not be shown
	offered []offer  // the transports over which the hub may be reached
}

// offer is a transport that a hub offers.
type offer struct {
	Transport       csta.Transport `json:"transport"`
	TransferFormats []string       `json:"transferFormats"`
}

// offers reports whether a hub takes text over a transport. A hub that lists none is tried with a WebSocket,
// which needs no negotiation.
func (t ticket) offers(transport csta.Transport) bool {
	if len(t.offered) == 0 {
		return transport == csta.WebSockets
	}
	return slices.ContainsFunc(t.offered, func(o offer) bool {
		return o.Transport == transport && (len(o.TransferFormats) == 0 || slices.Contains(o.TransferFormats, "Text"))
	})
}

// header returns the header of every request to the hub.
func (t ticket) header() http.Header {
	h := http.Header{}
	if t.bearer != "" {
		h.Set("Authorization", "Bearer "+t.bearer)
	}
	return h
}

// negotiate asks the hub for a connection token, following the redirects of the protocol and of HTTP.
// (aspnetcore src/SignalR/docs/specs/TransportProtocols.md)
func (w *web) negotiate(ctx context.Context) (t ticket, err error) {
	ctx, cancel := context.WithTimeout(ctx, DialLimit)
	defer cancel()
	u := w.entered
	for range maxRedirects {
		ask := u.JoinPath("negotiate")
		query := ask.Query()
		query.Set("negotiateVersion", "1")
		ask.RawQuery = query.Encode()
		var answer struct {
			ConnectionID    string  `json:"connectionId"`
			ConnectionToken string  `json:"connectionToken"`
			Offered         []offer `json:"availableTransports"`
			URL             string  `json:"url"`
			AccessToken     string  `json:"accessToken"`
			Error           string  `json:"error"`
		}
		moved, err := w.post(ctx, ask, t.bearer, &answer)
		t.secrets = append(t.secrets, answer.ConnectionToken, answer.AccessToken)
		switch {
		case err != nil:
			return t, err
		case moved != nil:
			u = moved
		case answer.Error != "":
			return t, fmt.Errorf("%w: the server refuses to negotiate: %s", csta.ErrProtocol, w.opts.Secret.Clean(answer.Error))
		case answer.URL != "":
			next, err := u.Parse(answer.URL)
			if err != nil {
				return t, fmt.Errorf("%w: the server redirects to an address that cannot be used", csta.ErrProtocol)
			}
			if err := w.mayFollow(u, next); err != nil {
				return t, err
			}
			u, t.bearer = next, answer.AccessToken
		default:
			id := answer.ConnectionToken
			if id == "" {
				id = answer.ConnectionID // version 0
			}
			if id == "" {
				return t, fmt.Errorf("%w: the negotiation gave no connection", csta.ErrProtocol)
			}
			target := *u
			query := target.Query()
			query.Set("id", id)
			target.RawQuery = query.Encode()
			t.address, t.offered = &target, answer.Offered
			return t, nil
		}
	}
	return t, fmt.Errorf("%w: the server redirects without end", csta.ErrProtocol)
}

// post sends a negotiation request to a hub and reads its answer. moved is the hub's other address, if the web
// server redirects.
func (w *web) post(ctx context.Context, ask *url.URL, bearer string, answer any) (moved *url.URL, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, ask.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	response, err := w.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if isRedirect(response.StatusCode) {
		return w.follow(ask, response)
	}
	if response.StatusCode != http.StatusOK {
		return nil, statusError(response)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(strings.TrimSpace(string(body)), "<") {
		return nil, csta.ErrWebPage
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return nil, fmt.Errorf("%w: the web server's answer to the negotiation is not JSON", csta.ErrProtocol)
	}
	return nil, nil
}

// follow returns the hub's other address, if a web server redirects its negotiation to one.
func (w *web) follow(from *url.URL, response *http.Response) (*url.URL, error) {
	to, err := response.Location()
	if err != nil {
		return nil, fmt.Errorf("%w: the server redirects to an address that cannot be used", csta.ErrProtocol)
	}
	if err := w.mayFollow(from, to); err != nil {
		return nil, err
	}
	path, negotiates := strings.CutSuffix(to.Path, "/negotiate")
	if !negotiates { // to a page for people
		return nil, statusError(response)
	}
	to.Path, to.RawPath = path, ""
	query := to.Query()
	query.Del("negotiateVersion")
	to.RawQuery = query.Encode()
	return to, nil
}
