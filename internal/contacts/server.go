package contacts

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// The limits of a server, all far above the needs of an address book.
const (
	serverLimit = 2 * time.Minute // for the complete contents
	dialLimit   = 15 * time.Second
	idleLimit   = 30 * time.Second // for the response to a request
	maxServer   = 256 << 20        // bytes, of all responses of one refresh
)

// Servers says how to reach servers with contacts. Its functions may be called from any goroutine.
type Servers struct {
	// Password returns the password of a user of a server, from the keyring.
	Password func(ctx context.Context, server, user string) (string, error)
	// Proxy, if set, returns the proxy for a web address, like http.Transport.Proxy.
	Proxy func(*http.Request) (*url.URL, error)
}

// Server is the parsed address of a server with contacts.
type Server struct {
	URL  *url.URL // without a user
	User string   // "" reads only what is public
}

// IsServer reports whether the address of a source is a server's, and not a file's.
func IsServer(address string) bool {
	scheme, _, ok := strings.Cut(address, "://")
	switch strings.ToLower(scheme) {
	case "https", "http", "ldap", "ldaps":
		return ok
	}
	return false
}

// ParseServer parses an address: https://user@host/path is a CardDAV server; ldaps://user@host/base, or
// ldap://, which uses StartTLS, is a directory. Special characters in the user are escaped as in every URL.
// Errors are a *SourceError: http:// is only allowed for this computer, and an address must not contain a
// password.
func ParseServer(address string) (Server, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil { // its text quotes the address, which may include a password
		return Server{}, &SourceError{Trouble: BadAddress}
	}
	if _, inside := u.User.Password(); inside {
		return Server{}, &SourceError{Trouble: HasPassword}
	}
	if u.Hostname() == "" || !IsServer(u.Scheme+"://") {
		return Server{}, &SourceError{Trouble: BadAddress}
	}
	if u.Scheme == "http" && !isLocal(u.Hostname()) {
		return Server{}, &SourceError{Trouble: Plain}
	}
	s := Server{URL: u, User: u.User.Username()}
	u.User, u.Fragment, u.Host = nil, "", strings.ToLower(u.Host)
	return s, nil
}

// Address returns the server's address in its canonical form, by which it is stored.
func (s Server) Address() string {
	u := *s.URL
	if s.User != "" {
		u.User = url.User(s.User)
	}
	return u.String()
}

// isLocal reports whether a host is this computer.
func isLocal(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

// errSame: a source has not changed.
var errSame = errors.New("contacts: nothing has changed")

// fetch gets everything from a server. mark is the result of an earlier fetch, or "": if the server says that
// nothing has changed since, the error is errSame. All other errors are a *SourceError.
func (s Servers) fetch(ctx context.Context, address, mark string) (list []Contact, report Report, next string, err error) {
	ctx, cancel := context.WithTimeout(ctx, serverLimit)
	defer cancel()
	server, err := ParseServer(address)
	if err != nil {
		return nil, report, "", err
	}
	password := ""
	if server.User != "" {
		if s.Password == nil {
			return nil, report, "", &SourceError{Trouble: NoPassword}
		}
		if password, err = s.Password(ctx, server.URL.Host, server.User); err != nil {
			return nil, report, "", &SourceError{NoPassword, err}
		}
		if password == "" {
			return nil, report, "", &SourceError{Trouble: NoPassword} // a directory treats an empty password as an anonymous login
		}
	}
	if strings.HasPrefix(server.URL.Scheme, "ldap") {
		list, report, err = readDirectory(ctx, server, password)
	} else {
		list, report, next, err = newCardDAV(server, password, s.Proxy).read(ctx, mark)
	}
	switch {
	case err == nil, errors.Is(err, errSame):
		return list, report, next, err
	case ctx.Err() != nil: // whatever error the connection returned for that
		err = ctx.Err()
	}
	return nil, report, "", explain(err)
}
