package support

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"
)

const (
	crashFile = "crash.txt"
	// crashTime is the format of the name of a kept trace, in UTC; the names sort by age.
	crashTime = "crash-20060102-150405.txt"
	crashGlob = "crash-[0-9]*.txt"
	crashKept = 3
)

// CatchCrashes makes the runtime write the trace of a crash (a panic in any goroutine, or a runtime error) to
// crash.txt in the folder, readable only by its user, in addition to standard error, which a program without a
// terminal does not have. previous is the trace that the last run left, "" if there is none: it is returned
// once, and kept under another name together with the two before it. Call it once, early, and in only one
// running program at a time.
func CatchCrashes(folder string) (previous string, err error) {
	if err := prepare(folder); err != nil {
		return "", err
	}
	path := filepath.Join(folder, crashFile)
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		previous = filepath.Join(folder, info.ModTime().UTC().Format(crashTime))
		if err := os.Rename(path, previous); err != nil {
			return "", fmt.Errorf("the trace of the last crash cannot be kept: %w", err)
		}
		old, _ := filepath.Glob(filepath.Join(folder, crashGlob)) // the pattern is valid
		slices.Sort(old)
		for _, p := range old[:max(0, len(old)-crashKept)] {
			if p != previous { // a clock that was set back must not cost the newest
				os.Remove(p)
			}
		}
	}
	if err := narrow(path); err != nil {
		return previous, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return previous, fmt.Errorf("the trace of a crash could not be kept: %w", err)
	}
	defer file.Close() // the runtime has its own descriptor
	debug.SetTraceback("all")
	if err := debug.SetCrashOutput(file, debug.CrashOptions{}); err != nil {
		return previous, fmt.Errorf("the trace of a crash could not be kept: %w", err)
	}
	return previous, nil
}

// PreviousCrash returns the newest kept trace of a crash, and when it happened.
func PreviousCrash(folder string) (path string, at time.Time, found bool) {
	kept, _ := filepath.Glob(filepath.Join(folder, crashGlob))
	if len(kept) == 0 {
		return "", time.Time{}, false
	}
	path = slices.Max(kept)
	at, err := time.Parse(crashTime, filepath.Base(path))
	return path, at, err == nil
}
