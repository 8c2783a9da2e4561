package systemproxy

import (
	"net/url"
	"testing"
)

func TestFirst(t *testing.T) {
	for list, want := range map[string]string{
		"": "", "DIRECT": "", "direct://": "", "DIRECT; PROXY a:1": "",
		"PROXY proxy.example.dk:8080; DIRECT": "http://proxy.example.dk:8080", "proxy:3128": "http://proxy:3128", "HTTPS p:443": "https://p:443",
		"SOCKS s:1080": "socks5://s:1080", "socks://s:1080": "socks5://s:1080", "http://p:8080;direct://": "http://p:8080", "STRANGE x:1": "",
	} {
		if got := first(list); got != want {
			t.Errorf("%q: got %q, want %q", list, got, want)
		}
	}
}

func TestExceptions(t *testing.T) {
	const list = "*.example.dk;192.168.*;<local>,pbx.other.dk"
	for host, want := range map[string]bool{
		"www.example.dk": true, "example.dk": false, "192.168.1.7": true, "10.0.0.1": false, "intranet": true, "PBX.other.dk": true, "other.dk": false,
	} {
		if got := excepted(host, list); got != want {
			t.Errorf("%s: got %v", host, got)
		}
	}
}

// What scutil prints, in the form that its manual shows.
func TestScutil(t *testing.T) {
	const text = `<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
    1 : 169.254.*
  }
  FTPPassive : 1
  HTTPEnable : 1
  HTTPPort : 3128
  HTTPProxy : proxy.example.dk
  HTTPSEnable : 0
}
`
	for host, want := range map[string]string{"pbx.example.dk": "http://proxy.example.dk:3128", "pbx.local": ""} {
		if got := readScutil(text, host); got != want {
			t.Errorf("%s: got %q, want %q", host, got, want)
		}
	}
	if got := readScutil("<dictionary> {\n}\n", "pbx.example.dk"); got != "" {
		t.Errorf("without a proxy: got %q", got)
	}
}

// Whatever there is on this computer, an answer comes, and shows no path.
func TestFindAnswers(t *testing.T) {
	proxy, from := Find(t.Context(), &url.URL{Scheme: "https", Host: "pbx.example.dk:443", Path: "/secret"})
	if (proxy == "") != (from == "") {
		t.Errorf("got %q from %q", proxy, from)
	}
}
