//go:build linux && wine

package winetest

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"calltray/internal/desktoptest"
)

// TestSystemProxy: the proxy of Windows' settings, or of their PAC file, is found and used for a hub whose name only that
// proxy knows.
func TestSystemProxy(t *testing.T) {
	t.Parallel()
	o := open(t)
	folder, err := os.MkdirTemp("", "squid")
	o.must(err)
	t.Cleanup(func() { os.RemoveAll(folder) })
	squid, err := o.StartSquid(o.ctx, folder, "all")
	o.must(err)
	pac := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-ns-proxy-autoconfig")
		fmt.Fprintf(w, `function FindProxyForURL(url, host) { return host == %q ? "PROXY %s" : "DIRECT"; }`, desktoptest.Elsewhere, squid.Address)
	}))
	t.Cleanup(pac.Close)

	for _, tt := range []struct{ name, server, script, from string }{
		{"static", squid.Address, "", "Windows"},
		{"PAC", "", pac.URL + "/proxy.pac", "PAC"},
	} {
		pbx, err := o.StartPBX(o.ctx, o.caller) // each has a port of its own, by which squid's log tells them apart
		o.must(err)
		hub := strings.Replace(pbx.HTTP, "127.0.0.1", desktoptest.Elsewhere, 1)
		named := strings.Split(hub, "/")[2]
		o.useProxy(tt.server, tt.script)
		o.command("settings", "set", "plain_accepted_for", "http://"+named)
		c := o.Program(o.exe, "check")
		c.Env = append(c.Env, "CALLTRAY_URL="+hub, "CALLTRAY_USER="+pbx.User, "CALLTRAY_PASSWORD="+pbx.Password, "CALLTRAY_PBX_DOMAIN="+pbx.Domain, "CALLTRAY_DEVICE="+device)
		out, err := o.OutputOf(o.ctx, c)
		if err != nil || !strings.Contains(out, squid.Address) || !strings.Contains(out, tt.from) {
			t.Errorf("%s: check says (%v)\n%s", tt.name, err, out)
		}
		o.until("squid to write it down", func() bool { return squid.Served(named, "-") })
	}
	t.Logf("squid served\n%s", squid.Log())
}

// useProxy writes the proxy settings of the user, as the page "Proxy" of Windows' settings does (internal/systemproxy's
// test tells of the format).
func (o *office) useProxy(server, script string) {
	o.t.Helper()
	const version, direct, static, automatic = 0x46, 1, 2, 4
	flags := uint32(direct)
	if server != "" {
		flags |= static
	}
	if script != "" {
		flags |= automatic
	}
	var settings []byte
	for _, number := range []uint32{version, 1, flags} {
		settings = binary.LittleEndian.AppendUint32(settings, number)
	}
	for _, text := range []string{server, "", script} {
		settings = append(binary.LittleEndian.AppendUint32(settings, uint32(len(text))), text...)
	}
	const key = `HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings`
	add := func(key string, value ...string) {
		o.t.Helper()
		if out, err := o.Output(o.ctx, "reg", append(append([]string{"add", key}, value...), "/f")...); err != nil {
			o.t.Fatalf("the registry: %v: %s", err, out)
		}
	}
	add(key+`\Connections`, "/v", "DefaultConnectionSettings", "/t", "REG_BINARY", "/d", hex.EncodeToString(append(settings, make([]byte, 32)...)))
	if script != "" {
		add(key, "/v", "AutoConfigURL", "/d", script)
	}
}
