package support

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"

	"github.com/DeRuina/timberjack"
)

// The limits of the log: it takes (backups + 1) x fileMegabytes on disk, and ringBytes in memory.
const (
	fileMegabytes = 5
	backups       = 3
	ringLines     = 1000
	ringBytes     = 2 << 20
	longestLine   = 64 << 10
)

// Log is the program's log: a rotating file that only its user can read, and the last thousand lines in memory.
// Its methods may be called from any goroutine.
type Log struct {
	handler slog.Handler
	path    string

	mu      sync.Mutex
	file    *timberjack.Logger
	failed  error // why the last line is not in the file
	closed  bool
	secrets scrubber
	ring    [][]byte // oldest first; at most ringLines lines, and ringBytes in total
	size    int      // of the lines in ring
}

// OpenLog opens the log calltray.log in the folder (see Folder), which only one running program may own at a
// time: two would rotate the file under each other. Lines below the level are dropped; a *slog.LevelVar can
// change it later. If OpenLog returns an error, the Log is still usable: it has no file.
func OpenLog(folder string, level slog.Leveler) (*Log, error) {
	l := &Log{path: filepath.Join(folder, "calltray.log")}
	l.handler = slog.NewTextHandler(l, &slog.HandlerOptions{Level: level})
	err := prepare(folder)
	if err == nil {
		err = narrow(l.path)
	}
	if err == nil {
		l.file = &timberjack.Logger{Filename: l.path, MaxSize: fileMegabytes, MaxBackups: backups, FileMode: 0o600}
		_, err = l.file.Write(nil) // opens it, so that a folder that is not writable is detected now
	}
	if err != nil {
		l.failed, l.file = err, nil
		return l, fmt.Errorf("the log cannot be written to %s: %w", folder, err)
	}
	return l, nil
}

// Handler returns the handler for slog.New: one line of text per record.
func (l *Log) Handler() slog.Handler { return l.handler }

// Path returns the path of the file.
func (l *Log) Path() string { return l.path }

// Hide keeps a secret out of every line written from now on, in every spelling that a protocol gives it. It is
// a last resort: code must not log a secret in the first place.
func (l *Log) Hide(secret string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.secrets = l.secrets.with(secret)
}

// Write takes one line from the handler; it is not for other callers, which may not write whole lines.
func (l *Log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := withoutQueries(l.secrets.scrub(string(line)))
	if len(kept) > longestLine {
		// The text is dropped entirely: half a line may end with half a secret, which nobody would recognise.
		head, _, _ := bytes.Cut(line, []byte(" msg="))
		kept = fmt.Sprintf("%s msg=\"a line of %d bytes was left out\"\n", head[:min(len(head), 100)], len(kept))
	}
	l.keep([]byte(kept))
	if l.file != nil && !l.closed {
		_, l.failed = l.file.Write([]byte(kept))
	}
	return len(line), nil // nobody checks a handler's error; see Err
}

// keep adds a line to the ring, and drops the oldest to make room.
func (l *Log) keep(line []byte) {
	l.ring, l.size = append(l.ring, line), l.size+len(line)
	for len(l.ring) > ringLines || l.size > ringBytes {
		l.size -= len(l.ring[0])
		l.ring[0] = nil
		l.ring = l.ring[1:]
	}
}

// Recent returns the last lines, at most a thousand, oldest first.
func (l *Log) Recent() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := make([]string, len(l.ring))
	for i, line := range l.ring {
		lines[i] = string(bytes.TrimRight(line, "\n"))
	}
	return lines
}

// Err returns why the last line could not be written to the file (such as a full disk), nil if it could.
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

// Close closes the file and waits until old ones are deleted. Later lines are kept in memory only.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.file == nil {
		return nil
	}
	l.closed = true
	return l.file.Close()
}
