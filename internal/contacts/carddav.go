package contacts

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-webdav/carddav"
)

// The limits of a CardDAV server.
const (
	maxBooks     = 20
	maxRequests  = 100               // of one refresh
	maxRedirects = 5                 // of one request
	thinkLimit   = 100 * time.Second // before a server starts to answer: some read ten thousand cards first
	maxFinding   = 2 << 20           // bytes that may be read until the books are found
)

// cardDAV is a CardDAV server during one refresh, which runs on one goroutine. (RFC 6352)
type cardDAV struct {
	Server
	password string
	client   http.Client
	requests int
	left     int64 // bytes that may still be read
}

func newCardDAV(s Server, password string, proxy func(*http.Request) (*url.URL, error)) *cardDAV {
	d := &cardDAV{Server: s, password: password, left: maxFinding}
	d.client = http.Client{
		CheckRedirect: d.redirected,
		Transport: &http.Transport{
			Proxy:       proxy,
			DialContext: (&net.Dialer{Timeout: dialLimit}).DialContext,

			TLSHandshakeTimeout: dialLimit, ResponseHeaderTimeout: thinkLimit, ForceAttemptHTTP2: true,
		},
	}
	return d
}

// read gets the cards of the user's address books. The mark consists of the marks of the books: see
// cardDAV.marks.
func (d *cardDAV) read(ctx context.Context, mark string) (list []Contact, report Report, next string, err error) {
	defer d.client.CloseIdleConnections()
	books, err := d.books(ctx)
	if err != nil {
		return nil, report, "", err
	}
	d.left = maxServer
	if next, err = d.marks(ctx, books); err != nil {
		return nil, report, "", err
	}
	if next != "" && next == mark {
		return nil, report, next, errSame
	}
	for _, book := range books {
		// Only the properties in use are requested; servers that cannot leave out the pictures send them, too.
		const query = `<C:addressbook-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><prop><C:address-data>` +
			`<C:prop name="VERSION"/><C:prop name="KIND"/><C:prop name="X-ADDRESSBOOKSERVER-KIND"/><C:prop name="FN"/><C:prop name="N"/><C:prop name="NICKNAME"/>` +
			`<C:prop name="ORG"/><C:prop name="EMAIL"/><C:prop name="TEL"/><C:prop name="X-ABLABEL"/></C:address-data></prop><C:filter/></C:addressbook-query>`
		err := d.ask(ctx, "REPORT", book, "1", query, func(answer davAnswer) error {
			if answer.truncated() { // RFC 6352 §8.6.2
				return &SourceError{TooLarge, fmt.Errorf("the server tells only a part of its contacts")}
			}
			if answer.Card != "" {
				list, _ = report.takeCards(list, answer.Card, "UTF-8")
			}
			return nil
		})
		if err != nil {
			return nil, report, "", err
		}
	}
	report.Format = "CardDAV"
	return list, report, next, nil
}

// books finds the paths of the address books at an address: those of its user, or the one it names.
func (d *cardDAV) books(ctx context.Context) ([]string, error) {
	places := []string{d.URL.Path}
	if strings.Trim(d.URL.Path, "/") == "" {
		places = []string{"/.well-known/carddav", "/"} // RFC 6764 §5
	}
	var first error
	for _, place := range places {
		found, err := d.booksFrom(ctx, place)
		for _, book := range found {
			if strings.Trim(book, "/") == strings.Trim(d.URL.Path, "/") {
				return []string{book}, nil
			}
		}
		switch {
		case len(found) > 0:
			return found[:min(len(found), maxBooks)], nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case first == nil:
			first = err
		}
	}
	if first == nil {
		return nil, &SourceError{Trouble: NotFound}
	}
	if e := explain(first); e.Trouble != Unclear {
		return nil, e
	}
	return nil, &SourceError{Nonsense, first}
}

// booksFrom asks for the user, the place of the user's books, and the list of them. A server that does not
// answer may still have a book at the place itself.
func (d *cardDAV) booksFrom(ctx context.Context, place string) (paths []string, err error) {
	at := *d.URL
	at.Path, at.RawPath = place, ""
	c, err := carddav.NewClient(d, at.String())
	if err != nil {
		return nil, err
	}
	home := ""
	if principal, e := c.FindCurrentUserPrincipal(ctx); e != nil {
		err = e
	} else if home, err = c.FindAddressBookHomeSet(ctx, principal); err != nil {
		home = ""
	}
	for _, where := range slices.Compact([]string{home, place}) {
		if where == "" {
			continue
		}
		books, e := c.FindAddressBooks(ctx, where)
		if e != nil {
			err = e
			continue
		}
		for _, b := range books {
			paths = append(paths, b.Path)
		}
		if len(paths) > 0 {
			return paths, nil
		}
	}
	return nil, err
}

// marks returns a value that changes when a card in one of the books does: their sync tokens or, if a server
// has none, its ctags; "" if it has neither. (RFC 6578 §4; the ctag is a common extension)
func (d *cardDAV) marks(ctx context.Context, books []string) (string, error) {
	const query = `<propfind xmlns="DAV:" xmlns:S="http://calendarserver.org/ns/"><prop><sync-token/><S:getctag/></prop></propfind>`
	var marks []string
	for _, book := range books {
		err := d.ask(ctx, "PROPFIND", book, "0", query, func(answer davAnswer) error {
			if answer.Mark != "" {
				marks = append(marks, book+" "+answer.Mark)
			}
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	if len(marks) < len(books) {
		return "", nil
	}
	return strings.Join(marks, "\n"), nil
}

// ask sends a request, and passes the answer to take, one resource at a time.
func (d *cardDAV) ask(ctx context.Context, method, book, depth, query string, take func(davAnswer) error) error {
	at := *d.URL
	at.Path, at.RawPath = book, ""
	request, err := http.NewRequestWithContext(ctx, method, at.String(), strings.NewReader(`<?xml version="1.0" encoding="utf-8"?>`+query))
	if err != nil {
		return err
	}
	request.Header.Set("Depth", depth)
	request.Header.Set("Content-Type", "application/xml; charset=utf-8")
	answer, err := d.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusMultiStatus {
		return &SourceError{Nonsense, fmt.Errorf("%s is answered by %s", method, answer.Status)}
	}
	return readMultiStatus(answer.Body, take)
}

// Do sends a request with the password, and counts requests and bytes. It implements webdav.HTTPClient.
func (d *cardDAV) Do(r *http.Request) (*http.Response, error) {
	if d.requests++; d.requests > maxRequests {
		return nil, &SourceError{Elsewhere, fmt.Errorf("more than %d requests", maxRequests)}
	}
	if d.User != "" {
		r.SetBasicAuth(d.User, d.password)
	}
	answer, err := d.client.Do(r)
	if err != nil {
		return nil, err
	}
	answer.Body = &counted{answer.Body, d}
	switch answer.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		err = &SourceError{Denied, fmt.Errorf("%s", answer.Status)}
	case http.StatusNotFound, http.StatusGone, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		err = &SourceError{NotFound, fmt.Errorf("%s", answer.Status)}
	default:
		return answer, nil
	}
	answer.Body.Close()
	return nil, err
}

// redirected follows a redirect on the same server with the same request: http.Client would turn it into a GET.
func (d *cardDAV) redirected(next *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > maxRedirects || next.URL.Scheme != first.URL.Scheme || next.URL.Host != first.URL.Host {
		return &SourceError{Elsewhere, fmt.Errorf("%s", next.URL.Redacted())}
	}
	next.Method, next.Header = first.Method, first.Header.Clone()
	if first.GetBody != nil {
		body, err := first.GetBody()
		if err != nil {
			return err
		}
		next.Body, next.GetBody, next.ContentLength = body, first.GetBody, first.ContentLength
	}
	return nil
}

// counted is the body of a response, of which only so much is read. Characters that XML does not allow, but
// some servers send in cards, are replaced by spaces.
type counted struct {
	io.ReadCloser
	of *cardDAV
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	if c.of.left <= 0 {
		return 0, &SourceError{TooLarge, fmt.Errorf("the server sends too much")}
	}
	n, err := c.ReadCloser.Read(p[:min(int64(len(p)), c.of.left)])
	c.of.left -= int64(n)
	for i, b := range p[:n] {
		if b < ' ' && !bytes.ContainsRune([]byte("\t\r\n"), rune(b)) {
			p[i] = ' '
		}
	}
	return n, err
}
