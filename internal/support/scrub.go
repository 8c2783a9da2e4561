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

// queries are those of URLs.
var queries = lazy(`([A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>?]*)\?[^\s"'<>]*`)

// withoutQueries leaves the queries of URLs out: they hold tokens.
func withoutQueries(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	return queries().ReplaceAllString(text, "$1?"+hidden)
}

// hidden stands where a secret was.
const hidden = "[secret]"

// scrubber takes secrets out of texts by their value, in every form in which they travel or are
// logged: as they are, and as XML, JSON, Go, a URL or base64 spell them, each within each other. The
// zero scrubber changes nothing.
type scrubber struct {
	forms    []string // longest first, so that a secret within another does not leave its rest
	replacer *strings.Replacer
}

// with returns a scrubber that takes out one more secret.
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

// spellings returns the secret in every form: spelled up to three times over, as a frame of XML in a
// frame of JSON in a quoted attribute of the log is.
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
		_ = xml.EscapeText(&b, []byte(s)) // a buffer does not fail
		return b.String()
	},
	// other writers of XML: five names, or the two that must be
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
	_ = e.Encode(s) // a string in a buffer does not fail
	return strings.TrimSuffix(strings.TrimSuffix(b.String(), "\n"), `"`)[1:]
}

// strict spells as careful writers do: what is not a plain ASCII letter, digit or harmless sign is
// its code in UTF-16, but for the characters that have a short form.
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
