package csta

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"strings"
)

// Fingerprint is the SHA-256 of a certificate in the form people compare: hex digits in pairs.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	pairs := make([]string, len(sum))
	for i, b := range sum {
		pairs[i] = strings.ToUpper(hex.EncodeToString([]byte{b}))
	}
	return strings.Join(pairs, ":")
}

// PinError: the server's certificate is not the one that was pinned for it.
type PinError struct {
	Pinned, Shown string // fingerprints
}

// Error names both fingerprints.
func (e *PinError) Error() string {
	return fmt.Sprintf("csta: the server's certificate has changed: pinned was %s, it shows %s", e.Pinned, e.Shown)
}
