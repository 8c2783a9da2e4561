package store

import (
	"context"
	"fmt"
	"os"
	"time"
)

// A file that was checked when it was last closed, and that nobody has touched since, is not read as a whole once more
// when it is opened: with a hundred thousand calls that takes half a second. What says so lies beside it, and is gone
// while the file is open: after a crash, and after a change by another program, everything is checked.

// checkLimit is how long the end of the program may take to check the file; if that is not enough, the next start does.
const checkLimit = time.Second

// tick is more than the least by which the times of files differ.
const tick = 20 * time.Millisecond

// stamp is what a file looks like from outside; "" if something of it is still to be written back.
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

// takeStamp reports whether the file was checked when it was closed, and has not changed; and forgets it.
func takeStamp(path string) bool {
	was, err := os.ReadFile(path + ".checked")
	if err != nil {
		return false
	}
	return os.Remove(path+".checked") == nil && len(was) > 0 && string(was) == stamp(path)
}

// leaveStamp has the next start trust a file, which is closed by now. A change that comes later has another time.
func leaveStamp(path string) {
	if info, err := os.Stat(path); err == nil {
		time.Sleep(min(max(0, time.Until(info.ModTime().Add(tick))), tick))
	}
	if s := stamp(path); s != "" {
		_ = os.WriteFile(path+".checked", []byte(s), 0o600) // without it the next start checks
	}
}

// Close writes what the database still holds back, and closes it. It may take a second: the file is checked.
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
