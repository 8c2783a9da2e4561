package webpage

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestAddress(t *testing.T) {
	call := Call{Number: "22334455", E164: "+4522334455", Name: `Ærø "Bageri" & Søn`, Company: "a/../../b?c=d#e", Direction: "incoming", Queue: "900",
		Outcome: "missed", Talked: 90 * time.Second, Linkage: "x y"}
	for template, want := range map[string]string{
		"https://crm.example.dk/search?q={e164}":                 "https://crm.example.dk/search?q=%2B4522334455",
		" HTTPS://crm.example.dk/{number} ":                      "https://crm.example.dk/22334455",
		"http://10.0.0.7:8080/?n={name}&f={company}":             "http://10.0.0.7:8080/?n=%C3%86r%C3%B8%20%22Bageri%22%20%26%20S%C3%B8n&f=a%2F..%2F..%2Fb%3Fc%3Dd%23e",
		"https://crm.example.dk/{company}/x":                     "https://crm.example.dk/a%2F..%2F..%2Fb%3Fc%3Dd%23e/x",
		"https://crm.example.dk/#/{direction}/{queue}/{outcome}": "https://crm.example.dk/#/incoming/900/missed",
		"https://crm.example.dk?s={seconds}&l={linkage}":         "https://crm.example.dk?s=90&l=x%20y",
		"https://crm.example.dk/fixed":                           "https://crm.example.dk/fixed",
	} {
		if got, err := Address(template, call); err != nil || got.String() != want {
			t.Errorf("%s is %v, %v, want %s", template, got, err, want)
		}
	}
	for template, want := range map[string]error{
		"": ErrScheme, "javascript:alert({number})": ErrScheme, "file:///etc/passwd": ErrScheme, "data:text/html,{name}": ErrScheme,
		"mailto:{name}": ErrScheme, "crm.example.dk/{number}": ErrScheme, "{name}://x/": ErrScheme, `\\server\{number}`: ErrScheme, "ms-settings:{name}": ErrScheme,
		"https://{name}/": ErrHost, "https://{name}.example.dk/": ErrHost, "https://crm.example.dk{name}": ErrHost, "https:///x": ErrHost, "https://": ErrHost,
		"https://user:word@crm.example.dk/": ErrHost, `https://crm.example.dk\@evil.example/`: ErrHost, "https://crm.example.dk:x/": ErrHost,
		"https://crm.example.dk/{nummer}": ErrWord, "https://crm.example.dk/{number": ErrWord, "https://crm.example.dk/}": ErrWord, "https://crm.example.dk/{{number}}": ErrWord,
	} {
		if got, err := Address(template, call); !errors.Is(err, want) || !errors.Is(Check(template), want) {
			t.Errorf("%s is %v, %v, want %v", template, got, err, want)
		}
	}
}

// Whatever a caller is called, the page is at the host of the settings, in the folder of the settings.
func FuzzAddress(f *testing.F) {
	for _, name := range []string{"Anna", "javascript:alert(1)", "../../x", "..", "@evil.example", "//evil.example", "\\\\x", "%2e%2e", "a\r\nb", "\x00", "?", "#", "\xff", "{number}", "&q=1"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		page, err := Address("https://crm.example.dk/folder/{name}/end?q={name}#{name}", Call{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		s := page.String()
		if page.Scheme != "https" || page.Host != "crm.example.dk" || page.User != nil || !strings.HasPrefix(s, "https://crm.example.dk/folder/") ||
			strings.Count(page.EscapedPath(), "/") != 3 || len(page.Query()) != 1 || strings.ContainsAny(s, " \r\n\"'`\\<>$;|") || strings.Contains(s, "/../") {
			t.Errorf("%q leads to %s", name, s)
		}
	})
}
