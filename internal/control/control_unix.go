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

// place is the path of the lock file and the socket, without their endings.
type place string

// placeOf returns name's place, in a folder that it makes.
func placeOf(name string) (place, error) {
	dir := filepath.Join(xdg.RuntimeDir, "calltray")
	if fi, err := os.Stat(xdg.RuntimeDir); err != nil || !fi.IsDir() {
		// A login without a runtime folder (a server, a container). The name in the shared folder can
		// be taken by somebody else, so it is looked at closely.
		dir = filepath.Join(os.TempDir(), fmt.Sprintf("calltray-%d", os.Getuid()))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("control: the folder for the lock: %w", err)
	}
	if err := ours(dir); err != nil {
		return "", fmt.Errorf("control: %s: %w", dir, err)
	}
	return place(filepath.Join(dir, name)), nil
}

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

// listen makes the socket. Whoever holds the lock owns it: what is there was left by a killed process.
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

// AllowForeground is needed on Windows alone.
func AllowForeground() {}
