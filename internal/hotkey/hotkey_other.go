//go:build !linux && !freebsd && !openbsd && !netbsd && !windows

package hotkey

import "context"

// watch: macOS offers such keys through Carbon, which needs a C compiler, or to a program that may observe
// every key.
func watch(context.Context, []Binding, func(Binding, error), func(Binding)) error {
	return ErrUnsupported
}
