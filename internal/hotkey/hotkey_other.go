//go:build !linux && !freebsd && !openbsd && !netbsd && !windows

package hotkey

import "context"

// watch: macOS gives such keys through Carbon, which takes a C compiler, or to a program that may watch every key.
func watch(context.Context, []Binding, func(Binding, error), func(Binding)) error {
	return ErrUnsupported
}
