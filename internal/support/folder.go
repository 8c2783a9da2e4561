// Package support has what a call to the support needs: a bounded log (in a file and, the last
// lines, in memory), the trace of a crash, and one text file about this machine and program in which
// there is no password and, if so wished, no telephone number.
package support

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/adrg/xdg"
)

// Folder returns where the log and the traces of crashes are kept: calltray in the user's folder for
// state (XDG_STATE_HOME, by default ~/.local/state; %LocalAppData% on Windows, ~/Library/Application
// Support on macOS).
func Folder() string { return filepath.Join(xdg.StateHome, "calltray") }

// prepare makes the folder for its user alone. One that is there already is narrowed.
func prepare(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("the folder for the log cannot be made: %w", err)
	}
	if err := os.Chmod(folder, 0o700); err != nil {
		return fmt.Errorf("the folder for the log cannot be kept to its user: %w", err)
	}
	return nil
}

// narrow keeps a file of an earlier start to its user; none is fine.
func narrow(path string) error {
	if err := os.Chmod(path, 0o600); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("%s cannot be kept to its user: %w", filepath.Base(path), err)
	}
	return nil
}
