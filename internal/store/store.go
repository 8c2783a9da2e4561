// Package store is the file in which Calltray keeps the history of calls and the contacts. It is an SQLite
// database that only its user can read.
//
// A store is always usable. If the file is not, the database is in memory, and Trouble says in a sentence why,
// and what that means. A damaged file is renamed, and one of a newer version is left alone: neither is deleted.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/adrg/xdg"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Path returns the path of the file: calltray/calltray.db in the user's data folder (XDG_DATA_HOME, by default
// ~/.local/share; %LocalAppData% on Windows, ~/Library/Application Support on macOS).
func Path() string { return filepath.Join(xdg.DataHome, "calltray", "calltray.db") }

// Store is an open database. Its methods may be called from any goroutine, and may take as long as the disk
// takes.
type Store struct {
	db      *sql.DB
	trouble error
	kept    bool   // in a file
	path    string // of the file
}

// Open opens or creates the file at a path; "" means a database in memory, without a Trouble. Only one process
// can have the file open at a time.
func Open(ctx context.Context, path string) *Store {
	s := &Store{}
	if path == "" {
		s.inMemory(ctx)
		return s
	}
	err := s.openFile(ctx, path)
	if is(err, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) {
		var aside string
		if aside, err = setAside(path); err == nil {
			if err = s.openFile(ctx, path); err == nil {
				s.trouble = &Error{Kind: Damaged, Aside: aside}
			}
		}
	}
	if err != nil {
		s.inMemory(ctx)
		s.trouble = explain(err)
	}
	return s
}

// Trouble returns why not everything is kept, or that the file started afresh, as an *Error; nil if there is
// nothing to report.
func (s *Store) Trouble() error { return s.trouble }

// Kept reports whether what is written survives a restart.
func (s *Store) Kept() bool { return s.kept }

// DB returns the database. It has one connection: a transaction must end before the next query.
func (s *Store) DB() *sql.DB { return s.db }

func (s *Store) inMemory(ctx context.Context) {
	ctx = context.WithoutCancel(ctx) // it takes no time, and there is no alternative
	s.db, s.kept = one("file::memory:?_pragma=foreign_keys(1)"), false
	if err := migrate(ctx, s.db, ""); err != nil {
		panic(fmt.Sprintf("store: no database in memory: %v", err)) // the schema is wrong
	}
}

// one opens a database limited to one connection.
func one(dsn string) *sql.DB {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		panic(err) // the driver is not linked in
	}
	db.SetMaxOpenConns(1)
	db.SetConnMaxLifetime(0)
	return db
}

// pragmas are the settings of the file. An exclusive lock needs no shared memory, and shows whether another
// process has the file open; full synchronisation makes an acknowledged row survive a power failure.
const pragmas = "?_pragma=busy_timeout(1000)&_pragma=locking_mode(EXCLUSIVE)&_pragma=journal_mode(WAL)" +
	"&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-1000)&_pragma=temp_store(MEMORY)&_txlock=immediate"

func (s *Store) openFile(ctx context.Context, path string) (err error) {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if onNetwork(folder) {
		return &Error{Kind: Network}
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) // created here, since SQLite would let others read it
	if err != nil {
		return err
	}
	if err := errors.Join(f.Close(), os.Chmod(path, 0o600)); err != nil {
		return err
	}
	db := one("file:" + uri(path) + pragmas)
	defer func() {
		if err != nil {
			_ = db.Close()
		}
	}()
	if !takeStamp(path) {
		if err := check(ctx, db); err != nil {
			return err
		}
	}
	if err := migrate(ctx, db, path); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "BEGIN IMMEDIATE; COMMIT"); err != nil { // the lock is taken by the first write
		return err
	}
	s.db, s.kept, s.path = db, true, path
	return nil
}

// check reads the whole file, so that damage is found before a call has to be written.
func check(ctx context.Context, db *sql.DB) error {
	var found string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&found); err != nil {
		return err
	}
	if found != "ok" {
		return &damaged{found}
	}
	return nil
}

// damaged is the result of quick_check.
type damaged struct{ what string }

func (d *damaged) Error() string { return "store: " + d.what }

// is reports whether an error has one of SQLite's primary result codes.
func is(err error, codes ...int) bool {
	var found *damaged
	if errors.As(err, &found) {
		return true
	}
	var e *sqlite.Error
	if errors.As(err, &e) {
		for _, code := range codes {
			if e.Code()&0xff == code {
				return true
			}
		}
	}
	return false
}

// setAside renames a damaged file, and its companion files.
func setAside(path string) (aside string, err error) {
	aside = path + ".damaged-" + time.Now().UTC().Format("20060102T150405.000")
	for _, part := range []string{"-wal", "-shm", "-journal", ""} {
		if e := os.Rename(path+part, aside+part); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = e
		}
	}
	return aside, err
}

// Error is why not everything is kept.
type Error struct {
	Kind  Kind
	Aside string // of Damaged: the file's new name
	err   error
}

// Kind is the kind of a problem.
type Kind int

// The kinds of problems.
const (
	Unusable Kind = iota // the system does not give access to the file; errors.Unwrap has the reason
	Damaged              // the file was damaged, and was renamed; a new one is used
	Newer                // a newer version of Calltray wrote the file
	Network              // it is on a network drive, where SQLite's locks are not reliable
	Held                 // another process has the file open
	Full                 // the disk is full
	ReadOnly             // it cannot be written
)

// sentences are for the user.
var sentences = map[Kind]string{
	Unusable: "The call history is not kept after Calltray ends, because its file cannot be used.",
	Damaged:  "The file of the call history was damaged: it was set aside, and the history begins anew.",
	Newer:    "The call history is not kept after Calltray ends, because a newer version of Calltray has written its file: update Calltray.",
	Network:  "The call history is not kept after Calltray ends, because its folder is on a network drive.",
	Held:     "The call history is not kept after Calltray ends, because another program has its file open: end that program, and start Calltray again.",
	Full:     "The newest calls are not kept, because the disk is full: make room, and they are kept then.",
	ReadOnly: "The newest calls are not kept, because the file of the call history cannot be written: allow that, and start Calltray again.",
}

// Sentence returns the sentence for the user, a key of the translations.
func (e *Error) Sentence() string { return sentences[e.Kind] }

// Error returns the sentence, with the cause.
func (e *Error) Error() string {
	switch {
	case e.err != nil:
		return e.Sentence() + " (" + e.err.Error() + ")"
	case e.Aside != "":
		return e.Sentence() + " (" + e.Aside + ")"
	}
	return e.Sentence()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.err }

// Explain turns the error of a failed write into an *Error.
func Explain(err error) error { return explain(err) }

// Refused reports whether a write failed because of its content: it will fail again however often it is tried.
func Refused(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && slices.Contains([]int{sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG}, e.Code()&0xff)
}

func explain(err error) *Error {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e
	case is(err, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
		return &Error{Kind: Held, err: err}
	case is(err, sqlite3.SQLITE_FULL):
		return &Error{Kind: Full, err: err}
	case is(err, sqlite3.SQLITE_READONLY), errors.Is(err, fs.ErrPermission):
		return &Error{Kind: ReadOnly, err: err}
	}
	return &Error{Kind: Unusable, err: err}
}

// uri converts a path to one for SQLite's URI filenames.
func uri(path string) string {
	escaped := strings.NewReplacer("?", "%3f", "#", "%23", "%", "%25").Replace(filepath.ToSlash(path))
	if len(escaped) > 1 && escaped[1] == ':' { // a Windows drive letter
		escaped = "/" + escaped
	}
	return escaped
}
