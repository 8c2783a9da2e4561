package wire

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

// A document is read in the encoding that it declares, unless its bytes are UTF-8: uni-tel's say utf-16 and
// are not.
func TestDeclaredEncoding(t *testing.T) {
	encoded := func(table *charmap.Charmap, text string) string {
		s, err := table.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	latin1, windows := charmap.ISO8859_1, charmap.Windows1252
	for _, c := range []struct{ name, declaration, text, want string }{
		{"Latin-1", `<?xml version="1.0" encoding="ISO-8859-1"?>`, encoded(latin1, "Søren Ågård"), "Søren Ågård"},
		{"lower case", `<?xml version='1.0' encoding='iso-8859-1' standalone='yes'?>`, encoded(latin1, "Søren"), "Søren"},
		{"blanks around", "\r\n <?xml  version = \"1.0\"\n\tencoding = \"latin1\"  ?>\r\n", encoded(latin1, "Søren"), "Søren"},
		{"Windows", `<?xml version="1.0" encoding="windows-1252"?>`, encoded(windows, "“Søren” 5 €"), "“Søren” 5 €"},
		{"Latin-9", `<?xml version="1.0" encoding="ISO-8859-15"?>`, encoded(charmap.ISO8859_15, "Søren 5 €"), "Søren 5 €"},
		{"Cyrillic", `<?xml version="1.0" encoding="windows-1251"?>`, encoded(charmap.Windows1251, "Иван"), "Иван"},
		{"called ASCII", `<?xml version="1.0" encoding="us-ascii"?>`, encoded(latin1, "Søren"), "Søren"},
		{"reference in Latin-1", `<?xml version="1.0" encoding="ISO-8859-1"?>`, encoded(latin1, "Bj&#248;rn &amp; Sønn"), "Bjørn & Sønn"},
		{"control character in Latin-1", `<?xml version="1.0" encoding="ISO-8859-1"?>`, encoded(latin1, "S\x01øren"), "Søren"},

		{"utf-16 that is UTF-8", `<?xml version="1.0" encoding="utf-16"?>`, "Søren 🐦", "Søren 🐦"},
		{"Latin-1 that is UTF-8", `<?xml version="1.0" encoding="ISO-8859-1"?>`, "Søren 🐦", "Søren 🐦"},
		{"unknown that is UTF-8", `<?xml version="1.0" encoding="klingon"?>`, "Søren", "Søren"},

		{"broken UTF-8", `<?xml version="1.0" encoding="utf-8"?>`, "Bjørn S\xf8", "Bjørn S\uFFFD"},
		{"broken, called utf-16", `<?xml version="1.0" encoding="utf-16"?>`, "Bjørn S\xf8", "Bjørn S\uFFFD"},
		{"broken, unknown", `<?xml version="1.0" encoding="klingon"?>`, "Bjørn S\xf8", "Bjørn S\uFFFD"},
		{"broken, not declared", ``, "Bjørn S\xf8", "Bjørn S\uFFFD"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root, err := DecodeXML([]byte(c.declaration + "<e><name>" + c.text + "</name></e>"))
			if got := root.Value("name"); err != nil || got != c.want {
				t.Errorf("got %q %v, want %q", got, err, c.want)
			}
		})
	}
}

// Any version of XML is read as what it looks like, and whatever stands before the root.
func TestDeclaration(t *testing.T) {
	for _, before := range []string{
		"", "\ufeff", `<?xml version="1.0"?>`, `<?xml version="1.1"?>`, `<?xml version="1.1" encoding="utf-16" standalone="no"?>`,
		"\ufeff<?xml version='1.1'?>\r\n", ` <?xml version="1.2"?>`, `<?xml version="2"?>`, `<?xml?>`, `<?xml ?>`,
		`<?xml version="1.1"?><?xml version="1.1"?>`, `<?xml version="1.1"?><?xml-stylesheet href="a"?><!-- c --><!DOCTYPE e>`,
	} {
		root, err := DecodeXML([]byte(before + "<e><name>Søren\u0085</name></e>"))
		if err != nil || !strings.HasPrefix(root.Value("name"), "Søren") {
			t.Errorf("%q: got %+v %v", before, root, err)
		}
	}
	for _, broken := range []string{`<?xml version="1.1"`, `<?xml version="1.1"?>`, "\ufeff", `<?xml version="1.1"?`} {
		if root, err := DecodeXML([]byte(broken)); err == nil {
			t.Errorf("%q: got %+v", broken, root)
		}
	}
}
