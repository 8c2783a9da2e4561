package contacts

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxResource limits the answer about one resource: a card with a ten megabyte picture can still be read.
const maxResource = 16 << 20

// davAnswer is what a WebDAV server returns about one resource.
type davAnswer struct {
	Status string // of the resource as a whole; "" if each property has its own
	Card   string // address-data
	Mark   string // sync-token, or else getctag
}

// truncated reports whether the server has left out part of the answer.
func (a davAnswer) truncated() bool { return strings.Contains(a.Status, " 507") }

// readMultiStatus passes the responses of a multistatus (RFC 4918 §13) to take, as they arrive: an address book
// may be long, and very long with pictures. The error is take's, the reader's, or a *SourceError.
func readMultiStatus(r io.Reader, take func(davAnswer) error) error {
	limited := &io.LimitedReader{R: r, N: maxResource}
	decoder := xml.NewDecoder(limited)
	decoder.CharsetReader = func(name string, _ io.Reader) (io.Reader, error) { return nil, fmt.Errorf("encoding %q", name) }
	began := false
	for {
		token, err := decoder.Token()
		if err == io.EOF && began {
			return nil
		}
		if err != nil {
			return nonsense(limited, err)
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
			continue
		case !began && start.Name.Local != "multistatus":
			return &SourceError{Nonsense, fmt.Errorf("<%s>", start.Name.Local)}
		case !began:
			began = true
			continue
		case start.Name.Space != "DAV:" || start.Name.Local != "response":
			if err := decoder.Skip(); err != nil {
				return nonsense(limited, err)
			}
			continue
		}
		var found struct {
			Status string `xml:"DAV: status"`
			Props  []struct {
				Card string `xml:"urn:ietf:params:xml:ns:carddav prop>address-data"`
				Sync string `xml:"DAV: prop>sync-token"`
				CTag string `xml:"http://calendarserver.org/ns/ prop>getctag"`
			} `xml:"DAV: propstat"`
		}
		if err := decoder.DecodeElement(&found, &start); err != nil {
			return nonsense(limited, err)
		}
		answer := davAnswer{Status: found.Status}
		for _, p := range found.Props {
			answer.Card, answer.Mark = cmp.Or(answer.Card, p.Card), cmp.Or(answer.Mark, p.Sync, p.CTag)
		}
		if err := take(answer); err != nil {
			return err
		}
		limited.N = maxResource
	}
}

// nonsense is the error for a response that cannot be parsed.
func nonsense(limited *io.LimitedReader, err error) error {
	var syntax *xml.SyntaxError
	switch {
	case limited.N <= 0:
		return &SourceError{TooLarge, fmt.Errorf("one card is longer than %d bytes", maxResource)}
	case errors.As(err, &syntax):
		return &SourceError{Nonsense, err}
	}
	return err
}
