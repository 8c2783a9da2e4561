package csta

import (
	"fmt"
	"log/slog"
)

// Password is a secret that does not print. The zero Password is empty. It is a struct around a pointer, so
// that fmt prints at most an address, even where it cannot call methods.
type Password struct{ secret *string }

// NewPassword wraps a secret.
func NewPassword(secret string) Password { return Password{&secret} }

// IsEmpty reports whether there is no secret.
func (p Password) IsEmpty() bool { return p.secret == nil || *p.secret == "" }

// Reveal returns the secret. It has two callers: the encoder of the login request, and the keyring.
func (p Password) Reveal() string {
	if p.secret == nil {
		return ""
	}
	return *p.secret
}

const Redacted = "[redacted]"

// String, GoString, Format, LogValue and MarshalText all return "[redacted]".
func (p Password) String() string { return Redacted }

// GoString returns "[redacted]".
func (p Password) GoString() string { return Redacted }

// Format writes "[redacted]", whatever the verb.
func (p Password) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(Redacted)) }

// LogValue returns "[redacted]".
func (p Password) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText returns "[redacted]".
func (p Password) MarshalText() ([]byte, error) { return []byte(Redacted), nil }
