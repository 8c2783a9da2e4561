package cstasession

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/transport"
)

// A server or a proxy that asks to be left alone is, whatever the back-off says; a wake is a new start.
func TestRetryAfterIsHonoured(t *testing.T) {
	for name, busy := range map[string]error{
		"server": &csta.StatusError{Code: 503, RetryAfter: 90 * time.Second},
		"proxy":  &csta.ProxyError{Proxy: "proxy:3128", Code: 429, RetryAfter: 90 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := New(config("https://pbx.example.com/csta"))
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				var asked []time.Duration
				s.dial = func(context.Context, *transport.Options) (transport.Conn, error) {
					asked = append(asked, time.Since(began).Round(time.Second))
					return nil, busy
				}
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				_ = s.Run(ctx)
				if len(asked) != 7 {
					t.Errorf("asked %d times in 10 minutes, at %v; the server wants 90 s between", len(asked), asked)
				}
			})
		})
	}
}
