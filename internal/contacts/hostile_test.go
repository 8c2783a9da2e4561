package contacts

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"context"
	"errors"
)

// troubleOf is how a book fares with an address.
func troubleOf(t *testing.T, address string) (Trouble, *Book, error) {
	t.Helper()
	b := newBook(t)
	b.Servers.Password = func(context.Context, string, string) (string, error) { return "hemmelig", nil }
	_, err := b.AddSource(t.Context(), address, nil)
	var failed *SourceError
	if err != nil && !errors.As(err, &failed) {
		t.Fatalf("%s: %v", address, err)
	}
	if failed != nil {
		return failed.Trouble, b, err
	}
	return "", b, nil
}

const (
	davBook = `<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><response><href>/book/</href><propstat><prop>` +
		`<resourcetype><collection/><C:addressbook/></resourcetype><current-user-principal><href>/book/</href></current-user-principal>` +
		`<C:addressbook-home-set><href>/book/</href></C:addressbook-home-set></prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>`
	davHead = `<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">`
	davCard = `<response><href>/book/1.vcf</href><propstat><prop><C:address-data>BEGIN:VCARD&#13;
VERSION:3.0&#13;
FN:Anna&#13;
TEL:20000007&#13;
%sEND:VCARD&#13;
</C:address-data></prop><status>HTTP/1.1 200 OK</status></propstat></response>`
)

// A server that answers nonsense, redirects or loops, or sends for ever ends in a sentence, in time; a card that is
// too long or cannot be read costs no other one.
func TestHostileCardDAV(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	multi := func(w http.ResponseWriter, parts ...string) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusMultiStatus)
		for _, p := range parts {
			if _, err := io.WriteString(w, p); err != nil {
				return
			}
		}
	}
	// cards are what a server that is well behaved up to there sends.
	cards := func(parts ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Method == "REPORT" {
				multi(w, parts...)
				return
			}
			multi(w, davBook)
		}
	}
	one := fmt.Sprintf(davCard, "")
	photo := func(size int) string { return "PHOTO;ENCODING=b:" + strings.Repeat("A", size) + "&#13;\n" }
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   Trouble
	}{
		"nonsense":   {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }, Nonsense},
		"a web page": {func(w http.ResponseWriter, _ *http.Request) { multi(w, "<html><body>Velkommen</body></html>") }, Nonsense},
		"another server": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/book/", http.StatusTemporaryRedirect)
		}, Elsewhere},
		"redirects": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"x", http.StatusMovedPermanently)
		}, Elsewhere},
		"an error":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, Nonsense},
		"no WebDAV": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(405) }, NotFound},
		"a loop": {func(w http.ResponseWriter, r *http.Request) {
			multi(w, davHead, "<response><href>", r.URL.Path, "</href><propstat><prop><current-user-principal><href>/</href></current-user-principal></prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>")
		}, Nonsense},
		"for ever": {func(w http.ResponseWriter, r *http.Request) {
			endless(w, r, "<multistatus xmlns=\"DAV:\">", "<x>"+strings.Repeat("a", 1000)+"</x>")
		}, TooLarge},
		"a card for ever": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method != "REPORT" {
				multi(w, davBook)
				return
			}
			endless(w, r, davHead+`<response><propstat><prop><C:address-data>`, "FN:"+strings.Repeat("Anna ", 200))
		}, TooLarge},
		"entities":         {cards(`<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>`, davHead, fmt.Sprintf(davCard, "NOTE:&b;"), "</multistatus>"), Nonsense},
		"cut off":          {cards(davHead, one), Nonsense},
		"a part":           {cards(davHead, one, `<response><href>/book/</href><status>HTTP/1.1 507 Insufficient Storage</status></response></multistatus>`), TooLarge},
		"20 MB in a card":  {cards(davHead, fmt.Sprintf(davCard, photo(20<<20)), "</multistatus>"), TooLarge},
		"10 MB in a card":  {cards(davHead, fmt.Sprintf(davCard, photo(10<<20)), "</multistatus>"), ""},
		"an unclear card":  {cards(davHead, `<response><propstat><prop><C:address-data>BEGIN:VCARD`+"\x01"+`</C:address-data></prop></propstat></response>`, one, "</multistatus>"), ""},
		"control letters":  {cards(davHead, strings.Replace(one, "FN:Anna", "NOTE:\x00\x1b[31m\r\nFN:Anna", 1), "</multistatus>"), ""},
		"a card in a card": {cards(davHead, fmt.Sprintf(davCard, "AGENT:BEGIN:VCARD&#13;\nFN:Bo&#13;\nEND:VCARD&#13;\n"), "</multistatus>"), ""},
	} {
		s := httptest.NewServer(c.answer)
		got, b, err := troubleOf(t, strings.Replace(s.URL, "http://", "http://anna@", 1)+"/book/")
		if got != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if k, err := b.Lookup(t.Context(), "20000007"); c.want == "" && (k.Name != "Anna" || err != nil) {
			t.Errorf("%s: %+v, %v", name, k, err)
		}
		s.CloseClientConnections()
		s.Close()
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("another server was asked %d times", n)
	}
}

// endless sends for as long as somebody listens.
func endless(w http.ResponseWriter, r *http.Request, head, again string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusMultiStatus)
	_, err := io.WriteString(w, head)
	for part := strings.Repeat(again, 10000/len(again)+1); err == nil && r.Context().Err() == nil; {
		_, err = io.WriteString(w, part)
	}
}

// What is not a directory, or sends no end, ends in a sentence.
func TestHostileDirectory(t *testing.T) {
	for name, c := range map[string]struct {
		answer []byte
		want   Trouble
	}{
		"hello":             {[]byte("220 mail.example.dk ESMTP\r\n"), Unreachable},
		"a packet too long": {[]byte{0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0x02}, Unreachable},
		"nothing":           {nil, Unreachable},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			conn, err := l.Accept()
			if err == nil {
				_, _ = conn.Read(make([]byte, 100))
				_, _ = conn.Write(c.answer)
				_ = conn.Close()
			}
		}()
		if got, _, err := troubleOf(t, "ldap://"+l.Addr().String()+"/dc=example"); got != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		_ = l.Close()
		<-done
	}
}

// Addresses that nobody is to connect to.
func TestServerAddress(t *testing.T) {
	for address, want := range map[string]string{
		"https://anna@cloud.example.dk/dav/":           "https://anna@cloud.example.dk/dav/",
		" HTTPS://Cloud.Example.DK ":                   "https://cloud.example.dk",
		"ldaps://anna%40example.dk@ad.example.dk/dc=x": "ldaps://anna%40example.dk@ad.example.dk/dc=x",
		"ldap://ad.example.dk/ou=Salg,dc=x":            "ldap://ad.example.dk/ou=Salg,dc=x",
		"http://anna@127.0.0.1:5232/":                  "http://anna@127.0.0.1:5232/",
		"http://[::1]:5232/":                           "http://[::1]:5232/",
		"http://anna@cloud.example.dk/":                string(Plain),
		"http://127.0.0.1.example.dk/":                 string(Plain),
		"https://anna:hemmelig@cloud.example.dk/":      string(HasPassword),
		"https:///x": string(BadAddress),
		"https://anna:hemm%elig@cloud.example.dk:port/%": string(BadAddress),
	} {
		s, err := ParseServer(address)
		var failed *SourceError
		got := ""
		if errors.As(err, &failed) {
			got = string(failed.Trouble)
			if strings.Contains(err.Error(), "hemm") {
				t.Errorf("%s: the error holds the password: %v", address, err)
			}
		} else {
			got = s.Address()
		}
		if got != want {
			t.Errorf("%s is %q, want %q", address, got, want)
		}
	}
	for _, file := range []string{"/home/anna/contacts.vcf", `C:\anna\contacts.csv`, "javascript:alert(1)", "file:///etc/passwd", "ftp://x/y"} {
		if IsServer(file) {
			t.Errorf("%s is a server", file)
		}
	}
}
