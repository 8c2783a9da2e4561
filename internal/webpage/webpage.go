// Package webpage makes the address of the page about a caller, of the template in the settings:
// https://crm.example.dk/search?q={e164}. What a caller is called comes from strangers: it can change neither whom the
// browser asks nor how.
package webpage

import (
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Call is what a template can tell of a call. A text that is not known is "".
type Call struct {
	Number    string // as it would be dialled
	E164      string // in its international form, as +4522334455; the number if it has none
	Name      string
	Company   string
	Direction string // incoming or outgoing
	Queue     string // the number that was called, where that is not the user's own
	Outcome   string // as csta.Outcome has it; "" while the call goes on
	Talked    time.Duration
	Linkage   string
}

// Values are what takes the place of each word in braces.
func (c Call) Values() map[string]string {
	return map[string]string{"number": c.Number, "e164": c.E164, "name": c.Name, "company": c.Company, "direction": c.Direction,
		"queue": c.Queue, "outcome": c.Outcome, "seconds": strconv.Itoa(int(c.Talked / time.Second)), "linkage": c.Linkage}
}

// The errors of a template.
var (
	ErrScheme = errors.New("webpage: the address does not begin with https:// or http://") // as javascript: and file: do not
	ErrHost   = errors.New("webpage: the address names no host, or it depends on the call")
	ErrWord   = errors.New("webpage: there is no such word in braces")
)

// shape is a template in its parts: the scheme, the host, the rest.
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

// Fill puts the call's values, as encode writes them for their place, into a template. The error is ErrWord.
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

// escape makes a value one piece of a path, or of a query. One of dots alone would lead to another folder.
func escape(value string) string {
	value = strings.ToValidUTF8(value, "")
	if strings.Trim(value, ".") == "" {
		return ""
	}
	return strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
}
