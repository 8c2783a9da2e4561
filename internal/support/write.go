package support

import (
	"errors"
	"os"

	"calltray/internal/atomicfile"
)

// refusal is why a file cannot be written.
type refusal string

func (r refusal) Error() string { return "support: " + string(r) }

// Sentence is what the user reads.
func (r refusal) Sentence() string { return string(r) }

const (
	errLink    refusal = "There is a link of that name, which may lead anywhere: name another file."
	errForeign refusal = "There is a file of that name that belongs to somebody else: name another file."
	errNoFile  refusal = "There is something of that name that is no file: name another file."
)

// WriteFile writes a file for its user only (mode 0600), atomically, replacing an existing file of the same
// user, whatever its mode. It does not follow symbolic links or write to another user's file: in a shared
// folder, either could be a trap. Its errors are the system's, or have a Sentence for the user.
func WriteFile(path string, data []byte) error {
	switch info, err := os.Lstat(path); {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return err
	case info.Mode()&os.ModeSymlink != 0:
		return errLink
	case !info.Mode().IsRegular():
		return errNoFile
	case !own(info):
		return errForeign
	}
	atomicfile.RemoveLeftovers(path)
	return atomicfile.Write(path, data) // replaces a link that was created meanwhile, and does not follow it
}
