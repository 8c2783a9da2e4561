//go:build !windows

package control

import (
	"errors"
	"os"
	"syscall"
)

// ours reports an error unless dir is a folder of this user that nobody else can enter.
func ours(dir string) error {
	fi, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !fi.IsDir() || !ok || int(st.Uid) != os.Getuid() {
		return errors.New("not a folder of this user")
	}
	if fi.Mode().Perm() != 0o700 {
		return os.Chmod(dir, 0o700)
	}
	return nil
}

// allowForeground is Windows' business.
func allowForeground() {}
