package store

import (
	"context"
	"fmt"
	"os"
	"time"
)

// A file that was checked when it was last closed, and not modified since, is not read completely again when it
// is opened: with a hundred thousand calls, that takes half a second. A stamp beside the file says so, and is
// absent while the file is open: after a crash, or a modification by another program, everything is checked.

// checkLimit is how long checking the file may take when the program ends; if that is not enough, the next
// start does it.
const checkLimit = time.Second

// tick is more than the resolution of file times.
const tick = 20 * time.Millisecond

// stamp returns a file's state as seen from outside; "" if there are pending writes.
func stamp(path string) string {
	if wal, err := os.Stat(path + "-wal"); err == nil && wal.Size() > 0 {
		return ""
	}
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintln(info.Size(), info.ModTime().UnixNano())
}

// takeStamp reports whether the file was checked when it was closed and has not changed, and deletes the stamp.
func takeStamp(path string) bool {
	was, err := os.ReadFile(path + ".checked")
	if err != nil {
		return false
	}
	return os.Remove(path+".checked") == nil && len(was) > 0 && string(was) == stamp(path)
}

// leaveStamp makes the next start trust a file, which must be closed. A later modification changes its time.
func leaveStamp(path string) {
	if info, err := os.Stat(path); err == nil {
		time.Sleep(min(max(0, time.Until(info.ModTime().Add(tick))), tick))
	}
	if s := stamp(path); s != "" {
		_ = os.WriteFile(path+".checked", []byte(s), 0o600) // without a stamp, the next start checks the file
	}
}

// Close writes what the database has not written yet, and closes it. It may take a second: the file is checked.
func (s *Store) Close() error {
	sound := false
	if s.kept {
		ctx, cancel := context.WithTimeout(context.Background(), checkLimit)
		sound = check(ctx, s.db) == nil
		cancel()
	}
	err := s.db.Close()
	if sound && err == nil {
		leaveStamp(s.path)
	}
	return err
}
