package transport

import (
	"context"
	"errors"
	"net/url"
	"testing"

	"calltray/cstasession/csta"
)

// By which proxy an address is reached: the settings decide, then the environment, then the system.
func TestWayFound(t *testing.T) {
	const system = "http://system.example.dk:8080"
	for _, test := range []struct {
		name, proxy, environment, address string
		want, from                        string
	}{
		{"nothing says anything but the system", "", "", "https://pbx.example.dk/csta", "system.example.dk:8080", "PAC"},
		{"over TCP alike", "system", "", "tls://pbx.example.dk:7001", "system.example.dk:8080", "PAC"},
		{"the environment comes first", "system", "http://env.example.dk:3128", "http://pbx.example.dk/csta", "env.example.dk:3128", "environment"},
		{"the settings before both", "socks5://set.example.dk", "http://env.example.dk:3128", "https://pbx.example.dk/csta", "set.example.dk:1080", "settings"},
		{"none", "none", "http://env.example.dk:3128", "https://pbx.example.dk/csta", "", ""},
		{"a PBX in the house", "", "http://env.example.dk:3128", "tcp://192.168.1.7:7000", "", ""},
		{"a PBX in the house, by name", "", "", "tls://pbx:7001", "", ""},
		{"a hub in the house is the web's", "", "http://env.example.dk:3128", "http://192.168.1.7/csta", "env.example.dk:3128", "environment"},
		{"a PBX in the house, by a proxy that was meant", "http://set.example.dk:8080", "", "tcp://192.168.1.7:7000", "set.example.dk:8080", "settings"},
		{"this computer", "", "", "http://127.0.0.1:7080/csta", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUEST_METHOD"} {
				t.Setenv(name, "")
			}
			t.Setenv("ALL_PROXY", test.environment)
			u, err := url.Parse(test.address + "?ticket=canary")
			if err != nil {
				t.Fatal(err)
			}
			way, err := FindWay(t.Context(), u, &Options{Proxy: test.proxy, AskSystem: func(_ context.Context, address *url.URL) (string, string) {
				if address.RawQuery != "" || address.Scheme != "http" && address.Scheme != "https" {
					t.Errorf("the system is asked for %s", address)
				}
				return system, "PAC"
			}})
			if err != nil || way.Proxy != test.want || way.Proxy != "" && way.From != test.from {
				t.Errorf("got %q from %q, %v; want %q from %q", way.Proxy, way.From, err, test.want, test.from)
			}
		})
	}
	for _, proxy := range []string{"ftp://proxy:21", "proxy", "http://", "http://%zz"} {
		u := &url.URL{Scheme: "https", Host: "pbx.example.dk"}
		if _, err := FindWay(t.Context(), u, &Options{Proxy: proxy}); !errors.Is(err, csta.ErrProxyScheme) {
			t.Errorf("%q: got %v", proxy, err)
		}
	}
}
