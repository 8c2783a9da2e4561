package wire_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"calltray/cstasession/internal/calls"
	"calltray/cstasession/internal/fixture"
	"calltray/cstasession/internal/wire"
)

// seed adds every fixture of the folders.
func seed(f *testing.F, add func([]byte), folders ...string) {
	f.Helper()
	for _, folder := range folders {
		for _, name := range fixture.Names(f, folder) {
			add(fixture.Read(f, name))
		}
	}
}

// use does with a message what the session would, and checks what holds of whatever is read.
func use(t *testing.T, m wire.Message) {
	if strings.HasSuffix(strings.ToLower(m.Name), "event") && m.IsEvent() {
		ev, known := wire.ReadEvent(m)
		if known {
			table := calls.New("310", &calls.Belief{})
			if c, changed := table.Apply(ev, time.Unix(1, 0)); changed && c.ID.CallID == "" && c.Linkage == "" {
				t.Errorf("a call without a name: %+v", c)
			}
		}
		for _, text := range []string{ev.Remote.Name, string(ev.Cause), ev.Linkage, ev.Leg.CallID, string(ev.Leg.DeviceID), ev.Remote.Number} {
			fit(t, text)
		}
	}
	if e := m.Failure("MakeCall"); e != nil {
		fit(t, wire.Scrubber{}.Clean(e.Value)) // as link.judge makes it
	}
	calls.New("310", &calls.Belief{true, true, true, true}).Reconcile(wire.ReadSnapshot(m), time.Unix(1, 0), time.Unix(1, 0))
}

// fit reports text that no person and no log should get.
func fit(t *testing.T, s string) {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > 512 || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	}) {
		t.Errorf("unfit text %q", s)
	}
}

func depth(e wire.Element) int {
	most := 0
	for _, kid := range e.Children {
		most = max(most, depth(kid))
	}
	return most + 1
}

// FuzzXML: what decodes is bounded, and encodes to a document that decodes to the same.
func FuzzXML(f *testing.F) {
	seed(f, func(b []byte) { f.Add(b) }, "xml", "bad")
	f.Fuzz(func(t *testing.T, doc []byte) {
		root, err := wire.DecodeXML(doc)
		if err != nil {
			return
		}
		if d := depth(root); d > wire.MaxDepth {
			t.Errorf("%d levels", d)
		}
		use(t, wire.NewMessage(root))
		if !encodable(root) {
			return
		}
		again, err := wire.DecodeXML(wire.EncodeXML(root))
		if want, got := fixture.Plain(bare(root)), fixture.Plain(again); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v %v\nwant %+v\nencoded %q", got, err, want, wire.EncodeXML(root))
		}
	})
}

// encodable reports whether all names are such as we would write: a prefix that is dropped may leave
// something that is no name.
func encodable(e wire.Element) bool {
	if r, _ := utf8.DecodeRuneInString(e.Name); !unicode.IsLetter(r) && r != '_' {
		return false
	}
	return !slices.ContainsFunc(e.Children, func(kid wire.Element) bool { return !encodable(kid) })
}

// bare is an element without what stands beside its children, which no message of ours has.
func bare(e wire.Element) wire.Element {
	b := wire.Element{Name: e.Name, Text: e.Text}
	for _, kid := range e.Children {
		b.Children, b.Text = append(b.Children, bare(kid)), ""
	}
	return b
}

// FuzzJSON is the same for JSON. What has a name twice is a list, and not encoded by us.
func FuzzJSON(f *testing.F) {
	seed(f, func(b []byte) { f.Add(b) }, "json", "bad")
	f.Fuzz(func(t *testing.T, value []byte) {
		root, err := wire.DecodeJSON("DeliveredEvent", value)
		if err != nil {
			return
		}
		if d := depth(root); d > wire.MaxDepth+2 {
			t.Errorf("%d levels", d)
		}
		use(t, wire.NewMessage(root))
		if !unique(root) {
			return
		}
		raw, err := json.Marshal(wire.JsonObject(root))
		if err != nil {
			t.Fatalf("%v of %+v", err, root)
		}
		again, err := wire.DecodeJSON("DeliveredEvent", raw)
		if want, got := sorted(fixture.Plain(root)), sorted(fixture.Plain(again)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v %v\nwant %+v\nencoded %s", got, err, want, raw)
		}
	})
}

func unique(e wire.Element) bool {
	seen := map[string]bool{}
	for _, kid := range e.Children {
		if key := strings.ToLower(wire.JSONKey(kid.Name)); seen[key] || !unique(kid) || strings.Contains(key, ":") {
			return false
		} else {
			seen[key] = true
		}
	}
	return true
}

func sorted(e wire.Element) wire.Element {
	for i := range e.Children {
		e.Children[i] = sorted(e.Children[i])
	}
	slices.SortFunc(e.Children, func(a, b wire.Element) int { return strings.Compare(a.Name, b.Name) })
	return e
}
