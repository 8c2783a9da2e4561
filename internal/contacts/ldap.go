package contacts

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// numberAttributes are the attributes for telephone numbers in directories, with their labels. (RFC 4519, RFC
// 4524, Active Directory)
var numberAttributes = map[string]string{
	"telephoneNumber": Work, "otherTelephone": Work, "ipPhone": Work, "mobile": Mobile, "otherMobile": Mobile, "homePhone": Home, "otherHomePhone": Home,
}

const (
	ldapPage  = 500     // entries per request: many directories refuse more than a thousand
	maxPacket = 1 << 20 // bytes of an entry
)

func init() { ber.MaxPacketLengthBytes = maxPacket } // nothing else in the program uses this ASN.1 package

// readDirectory copies the entries with a telephone number from a directory, below the base in the path of its
// address. Nothing that anybody types, and nothing from an entry, becomes part of a filter.
func readDirectory(ctx context.Context, s Server, password string) (list []Contact, report Report, err error) {
	conn, err := dialDirectory(ctx, s)
	if err != nil {
		return nil, report, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if s.User != "" {
		if err := conn.Bind(s.User, password); err != nil {
			return nil, report, broken(err)
		}
	}
	numbers := slices.Sorted(maps.Keys(numberAttributes))
	filter := "(|(" + strings.Join(numbers, "=*)(") + "=*))"
	request := ldap.NewSearchRequest(strings.TrimPrefix(s.URL.Path, "/"), ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, int(serverLimit/time.Second), false,
		filter, append([]string{"displayName", "cn", "company", "o"}, numbers...), nil)
	paging := ldap.NewControlPaging(ldapPage)
	request.Controls = []ldap.Control{paging}
	for {
		page, err := conn.Search(request)
		if err != nil {
			return nil, report, broken(err)
		}
		for _, e := range page.Entries {
			c := Contact{
				Name:    cmp.Or(e.GetEqualFoldAttributeValue("displayName"), e.GetEqualFoldAttributeValue("cn")),
				Company: cmp.Or(e.GetEqualFoldAttributeValue("company"), e.GetEqualFoldAttributeValue("o")),
			}
			for _, name := range numbers {
				for _, value := range e.GetEqualFoldAttributeValues(name) {
					c.Numbers = append(c.Numbers, Number{Label: numberAttributes[name], Number: plainNumber(value)})
				}
			}
			list = report.take(list, c)
		}
		more, ok := ldap.FindControl(page.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
		if !ok || len(more.Cookie) == 0 || len(list) >= maxContacts {
			report.Format = "LDAP"
			return list, report, nil
		}
		paging.SetCookie(more.Cookie)
	}
}

// dialDirectory connects to a directory, encrypted: with StartTLS unless the address is ldaps. Only a directory
// on this computer may be unencrypted.
func dialDirectory(ctx context.Context, s Server) (*ldap.Conn, error) {
	host, port := s.URL.Hostname(), cmp.Or(s.URL.Port(), map[string]string{"ldap": "389", "ldaps": "636"}[s.URL.Scheme])
	raw, err := (&net.Dialer{Timeout: dialLimit}).DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, err
	}
	var line net.Conn = &boundedConn{Conn: raw, left: maxServer}
	secure := &tls.Config{ServerName: host}
	if s.URL.Scheme == "ldaps" {
		line = tls.Client(line, secure)
		ctx, cancel := context.WithTimeout(ctx, dialLimit)
		defer cancel()
		if err := line.(*tls.Conn).HandshakeContext(ctx); err != nil {
			_ = raw.Close()
			return nil, err
		}
	}
	conn := ldap.NewConn(line, s.URL.Scheme == "ldaps")
	conn.Start()
	conn.SetTimeout(idleLimit)
	if s.URL.Scheme == "ldap" {
		err := conn.StartTLS(secure)
		none := ldap.IsErrorAnyOf(err, ldap.LDAPResultProtocolError, ldap.LDAPResultUnavailable, ldap.LDAPResultUnwillingToPerform)
		if err != nil && !(none && isLocal(host)) {
			_ = conn.Close()
			return nil, broken(err)
		}
	}
	return conn, nil
}

// broken tells an error response of the directory from a connection that broke, or that carries another
// protocol.
func broken(err error) error {
	var answer *ldap.Error
	if errors.As(err, &answer) {
		return err
	}
	return &SourceError{Unreachable, err}
}

// boundedConn is a connection that ends if too much data arrives.
type boundedConn struct {
	net.Conn
	left int64
}

// Read implements net.Conn.
func (c *boundedConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, &SourceError{Trouble: TooLarge}
	}
	n, err := c.Conn.Read(p)
	c.left -= int64(n)
	return n, err
}
