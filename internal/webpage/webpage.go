// Package webpage makes the address of the page about a caller from the template in the settings:
// https://crm.example.dk/search?q={e164}. Callers' names come from strangers: they can change neither which
// server the browser contacts nor the kind of request.
package webpage

import (
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Call is what a template can contain about a call. Unknown values are "".
type Call struct {
	Number    string // as it would be dialled
	E164      string // in its international form, such as +4522334455; the number itself if it has none
	Name      string
	Company   string
	Direction string // incoming, outgoing or unknown
	Queue     string // the called number, if it is not the user's own
	Outcome   string // a csta.Outcome; "" while the call is active
	Talked    time.Duration
	Linkage   string
}

// Values are the values for the placeholders in braces.
func (c Call) Values() map[string]string {
	return map[string]string{"number": c.Number, "e164": c.E164, "name": c.Name, "company": c.Company, "direction": c.Direction,
		"queue": c.Queue, "outcome": c.Outcome, "seconds": strconv.Itoa(int(c.Talked / time.Second)), "linkage": c.Linkage}
}

// The errors of a template.
var (
	ErrScheme = errors.New("webpage: the address does not begin with https:// or http://") // javascript: and file:, for instance, do not
	ErrHost   = errors.New("webpage: the address names no host, or it depends on the call")
	ErrWord   = errors.New("webpage: there is no such word in braces")
)

// shape splits a template into the scheme, the host, and the rest.
var shape = regexp.MustCompile(`^(?i:(https?)://)([^/?#]*)((?s).*)$`)

var word = regexp.MustCompile(`\{[^{}]*\}`)

// Check returns what is wrong with a template: ErrScheme, ErrHost, ErrWord, or nil.
func Check(template string) error {
	_, err := Address(template, Call{})
	return err
}

// Address returns the address of the page about a call. The errors are Check's.
func Address(template string, c Call) (*url.URL, error) {
	parts := shape.FindStringSubmatch(strings.TrimSpace(template))
	if parts == nil {
		return nil, ErrScheme
	}
	scheme, host, rest := parts[1], parts[2], parts[3]
	at, err := url.Parse(scheme + "://" + host)
	if err != nil || at.Hostname() == "" || at.User != nil || strings.ContainsAny(host, "{}\\") {
		return nil, ErrHost
	}
	if rest, err = c.Fill(rest, escape); err != nil {
		return nil, err
	}
	page, err := url.Parse(at.String() + rest)
	if err != nil || page.Host != at.Host || page.Scheme != at.Scheme || page.User != nil {
		return nil, ErrHost
	}
	return page, nil
}

// Fill replaces the placeholders of a template by the call's values, as returned by encode. The error is
// ErrWord.
func (c Call) Fill(template string, encode func(string) string) (string, error) {
	if strings.ContainsAny(word.ReplaceAllString(template, ""), "{}") {
		return "", ErrWord
	}
	values := c.Values()
	var unknown error
	filled := word.ReplaceAllStringFunc(template, func(in string) string {
		value, known := values[in[1:len(in)-1]]
		if !known {
			unknown = ErrWord
		}
		return encode(value)
	})
	return filled, unknown
}

// escape makes a value a single segment of a path, or part of a query. One that consists only of dots would
// lead to another folder.
func escape(value string) string {
	value = strings.ToValidUTF8(value, "")
	if strings.Trim(value, ".") == "" {
		return ""
	}
	return strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
}
