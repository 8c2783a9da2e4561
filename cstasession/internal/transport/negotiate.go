package transport

import (
	"calltray/cstasession/csta"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

const maxRedirects = 5

// checkRedirect follows a few redirections, and none that leaves TLS: the password would follow it.
func checkRedirect(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("%w: the server redirects without end", csta.ErrProtocol)
	}
	if via[0].URL.Scheme == "https" && r.URL.Scheme != "https" {
		return fmt.Errorf("%w: the server redirects to an address without TLS", csta.ErrProtocol)
	}
	return nil
}

// negotiate asks the hub for a connection token, following the redirections that the protocol knows.
// It returns the WebSocket's address, and a bearer token if the server gave one. (aspnetcore
// src/SignalR/docs/specs/TransportProtocols.md)
//
// words makes the server's words fit for an error.
func negotiate(ctx context.Context, client *http.Client, u *url.URL, words func(string) string) (*url.URL, string, error) {
	ctx, cancel := context.WithTimeout(ctx, DialLimit)
	defer cancel()
	token := ""
	for range maxRedirects {
		ask := u.JoinPath("negotiate")
		query := ask.Query()
		query.Set("negotiateVersion", "1")
		ask.RawQuery = query.Encode()
		var answer struct {
			ConnectionID    string `json:"connectionId"`
			ConnectionToken string `json:"connectionToken"`
			URL             string `json:"url"`
			AccessToken     string `json:"accessToken"`
			Error           string `json:"error"`
		}
		if err := postJSON(ctx, client, ask.String(), token, words, &answer); err != nil {
			return nil, "", err
		}
		switch {
		case answer.Error != "":
			return nil, "", fmt.Errorf("%w: the server refuses to negotiate: %s", csta.ErrProtocol, words(answer.Error))
		case answer.URL != "":
			next, err := u.Parse(answer.URL)
			if err != nil || next.Scheme != u.Scheme && next.Scheme != "https" || next.Host == "" {
				return nil, "", fmt.Errorf("%w: the server redirects to an address that cannot be used", csta.ErrProtocol)
			}
			u, token = next, answer.AccessToken
		default:
			id := answer.ConnectionToken
			if id == "" {
				id = answer.ConnectionID // version 0
			}
			if id == "" {
				return nil, "", fmt.Errorf("%w: the negotiation gave no connection", csta.ErrProtocol)
			}
			target := *u
			query := target.Query()
			query.Set("id", id)
			target.RawQuery = query.Encode()
			return &target, token, nil
		}
	}
	return nil, "", fmt.Errorf("%w: the server redirects without end", csta.ErrProtocol)
}

func postJSON(ctx context.Context, client *http.Client, address, token string, words func(string) string, answer any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, http.NoBody)
	if err != nil {
		return err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: the web server answers %q to the negotiation", csta.ErrProtocol, words(response.Status))
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return fmt.Errorf("%w: the web server's answer to the negotiation is not JSON", csta.ErrProtocol)
	}
	return nil
}
