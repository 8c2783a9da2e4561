package wire

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

var (
	declaration = regexp.MustCompile(`^\s*<\?xml(?:\s[^>]*)?\?>`)
	encodingOf  = regexp.MustCompile(`\sencoding\s*=\s*["']([^"']+)["']`)
)

// toUTF8 returns a document in UTF-8, without its XML declaration, whose version number the decoder would
// check. A document that is valid UTF-8 is taken as UTF-8, whatever it declares: uni-tel's documents declare
// "utf-16" and are UTF-8 (an artefact of the .NET serialiser, inferred). Otherwise the declared encoding
// counts, under the names that browsers know; broken UTF-8 or UTF-16 is left as it is, since a replacement
// character is better than text in the wrong letters.
func toUTF8(document []byte) []byte {
	document = bytes.TrimPrefix(document, []byte("\ufeff"))
	declared := ""
	for {
		first := declaration.Find(document)
		if first == nil {
			break
		}
		if name := encodingOf.FindSubmatch(first); name != nil && declared == "" {
			declared = string(name[1])
		}
		document = document[len(first):]
	}
	if declared == "" || utf8.Valid(document) {
		return document
	}
	table, err := htmlindex.Get(declared)
	if err != nil {
		return document
	}
	if name, _ := htmlindex.Name(table); strings.HasPrefix(name, "utf-") || name == "replacement" {
		return document
	}
	if decoded, err := table.NewDecoder().Bytes(document); err == nil {
		return decoded
	}
	return document
}
