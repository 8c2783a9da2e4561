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
)

// The sign-in of squid below. The hash is openssl's: openssl passwd -apr1.
const (
	proxyPassword = "canary-of-the-proxy"
	proxyUsers    = "bo:$apr1$calltray$O58wEoF1/xrmv93O4Qt.p0\n"
)

// elsewhere is a host that only the proxy knows: it is this computer.
const elsewhere = "pbx.example.test"

// squid starts a proxy for those whom a rule lets in: "signed-in", who give a user and a password, or "all". It returns its
// address and where it writes whom it served.
func (d *desk) squid(rule string) (address, log string) {
	d.Helper()
	folder, err := os.MkdirTemp("", "squid") // squid gives up the rights of root, and cannot read what is in Home
	d.must(err)
	d.Cleanup(func() { os.RemoveAll(folder) })
	d.must(os.Chmod(folder, 0o777))
	helpers, _ := filepath.Glob("/usr/lib*/squid*/basic_ncsa_auth")
	if len(helpers) == 0 {
		d.Fatal("squid has no basic_ncsa_auth")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	d.must(err)
	address = l.Addr().String()
	l.Close()
	d.must(os.WriteFile(filepath.Join(folder, "users"), []byte(proxyUsers), 0o644))
	hosts := filepath.Join(folder, "hosts")
	d.must(os.WriteFile(hosts, []byte("127.0.0.1 "+elsewhere+"\n"), 0o644))
	log = filepath.Join(folder, "access.log")
	conf := filepath.Join(folder, "squid.conf")
	d.must(os.WriteFile(conf, fmt.Appendf(nil, `http_port %s
auth_param basic program %s %s/users
acl signed-in proxy_auth REQUIRED
http_access allow CONNECT %s
http_access deny all
hosts_file %s
access_log stdio:%s
pid_filename none
cache deny all
cache_log %s/cache.log
coredump_dir %[3]s
shutdown_lifetime 0 seconds
`, address, helpers[0], folder, rule, hosts, log, folder), 0o644))
	_, err = d.Desktop.Run(d.Command("squid", "-N", "-f", conf))
	d.must(err)
	d.until("squid", func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return address, log
}

// TestDesktopProxySignIn: a proxy that wants a user and a password is named; what the keyring has under its name lets
// Calltray through, and is in no file.
func TestDesktopProxySignIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "proxy")
	address, log := d.squid("signed-in")
	settings := filepath.Join(d.Home, ".config/calltray")
	d.must(os.MkdirAll(settings, 0o700))
	d.must(os.WriteFile(filepath.Join(settings, "settings.toml"), fmt.Appendf(nil, "proxy = %q\n", "http://"+address), 0o600))

	d.start(d.account(d.pbx.HTTP)...)
	d.must(d.app.Says(d.ctx, address+" wants a user name and password"))
	d.shot("wanted")
	d.quitOffline()

	store := d.Command("secret-tool", "store", "--label", "Calltray", "service", "Calltray", "username", "proxy "+address)
	store.Stdin = strings.NewReader("bo:" + proxyPassword)
	d.must(store.Run())
	d.start(d.account(d.pbx.HTTP)...)
	d.must(d.app.Says(d.ctx, "online"))
	served, err := os.ReadFile(log)
	d.must(err)
	host := strings.TrimPrefix(strings.SplitAfterN(d.pbx.HTTP, "/", 4)[2], "/")
	if !bytes.Contains(served, []byte("CONNECT "+strings.TrimSuffix(host, "/")+" bo ")) {
		t.Errorf("squid served\n%s", served)
	}
	d.quit()
	d.must(filepath.WalkDir(d.Home, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || strings.Contains(path, "keyrings") {
			return nil
		}
		if b, err := os.ReadFile(path); err == nil && bytes.Contains(b, []byte(proxyPassword)) {
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
	address, log := d.squid("all")
	host, port, err := net.SplitHostPort(address)
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
	hub := strings.Replace(d.pbx.HTTP, "127.0.0.1", elsewhere, 1)
	named := strings.TrimPrefix(strings.Join(strings.SplitN(hub, "/", 4)[:3], "/"), "http://")
	settings := filepath.Join(d.Home, ".config/calltray")
	d.must(os.MkdirAll(settings, 0o700))
	d.must(os.WriteFile(filepath.Join(settings, "settings.toml"), fmt.Appendf(nil, "plain_accepted_for = %q\n", "http://"+named), 0o600))
	env := append(d.account(hub), kept)

	mark := d.pbx.Mark()
	p, err := d.Desktop.Run(d.command(env, "check"))
	d.must(err)
	d.must(p.Ended())
	if !strings.Contains(p.Log(), address) || !strings.Contains(p.Log(), "desktop") {
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
	served, err := os.ReadFile(log)
	d.must(err)
	if !bytes.Contains(served, []byte("CONNECT "+named+" ")) {
		t.Errorf("squid served\n%s", served)
	}

	const excepted = "desk.house.test"
	set("", "ignore-hosts", "['*.house.test']")
	p, err = d.Desktop.Run(d.command(append(d.account("https://"+excepted+"/csta"), kept), "check"))
	d.must(err)
	if p.Ended() == nil || strings.Contains(p.Log(), address) {
		t.Errorf("check has gone through the proxy:\n%s", p.Log())
	}
	if served, err = os.ReadFile(log); err != nil || bytes.Contains(served, []byte(excepted)) {
		t.Errorf("squid was asked for a host that the settings except (%v):\n%s", err, served)
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
