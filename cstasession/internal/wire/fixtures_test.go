package wire_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"calltray/cstasession/internal/wire"
)

// fixture is the content of one file, without the newline at its end.
func fixture(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "wire", filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(b, []byte("\n"))
}

func rootOf(stem string) string { root, _, _ := strings.Cut(stem, "."); return root }

func fromXML(t testing.TB, doc []byte) wire.Message {
	t.Helper()
	root, err := wire.DecodeXML(doc)
	if err != nil {
		t.Fatalf("decodeXML: %v", err)
	}
	return wire.NewMessage(root)
}

// fromJSON decodes a message as the hub carries it: an event comes as the argument of a method of its
// name, an answer as a result that has no name of its own.
func fromJSON(t testing.TB, root string, value []byte) wire.Message {
	t.Helper()
	if !(wire.Message{Name: root}).IsEvent() {
		return wire.HubAnswer(wire.Request{ID: "9-hub", Body: wire.Element{Name: serviceOf(root)}}, value, "")
	}
	m, err := wire.HubEvent(strings.TrimSuffix(root, "Event"), value)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// serviceOf is the request that an answer of that root belongs to.
func serviceOf(root string) string {
	for _, end := range []string{"PosResponse", "NegResponse", "Response"} {
		if s, found := strings.CutSuffix(root, end); found {
			return s
		}
	}
	return "AnswerCall" // which may get a CSTAErrorCode
}

// plain is a message without what differs lawfully between the encodings: the case of names, the kind of
// a leaf, members without content.
func plain(e wire.Element) wire.Element {
	p := wire.Element{Name: strings.ToLower(e.Name), Text: e.Text}
	for _, kid := range e.Children {
		if kid = plain(kid); kid.Text != "" || len(kid.Children) > 0 {
			p.Children = append(p.Children, kid)
		}
	}
	return p
}
