// Package atomicfile writes files atomically: whole or not at all.
package atomicfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// mark is part of the name of a file that is being written.
const mark = ".tmp-"

// stale is the age from which such a file is a leftover: its writer has ended without renaming it.
const stale = time.Minute

// Write replaces a file in one step, with mode 0600: it writes a new file beside it, syncs it, and renames it.
// A reader of path gets the old content or the new, even after a power failure. A symbolic link is replaced,
// not followed; a caller that wants its target resolves it first. The folder must exist. On an error the old
// file is untouched.
func Write(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+mark+"*") // fails rather than opening an existing file
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("the file cannot be put in its place: %w", err)
	}
	return nil
}

// RemoveLeftovers removes unfinished files of writers that were killed while writing path. It does not touch
// those younger than a minute: they may still be in use.
func RemoveLeftovers(path string) {
	left, err := filepath.Glob(escapeGlob(path) + mark + "*")
	if err != nil {
		return
	}
	for _, name := range left {
		if info, err := os.Lstat(name); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > stale {
			_ = os.Remove(name) // another program may have removed it already
		}
	}
}

// escapeGlob quotes the characters that are special to filepath.Glob.
func escapeGlob(path string) string {
	if os.PathSeparator == '\\' {
		return path // Windows has no quoting, and users' folders have no brackets
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}
