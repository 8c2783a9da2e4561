package contacts

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"io/fs"
	"net"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// Trouble is a kind of reason why a source cannot be read. The words are kept in the store, and told to programs.
type Trouble string

// The troubles; "" is none.
const (
	Missing     Trouble = "missing"      // there is no such file
	NoContacts  Trouble = "no-contacts"  // there are none in it
	Unclear     Trouble = "unreadable"   // any other: the error tells
	BadAddress  Trouble = "bad-address"  // a server's address that is none
	Plain       Trouble = "plain"        // the password would travel unencrypted
	HasPassword Trouble = "has-password" // there is a password in the address
	NoPassword  Trouble = "no-password"  // there is a user, and the keyring has no password, or does not tell it
	Denied      Trouble = "denied"       // the server does not accept the user or the password
	Unreachable Trouble = "unreachable"  // there is no connection, or it broke
	Slow        Trouble = "slow"         // the server took too long
	Untrusted   Trouble = "untrusted"    // the server's certificate cannot be verified
	Elsewhere   Trouble = "elsewhere"    // the server sends us to another one, or round in circles
	NotFound    Trouble = "not-found"    // there is no address book at the address
	Nonsense    Trouble = "nonsense"     // the server's answer cannot be understood
	TooLarge    Trouble = "too-large"    // more than an address book holds
	OtherTable  Trouble = "other-table"  // its columns are not those that were chosen
	Emptied     Trouble = "emptied"      // it had contacts and has none now: more servers are broken than emptied
)

// SourceError is why a source cannot be read.
type SourceError struct {
	Trouble Trouble
	Err     error // the cause; nil if the trouble says it all
}

// Error returns the trouble with its cause, in English.
func (e *SourceError) Error() string {
	if e.Err == nil {
		return "contacts: " + string(e.Trouble)
	}
	return "contacts: " + string(e.Trouble) + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *SourceError) Unwrap() error { return e.Err }

// explain makes a SourceError of what went wrong with a source.
func explain(err error) *SourceError {
	var known *SourceError
	var certificate *tls.CertificateVerificationError
	var network net.Error
	trouble := Unclear
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, ErrNoColumns), errors.Is(err, ErrNoCards):
		trouble = NoContacts
	case errors.Is(err, ErrOtherColumns):
		trouble = OtherTable
	case errors.Is(err, errTooLarge):
		trouble = TooLarge
	case errors.Is(err, fs.ErrNotExist):
		trouble = Missing
	case errors.As(err, &certificate), strings.Contains(err.Error(), unverified): // StartTLS tells only the text
		trouble = Untrusted
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		trouble = Slow
	case ldap.IsErrorAnyOf(err, ldap.LDAPResultInvalidCredentials, ldap.LDAPResultInsufficientAccessRights, ldap.LDAPResultInappropriateAuthentication,
		ldap.LDAPResultStrongAuthRequired, ldap.LDAPResultConfidentialityRequired, ldap.LDAPResultInvalidDNSyntax):
		trouble = Denied
	case ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject):
		trouble = NotFound
	case ldap.IsErrorWithCode(err, ldap.LDAPResultTimeLimitExceeded):
		trouble = Slow
	case ldap.IsErrorWithCode(err, ldap.ErrorNetwork), errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		trouble = Unreachable
	}
	return &SourceError{trouble, err}
}

// unverified is what crypto/tls says of a certificate.
const unverified = "tls: failed to verify certificate"

// kept writes an error into a column, and read reads it from there.
func (e *SourceError) kept() string {
	if e.Err == nil {
		return string(e.Trouble)
	}
	return string(e.Trouble) + " " + e.Err.Error()
}

// readError is the reverse of kept; nil for "".
func readError(s string) *SourceError {
	if s == "" {
		return nil
	}
	trouble, cause, caused := strings.Cut(s, " ")
	if !caused {
		return &SourceError{Trouble: Trouble(trouble)}
	}
	return &SourceError{Trouble(trouble), errors.New(cause)}
}
