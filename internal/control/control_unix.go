//go:build !windows

package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"github.com/adrg/xdg"
	"github.com/gofrs/flock"
)

// place is the path of the lock file and the socket, without their suffixes.
type place string

// longestSocket is how many bytes the path of a socket may have. (unix(7), sun_path; macOS has four less)
const longestSocket = 103

// noPlace is why no folder is usable.
type noPlace struct{ why error }

func (e noPlace) Error() string {
	return "control: no folder for the lock and the channel: " + e.why.Error()
}
func (e noPlace) Unwrap() error { return e.why }

// Sentence is what the user reads.
func (e noPlace) Sentence() string {
	return "Calltray has no folder of its own to be reached in: look whether XDG_RUNTIME_DIR, or the folder .local/state in your home, is yours and can be written."
}

// placeOf returns name's place, in a folder that it creates: in the login session's runtime folder or, without
// one (a server, a container), in the user's own state folder. The shared temporary folder comes last, since
// anybody can take the name there; all are checked equally strictly, and what is not ours is never used.
func placeOf(name string) (place, error) {
	var dirs []string
	if fi, err := os.Stat(xdg.RuntimeDir); err == nil && fi.IsDir() {
		dirs = append(dirs, filepath.Join(xdg.RuntimeDir, "calltray"))
	}
	dirs = append(dirs, filepath.Join(xdg.StateHome, "calltray", "run"), filepath.Join(os.TempDir(), fmt.Sprintf("calltray-%d", os.Getuid())))
	var errs []error
	for _, dir := range dirs {
		path := filepath.Join(dir, name)
		err := os.MkdirAll(dir, 0o700)
		if err == nil {
			err = ours(dir)
		}
		if err == nil && len(path)+len(".sock") > longestSocket {
			err = errors.New("the path is too long for a socket")
		}
		if err == nil {
			return place(path), nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", dir, err))
	}
	return "", noPlace{errors.Join(errs...)}
}

// ours returns an error unless dir is a folder of this user that nobody else can enter.
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

func (p place) file() *flock.Flock {
	return flock.New(string(p)+".lock", flock.SetPermissions(0o600))
}

// lock takes the lock, or returns ErrRunning.
func (p place) lock() (io.Closer, error) {
	lock := p.file()
	switch ok, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("control: the lock file %s: %w", lock.Path(), err)
	case !ok:
		return nil, ErrRunning
	}
	return lock, nil
}

// locked reports whether an instance holds the lock.
func (p place) locked() bool {
	lock := p.file()
	defer lock.Close()
	free, err := lock.TryRLock()
	return !free && err == nil
}

// listen opens the socket. The holder of the lock owns it: an existing one was left by a killed process.
func (p place) listen() (net.Listener, error) {
	path := string(p) + ".sock"
	_ = os.Remove(path)
	listener, err := net.Listen("unix", path)
	if err == nil {
		if err = os.Chmod(path, 0o600); err == nil {
			return listener, nil // removes the socket when it is closed
		}
		_ = listener.Close()
	}
	return nil, fmt.Errorf("control: the socket %s: %w", path, err)
}

func (p place) dial(ctx context.Context) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "unix", string(p)+".sock")
}

// AllowForeground is needed only on Windows.
func AllowForeground() {}
