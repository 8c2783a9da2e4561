package systemproxy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"golang.org/x/sys/windows/registry"
)

const settingsKey = `Software\Microsoft\Windows\CurrentVersion\Internet Settings`

// The test writes the proxy settings of the user that it runs as, and puts them back.
func TestFindInRegistry(t *testing.T) {
	pac := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-ns-proxy-autoconfig")
		fmt.Fprint(w, `function FindProxyForURL(url, host) {
			if (host == "pbx.example.dk") return "PROXY pac.example.dk:8080; DIRECT";
			return "DIRECT";
		}`)
	}))
	defer pac.Close()

	for _, tt := range []struct {
		name                       string
		server, exceptions, script string
		address, proxy, from       string
	}{
		{name: "no proxy", address: "https://pbx.example.dk"},
		{name: "one for all", server: "proxy.example.dk:3128", address: "https://pbx.example.dk:5000/hub",
			proxy: "http://proxy.example.dk:3128", from: "Windows"},
		{name: "one each", server: "http=web.example.dk:80;https=tls.example.dk:443", address: "https://pbx.example.dk",
			proxy: "http://tls.example.dk:443", from: "Windows"},
		{name: "SOCKS", server: "socks=socks.example.dk:1080", address: "https://pbx.example.dk",
			proxy: "socks5://socks.example.dk:1080", from: "Windows"},
		{name: "an exception", server: "proxy.example.dk:3128", exceptions: "*.example.dk;<local>", address: "https://pbx.example.dk"},
		{name: "no exception", server: "proxy.example.dk:3128", exceptions: "*.other.dk;<local>", address: "https://pbx.example.dk",
			proxy: "http://proxy.example.dk:3128", from: "Windows"},
		{name: "a script", script: pac.URL + "/proxy.pac", address: "https://pbx.example.dk:5000", proxy: "http://pac.example.dk:8080", from: "PAC"},
		{name: "a script says direct", script: pac.URL + "/proxy.pac", address: "https://www.example.dk"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			use(t, tt.server, tt.exceptions, tt.script)
			address, err := url.Parse(tt.address)
			if err != nil {
				t.Fatal(err)
			}
			if proxy, from := Find(t.Context(), address); proxy != tt.proxy || from != tt.from {
				t.Errorf("got %q from %q, want %q from %q", proxy, from, tt.proxy, tt.from)
			}
		})
	}
}

// use writes the settings of the user as the page "Proxy" of Windows' settings does, until the test ends.
func use(t *testing.T, server, exceptions, script string) {
	t.Helper()
	const version, direct, static, automatic = 0x46, 1, 2, 4 // PROXY_TYPE_DIRECT, _PROXY, _AUTO_PROXY_URL
	flags := uint32(direct)
	if server != "" {
		flags |= static
	}
	if script != "" {
		flags |= automatic
	}
	// A version, a counter, what is switched on, and three texts with their lengths. (As Wine and Windows have it:
	// Microsoft documents only the functions that read it)
	var settings []byte
	for _, number := range []uint32{version, 1, flags} {
		settings = binary.LittleEndian.AppendUint32(settings, number)
	}
	for _, text := range []string{server, exceptions, script} {
		settings = append(binary.LittleEndian.AppendUint32(settings, uint32(len(text))), text...)
	}
	set(t, settingsKey+`\Connections`, "DefaultConnectionSettings", append(settings, make([]byte, 32)...))
	if script != "" { // ieproxy reads it here
		set(t, settingsKey, "AutoConfigURL", script)
	}
}

// set sets a value until the test ends.
func set(t *testing.T, path, name string, value any) {
	t.Helper()
	key, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.QUERY_VALUE|registry.SET_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	put := func(value any) error {
		switch v := value.(type) {
		case []byte:
			return key.SetBinaryValue(name, v)
		case string:
			return key.SetStringValue(name, v)
		}
		return key.DeleteValue(name)
	}
	var before any
	if b, _, err := key.GetBinaryValue(name); err == nil {
		before = b
	} else if s, _, err := key.GetStringValue(name); err == nil {
		before = s
	}
	t.Cleanup(func() {
		if err := errors.Join(put(before), key.Close()); err != nil {
			t.Error(err)
		}
	})
	if err := put(value); err != nil {
		t.Fatal(err)
	}
}
