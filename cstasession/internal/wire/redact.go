package wire

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"

	"calltray/cstasession/csta"
)

// Scrubber removes one secret from texts. A server may quote the login that it refuses, with each character
// escaped for XML, for JSON, or for both, in more than one way, or in another case. It also removes queries
// from addresses, which may be tickets. The zero Scrubber knows no secret.
type Scrubber struct {
	secret  *regexp.Regexp
	tickets []string // such as a connection's token
}

// NewScrubber returns a Scrubber for a password.
func NewScrubber(p csta.Password) Scrubber {
	var pattern strings.Builder
	pattern.WriteString("(?i)")
	password := strings.TrimSpace(p.Reveal()) // white space at its ends gets lost on the way
	if password == "" {
		return Scrubber{}
	}
	for _, r := range password {
		pattern.WriteString(spellings(r))
	}
	secret, err := regexp.Compile(pattern.String())
	if err != nil { // longer than a pattern can be
		secret = regexp.MustCompile(`(?s).+`)
	}
	return Scrubber{secret: secret}
}

// spellings is a pattern for all ways to write one character, escaped any number of times.
func spellings(r rune) string {
	const amp = `(?:&|&amp;|\\+u0026)`
	all := regexp.QuoteMeta(string(r)) + "|" + amp + fmt.Sprintf(`#0*%d;|`, r) + amp + fmt.Sprintf(`#x0*%x;|`, r)
	for _, unit := range utf16.Encode([]rune{r}) {
		all += fmt.Sprintf(`\\+u%04x`, unit)
	}
	switch r {
	case '&':
		all += "|" + amp + "amp;"
	case '<':
		all += "|" + amp + "lt;"
	case '>':
		all += "|" + amp + "gt;"
	case '\'':
		all += "|" + amp + `apos;|\\+'`
	case '"':
		all += "|" + amp + `quot;|\\+"`
	case '\\', '/':
		all += `|\\+` + regexp.QuoteMeta(string(r))
	}
	all = "(?:" + all + ")"
	if Printable("."+string(r)+".") == ".." {
		all += "?" // it may have been dropped
	}
	return all
}

// minTicket is the least length of a ticket: a shorter value is a word that occurs in ordinary text.
const minTicket = 8

// With returns a Scrubber that also removes tickets: the values of queries, tokens of connections. A server may
// quote them unchanged or escaped for an address.
func (s Scrubber) With(tickets ...string) Scrubber {
	s.tickets = slices.Clone(s.tickets)
	for _, ticket := range tickets {
		for _, spelled := range []string{ticket, url.QueryEscape(ticket), url.PathEscape(ticket)} {
			if len(spelled) >= minTicket && !slices.Contains(s.tickets, spelled) {
				s.tickets = append(s.tickets, spelled)
			}
		}
	}
	return s
}

// WithQuery returns a Scrubber that also removes the values of an address's query.
func (s Scrubber) WithQuery(u *url.URL) Scrubber {
	s = s.With(u.RawQuery)
	for _, values := range u.Query() {
		s = s.With(values...)
	}
	return s
}

// query matches the query of an address or of its path.
var query = regexp.MustCompile(`(/[^\s"'<>?]*)\?[^\s"'<>]+`)

// Scrub returns text without secrets.
func (s Scrubber) Scrub(text string) string {
	for _, ticket := range s.tickets {
		text = strings.ReplaceAll(text, ticket, csta.Redacted)
	}
	if strings.Contains(text, "?") {
		text = query.ReplaceAllString(text, "$1?"+csta.Redacted)
	}
	if s.secret == nil {
		return text
	}
	return s.secret.ReplaceAllLiteralString(text, csta.Redacted)
}

// Clean makes text from the server safe to show and to log, without the secret. The order matters: text cut
// short first may end with half of the secret.
func (s Scrubber) Clean(text string) string { return Printable(s.Scrub(text)) }

// Frame prepares a frame for a log. It is redacted only if the log wants it.
func (s Scrubber) Frame(b []byte) slog.LogValuer { return loggedFrame{b, s} }

type loggedFrame struct {
	frame []byte
	scrub Scrubber
}

// LogValue omits logins, since one that cannot be parsed may have its password anywhere, and digits played into
// a call, which are often a code; otherwise it returns the frame, cleaned, bounded, and without the secret.
func (f loggedFrame) LogValue() slog.Value {
	low := bytes.ToLower(f.frame)
	for _, sign := range []string{"password", "<startapplicationsession>", `"startapplicationsession"`, "characterstosend"} {
		if bytes.Contains(low, []byte(sign)) {
			return slog.StringValue(csta.Redacted)
		}
	}
	return slog.StringValue(f.scrub.Clean(string(f.frame)))
}
