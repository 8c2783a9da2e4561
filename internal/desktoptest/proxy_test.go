//go:build linux && desktop

package desktoptest_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"calltray/internal/desktoptest"
)

// squid starts a proxy with a rule.
func (d *desk) squid(rule string) *desktoptest.Squid {
	d.Helper()
	folder, err := os.MkdirTemp("", "squid") // it cannot read what is in Home
	d.must(err)
	d.Cleanup(func() { os.RemoveAll(folder) })
	s, err := d.StartSquid(d.ctx, folder, rule)
	d.must(err)
	return s
}

// TestDesktopProxySignIn: a proxy that wants a user and a password is named; what the keyring has under its name lets
// Calltray through, and is in no file.
func TestDesktopProxySignIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "proxy")
	squid := d.squid("signed-in")
	settings := filepath.Join(d.Home, ".config/calltray")
	d.must(os.MkdirAll(settings, 0o700))
	d.must(os.WriteFile(filepath.Join(settings, "settings.toml"), fmt.Appendf(nil, "proxy = %q\n", "http://"+squid.Address), 0o600))

	d.start(d.account(d.pbx.HTTP)...)
	d.must(d.app.Says(d.ctx, squid.Address+" wants a user name and password"))
	d.shot("wanted")
	d.quitOffline()

	store := d.Command("secret-tool", "store", "--label", "Calltray", "service", "Calltray", "username", "proxy "+squid.Address)
	store.Stdin = strings.NewReader(desktoptest.SquidUser + ":" + desktoptest.SquidPassword)
	d.must(store.Run())
	d.start(d.account(d.pbx.HTTP)...)
	d.must(d.app.Says(d.ctx, "online"))
	d.quit()
	if host := strings.Split(d.pbx.HTTP, "/")[2]; !squid.Served(host, desktoptest.SquidUser) {
		t.Errorf("squid served\n%s", squid.Log())
	}
	d.must(filepath.WalkDir(d.Home, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || strings.Contains(path, "keyrings") {
			return nil
		}
		if b, err := os.ReadFile(path); err == nil && bytes.Contains(b, []byte(desktoptest.SquidPassword)) {
			t.Errorf("%s holds the proxy's password", path)
		}
		return nil
	}))
}

// TestDesktopSystemProxy: the proxy that the desktop's settings name is found, and used, for a hub whose name only that
// proxy knows; a host that they except is reached without one.
func TestDesktopSystemProxy(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "system-proxy")
	squid := d.squid("all")
	host, port, err := net.SplitHostPort(squid.Address)
	d.must(err)
	kept := "GSETTINGS_BACKEND=keyfile" // in a file of Home: what one program sets, another reads
	set := func(schema, key, value string) {
		t.Helper()
		c := d.Command("gsettings", "set", "org.gnome.system.proxy"+schema, key, value)
		c.Env = append(c.Env, kept)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("gsettings set %s %s: %v: %s", schema, key, err, out)
		}
	}
	set("", "mode", "manual")
	set(".https", "host", host)
	set(".https", "port", port)
	hub := strings.Replace(d.pbx.HTTP, "127.0.0.1", desktoptest.Elsewhere, 1)
	named := strings.Split(hub, "/")[2]
	settings := filepath.Join(d.Home, ".config/calltray")
	d.must(os.MkdirAll(settings, 0o700))
	d.must(os.WriteFile(filepath.Join(settings, "settings.toml"), fmt.Appendf(nil, "plain_accepted_for = %q\n", "http://"+named), 0o600))
	env := append(d.account(hub), kept)

	mark := d.pbx.Mark()
	p, err := d.Desktop.Run(d.command(env, "check"))
	d.must(err)
	d.must(p.Ended())
	if !strings.Contains(p.Log(), squid.Address) || !strings.Contains(p.Log(), "desktop") {
		t.Errorf("check does not tell the proxy, and who named it:\n%s", p.Log())
	}
	d.must(d.pbx.Saw(d.ctx, mark, "logout"))
	d.start(env...)
	d.must(d.app.Says(d.ctx, "online"))
	d.must(d.pbx.Do("call 22334455 " + device))
	d.until("the call in the popup", d.app.Rings)
	d.must(d.pbx.Do("clear 22334455"))
	d.over()
	d.quit()
	if !squid.Served(named, "-") {
		t.Errorf("squid served\n%s", squid.Log())
	}

	const excepted = "desk.house.test"
	set("", "ignore-hosts", "['*.house.test']")
	p, err = d.Desktop.Run(d.command(append(d.account("https://"+excepted+"/csta"), kept), "check"))
	d.must(err)
	if p.Ended() == nil || strings.Contains(p.Log(), squid.Address) {
		t.Errorf("check has gone through the proxy:\n%s", p.Log())
	}
	if strings.Contains(squid.Log(), excepted) {
		t.Errorf("squid was asked for a host that the settings except:\n%s", squid.Log())
	}
}

// quitOffline quits a Calltray that has no session.
func (d *desk) quitOffline() {
	d.Helper()
	d.must(d.app.Click(d.ctx, "Quit"))
	d.until("Calltray to end", func() bool {
		select {
		case <-d.app.Done():
			return true
		default:
			return false
		}
	})
	d.healthy()
}
