package transport

import (
	"cmp"
	"errors"
	"net/url"

	"calltray/cstasession/internal/wire"
)

// said makes an error safe to leave this package: it has no query of any address, which may be a ticket, and no
// server text that was not cleaned. Every error of a dial or a link goes through it.
func said(secret wire.Scrubber, err error) error {
	var request *url.Error
	for errors.As(err, &request) { // its text includes the whole address
		err = request.Err
	}
	if err == nil {
		return nil
	}
	if text := secret.Clean(err.Error()); text != err.Error() {
		return &saidError{cmp.Or(text, "csta: an error without words"), err}
	}
	return err
}

// saidError is an error with another text. errors.Is and errors.As see the original, which cannot be unwrapped.
type saidError struct {
	text string
	err  error
}

// Error returns the cleaned text.
func (e *saidError) Error() string { return e.text }

// Is reports whether the original error is target.
func (e *saidError) Is(target error) bool { return errors.Is(e.err, target) }

// As finds an error of this program's own types or of the network's.
func (e *saidError) As(target any) bool { return errors.As(e.err, target) }
