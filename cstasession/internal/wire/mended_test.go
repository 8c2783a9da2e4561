package wire_test

import (
	"bytes"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"calltray/cstasession/internal/fixture"
	"calltray/cstasession/internal/wire"
)

// TestUnreadable has documents that cannot be read: they must be errors, not panics and not messages.
func TestUnreadable(t *testing.T) {
	for _, file := range fixture.Names(t, "bad") {
		t.Run(path.Base(file), func(t *testing.T) {
			raw := fixture.Read(t, file)
			var got wire.Element
			var err error
			if path.Ext(file) == ".json" {
				got, err = wire.DecodeJSON("AnyEvent", raw)
			} else {
				got, err = wire.DecodeXML(raw)
			}
			if err == nil {
				t.Errorf("got %+v, want an error", got)
			} else if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

// TestMended has malformed documents that real servers send. They must read as the well-formed document of the
// same event.
func TestMended(t *testing.T) {
	good := string(fixture.Read(t, "xml/DeliveredEvent.incoming.xml"))
	want, _ := wire.ReadEvent(fixture.XML(t, []byte(good)))
	swap := func(old, new string) string {
		t.Helper()
		if !strings.Contains(good, old) {
			t.Fatalf("the fixture has no %q", old)
		}
		return strings.ReplaceAll(good, old, new)
	}
	const xmlns = ` xmlns="http://www.ecma.ch/standards/ecma-323/csta/ed6"`
	tags := regexp.MustCompile(`</?[A-Za-z]+`)
	for name, test := range map[string]struct {
		doc  string
		name string // callerName, where mending changes it
	}{
		"trap 1: utf-16 declared over UTF-8 bytes":  {doc: `<?xml version="1.0" encoding="utf-16"?>` + "\r\n" + good},
		"an encoding nobody knows":                  {doc: `<?xml version="1.0" encoding="x-klingon"?>` + good},
		"trap 22: byte order mark":                  {doc: "\ufeff" + good},
		"trap 22: blank lines before the prolog":    {doc: "\r\n \n<?xml version=\"1.0\"?>" + good},
		"trap 22: byte order mark and prolog":       {doc: "\ufeff<?xml version=\"1.0\" encoding=\"utf-16\"?>\n" + good},
		"trap 6: no namespace":                      {doc: swap(xmlns, "")},
		"trap 6: the standard's namespace":          {doc: swap("www.ecma.ch", "www.ecma-international.org")},
		"trap 6: another namespace":                 {doc: swap(xmlns, ` xmlns="urn:example:other" xmlns:x="urn:example:more" x:y="z"`)},
		"trap 6: bound to a prefix":                 {doc: tags.ReplaceAllStringFunc(swap(xmlns, ` xmlns:csta="urn:example:csta"`), func(s string) string { i := strings.LastIndexAny(s, "</") + 1; return s[:i] + "csta:" + s[i:] })},
		"trap 6: a prefix that nobody bound":        {doc: tags.ReplaceAllStringFunc(swap(xmlns, ""), func(s string) string { i := strings.LastIndexAny(s, "</") + 1; return s[:i] + "c:" + s[i:] })},
		"trap 15: lower case":                       {doc: tags.ReplaceAllStringFunc(good, strings.ToLower)},
		"trap 15: upper case":                       {doc: tags.ReplaceAllStringFunc(good, strings.ToUpper)},
		"trap 17: elements nobody knows":            {doc: swap("<connection>", "<extensions><x><callID>1</callID></x></extensions><connection>")},
		"trap 17: comments and instructions":        {doc: swap("<connection>", "<!-- <callID>0</callID> --><?php evil ?><connection>")},
		"trap 22: invalid UTF-8":                    {doc: swap("Ærø", "\xc6r\xf8"), name: "\ufffdr\ufffd" + strings.TrimPrefix(fixName, "Ærø")},
		"trap 21: control characters":               {doc: swap("Bageri", "Ba\x01ge\x1bri")},
		"trap 21: references to control characters": {doc: swap("Bageri", "Ba&#1;ge&#x1B;ri&#0;")},
		"trap 21: references to characters":         {doc: swap("Ærø", "&#198;r&#xF8;")},
		"CDATA":                                     {doc: swap("Ærø Bageri &amp; Søn", "<![CDATA[Ærø Bageri & Søn]]>")},
		"an entity of HTML":                         {doc: swap("Ærø", "&AElig;r&oslash;")},
		"an ampersand that nobody escaped":          {doc: swap("&amp;", "&")},
		"white space around values":                 {doc: swap("SIP/hpbx-0001c2e0", "\n   SIP/hpbx-0001c2e0\t")},
		"something after the root":                  {doc: good + "<!-- the end --><rest>"},
		"marks that turn text around":               {doc: swap("Bageri", "\u202eBageri\u202c\u2066\u2069")},
	} {
		t.Run(name, func(t *testing.T) {
			got, known := wire.ReadEvent(fixture.XML(t, []byte(test.doc)))
			want := want
			want.Name = got.Name // its case is the document's
			if test.name != "" {
				want.Remote.Name = test.name
			}
			if !known || !strings.EqualFold(got.Name, "Delivered") || got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// TestMendedJSON is the same for the hub: keys in any case, values of other types, lists and nulls.
func TestMendedJSON(t *testing.T) {
	good := string(fixture.Read(t, "json/DeliveredEvent.incoming.json"))
	want, _ := wire.ReadEvent(fixture.JSON(t, "DeliveredEvent", []byte(good)))
	swap := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the fixture has no %q", old)
		}
		return strings.ReplaceAll(good, old, new)
	}
	keys := regexp.MustCompile(`"[A-Za-z]+":`)
	for name, doc := range map[string]string{
		"upper case":         keys.ReplaceAllStringFunc(good, strings.ToUpper),
		"lower case":         keys.ReplaceAllStringFunc(good, strings.ToLower),
		"ID, as in XML":      swap(`Id"`, `ID"`),
		"a prefix":           swap(`"connection"`, `"csta:connection"`),
		"numbers":            swap(`"31415926"`, `31415926`),
		"text for a boolean": swap(`false`, `"False"`),
		"a list of one":      swap(`"alerting"`, `["alerting"]`),
		"more nulls":         swap(`"eventOrderIncrement": 0`, `"eventOrderIncrement": null, "x": null, "y": [], "z": {}`),
		"escapes":            swap(`Ærø`, `\u00c6r\u00f8`),
	} {
		t.Run(name, func(t *testing.T) {
			if got, _ := wire.ReadEvent(fixture.JSON(t, "DeliveredEvent", []byte(doc))); got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
	// A value of the wrong type counts as missing, and the rest still counts.
	for name, doc := range map[string]string{
		"an object for text":      swap(`"alerting"`, `{"deep":{"deeper":1}}`),
		"a number for an object":  swap(`"privateData": {`, `"privateData": 7, "was": {`),
		"a list for an object":    swap(`"callLinkageData": {`, `"callLinkageData": [1,2], "was": {`),
		"a huge number":           swap(`"eventOrderIncrement": 0`, `"eventOrderIncrement": 1e999999`),
		"half of a surrogate":     swap(`Bageri`, `\ud800`),
		"an empty key":            swap(`"cause"`, `""`),
		"the same key many times": swap(`"cause"`, `"x":1,"x":2,"x":3,"cause"`),
		"invalid UTF-8":           swap(`Bageri`, "\xff\xfe"),
	} {
		t.Run(name, func(t *testing.T) {
			if got, known := wire.ReadEvent(fixture.JSON(t, "DeliveredEvent", []byte(doc))); !known || got.Leg != fixLeg {
				t.Errorf("got %v %+v, want the leg %v", known, got, fixLeg)
			}
		})
	}
}

// TestTextInManyPieces: what it costs to read a document grows with its length, not with its square.
func TestTextInManyPieces(t *testing.T) {
	const pieces = 20_000
	doc := slices.Concat([]byte("<a>"), bytes.Repeat([]byte("x<!---->"), pieces), []byte("</a>"))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	root, err := wire.DecodeXML(doc)
	runtime.ReadMemStats(&after)
	if err != nil || len(root.Text) != pieces {
		t.Fatalf("got %d characters, %v", len(root.Text), err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 100*uint64(len(doc)) {
		t.Errorf("%d bytes took %d bytes of memory", len(doc), used)
	} // joining strings piece by piece took 1200 times its length
}
