//go:build !windows

package support

import (
	"os"
	"syscall"
)

// own reports whether a file belongs to this user, and to it alone: what has a second name may be somebody's
// trap.
func own(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid() && st.Nlink == 1
}
