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

// Trouble is the kind of reason why a source cannot be read. The values are stored, and reported to programs.
type Trouble string

// The troubles; "" is none.
const (
	Missing     Trouble = "missing"      // there is no such file
	NoContacts  Trouble = "no-contacts"  // the file has none
	Unclear     Trouble = "unreadable"   // any other reason: see the error
	BadAddress  Trouble = "bad-address"  // the address cannot be a server's
	Plain       Trouble = "plain"        // the password would be sent unencrypted
	HasPassword Trouble = "has-password" // the address contains a password
	NoPassword  Trouble = "no-password"  // there is a user, but the keyring has no password or does not return it
	Denied      Trouble = "denied"       // the server rejects the user or the password
	Unreachable Trouble = "unreachable"  // there is no connection, or it failed
	Slow        Trouble = "slow"         // the server took too long
	Untrusted   Trouble = "untrusted"    // the server's certificate cannot be verified
	Elsewhere   Trouble = "elsewhere"    // the server redirects to another one, or in circles
	NotFound    Trouble = "not-found"    // there is no address book at the address
	Nonsense    Trouble = "nonsense"     // the server's response cannot be parsed
	TooLarge    Trouble = "too-large"    // more than any address book contains
	OtherTable  Trouble = "other-table"  // its columns are not the ones chosen
	Emptied     Trouble = "emptied"      // it had contacts and has none now: that is more often a fault than intended
)

// SourceError is why a source cannot be read.
type SourceError struct {
	Trouble Trouble
	Err     error // the cause; nil if the trouble says everything
}

// Error returns the trouble and its cause, in English.
func (e *SourceError) Error() string {
	if e.Err == nil {
		return "contacts: " + string(e.Trouble)
	}
	return "contacts: " + string(e.Trouble) + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *SourceError) Unwrap() error { return e.Err }

// explain turns an error about a source into a SourceError.
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
	case errors.As(err, &certificate), strings.Contains(err.Error(), unverified): // StartTLS returns only the text
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

// unverified is crypto/tls's text for a certificate.
const unverified = "tls: failed to verify certificate"

// kept returns the stored form of the error; readError parses it.
func (e *SourceError) kept() string {
	if e.Err == nil {
		return string(e.Trouble)
	}
	return string(e.Trouble) + " " + e.Err.Error()
}

// readError is the inverse of kept; nil for "".
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
