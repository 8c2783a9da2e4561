// Package support provides what support needs: a bounded log (in a file and, for the last lines, in memory),
// the trace of a crash, and one text file about this machine and program that contains no password and, if
// wanted, no telephone number.
package support

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/adrg/xdg"
)

// Folder returns where the log and the traces of crashes are kept: calltray in the user's state folder
// (XDG_STATE_HOME, by default ~/.local/state; %LocalAppData% on Windows, ~/Library/Application Support on
// macOS).
func Folder() string { return filepath.Join(xdg.StateHome, "calltray") }

// prepare creates the folder, accessible only to its user. The permissions of an existing one are narrowed.
func prepare(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("the folder for the log cannot be made: %w", err)
	}
	if err := os.Chmod(folder, 0o700); err != nil {
		return fmt.Errorf("the folder for the log cannot be kept to its user: %w", err)
	}
	return nil
}

// narrow restricts a file of an earlier start to its user; it need not exist.
func narrow(path string) error {
	if err := os.Chmod(path, 0o600); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("%s cannot be kept to its user: %w", filepath.Base(path), err)
	}
	return nil
}
