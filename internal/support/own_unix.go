//go:build !windows

package support

import (
	"os"
	"syscall"
)

// own reports whether a file belongs to this user, and has no other name: a hard link may be somebody's trap.
func own(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid() && st.Nlink == 1
}
