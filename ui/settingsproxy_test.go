package ui

import (
	"context"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"calltray/cstasession/csta"
	"calltray/internal/account"
)

// A proxy's user and password go to the keyring, under the name of the proxy that asks; the settings never hold them.
func TestProxySignIn(t *testing.T) {
	for _, tt := range []struct {
		name, setting  string
		err            error // of the session
		user, password string
		kept, wrong    string
	}{
		{"of the settings", "http://Proxy.example.dk:8080", nil, "bo", "canary", "proxy.example.dk:8080 bo canary", ""},
		{"without a port", "https://proxy.example.dk", nil, "bo", "canary", "proxy.example.dk:443 bo canary", ""},
		{"that refused", "", &csta.ProxyError{Proxy: "10.1.2.3:3128", Code: 407}, "bo", "canary", "10.1.2.3:3128 bo canary", ""},
		{"none", "", nil, "bo", "canary", "", "No proxy is in use"},
		{"no user", "http://proxy.example.dk:8080", nil, "", "canary", "", "user name for the proxy is missing"},
		{"a colon", "http://proxy.example.dk:8080", nil, "b:o", "canary", "", "cannot hold a colon"},
		{"nothing typed", "http://proxy.example.dk:8080", nil, "", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			kept := make(chan string, 1)
			f := newFixture(t, func(c *Config) {
				c.SignInTo = func(_ context.Context, proxy, user, password string) error {
					kept <- proxy + " " + user + " " + password
					return nil
				}
			})
			f.show(csta.Offline, tt.err)
			p := f.openSettings()
			p.fill(account.FieldProxy, tt.setting)
			p.signIn.user.SetText(tt.user)
			p.signIn.password.SetText(tt.password)
			test.Tap(p.save)
			if tt.wrong != "" {
				if got := p.form.with(p.signIn).below.Text; !strings.Contains(got, tt.wrong) || len(f.saved) > 0 {
					t.Errorf("the row says %q", got)
				}
				return
			}
			saved := <-f.saved
			if got := ""; tt.kept != "" {
				if got = <-kept; got != tt.kept {
					t.Errorf("kept %q, want %q", got, tt.kept)
				}
			} else if len(kept) > 0 {
				t.Errorf("kept %q", <-kept)
			}
			for _, key := range account.Keys() {
				if strings.Contains(saved.settings.Get(key), "canary") {
					t.Errorf("%s holds the password", key)
				}
			}
			f.until("it is back at the calls", func() bool { return f.ui.window.page == pageCalls })
			if p.signIn.password.Text != "" {
				t.Error("the password is still in its field")
			}
		})
	}
}
