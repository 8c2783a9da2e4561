package support

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// queries matches those of URLs.
var queries = lazy(`([A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>?]*)\?[^\s"'<>]*`)

// withoutQueries removes the queries of URLs: they may contain tokens.
func withoutQueries(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	return queries().ReplaceAllString(text, "$1?"+hidden)
}

// hidden replaces a secret.
const hidden = "[secret]"

// scrubber removes secrets from texts by their value, in every form in which they are sent or logged: plain,
// and encoded as XML, JSON, Go, a URL or base64, or nested combinations. The zero scrubber changes nothing.
type scrubber struct {
	forms    []string // longest first, so that a secret within another does not leave the rest of it
	replacer *strings.Replacer
}

// with returns a scrubber that removes one more secret.
func (s scrubber) with(secret string) scrubber {
	forms := s.forms
	for _, form := range []string{secret, strings.TrimSpace(secret)} {
		forms = append(forms[:len(forms):len(forms)], spellings(form)...)
	}
	slices.SortFunc(forms, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	forms = slices.DeleteFunc(slices.Compact(forms), func(f string) bool { return f == "" })
	pairs := make([]string, 0, 2*len(forms))
	for _, form := range forms {
		pairs = append(pairs, form, hidden)
	}
	return scrubber{forms, strings.NewReplacer(pairs...)}
}

func (s scrubber) scrub(text string) string {
	if s.replacer == nil {
		return text
	}
	return s.replacer.Replace(text)
}

// spellings returns the secret in every form, encoded up to three times over, as an XML frame within a JSON
// frame within a quoted attribute of the log is.
func spellings(secret string) []string {
	forms := []string{secret}
	for from, depth := 0, 0; depth < 3; depth++ {
		to := len(forms)
		for _, form := range forms[from:to] {
			for _, spell := range spellers {
				if spelled := spell(form); !slices.Contains(forms, spelled) {
					forms = append(forms, spelled)
				}
			}
		}
		from = to
	}
	return forms
}

var spellers = []func(string) string{
	func(s string) string { // encoding/xml
		var b bytes.Buffer
		_ = xml.EscapeText(&b, []byte(s)) // writing to a buffer does not fail
		return b.String()
	},
	// other XML writers: the five named entities, or only the two required ones
	strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace,
	strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace,
	func(s string) string { return inJSON(s, true) },
	func(s string) string { return inJSON(s, false) },
	func(s string) string { return strict(s, `\u%04X`) }, // System.Text.Json
	func(s string) string { return strict(s, `\u%04x`) },
	func(s string) string { q := strconv.Quote(s); return q[1 : len(q)-1] }, // slog
	url.QueryEscape,
	url.PathEscape,
	func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
}

func inJSON(s string, html bool) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(html)
	_ = e.Encode(s) // encoding a string into a buffer does not fail
	return strings.TrimSuffix(strings.TrimSuffix(b.String(), "\n"), `"`)[1:]
}

// strict encodes as careful writers do: anything but a plain ASCII letter, digit or harmless punctuation
// becomes its UTF-16 code, except characters with a short form.
func strict(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r < ' ' || r > '~' || strings.ContainsRune("\"'&+<>`", r):
			if r > 0xffff {
				r -= 0x10000
				fmt.Fprintf(&b, format, 0xd800+r>>10)
				r = 0xdc00 + r&0x3ff
			}
			fmt.Fprintf(&b, format, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
