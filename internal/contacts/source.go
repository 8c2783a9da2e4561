package contacts

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Source is where contacts come from: a file, or a folder of files. It is only read.
type Source struct {
	ID        int64
	Address   string    // the path
	Refreshed time.Time // when it was read last; zero if it never could be
	Err       string    // why it could not be read the last time, in English; "" if it could
	Count     int       // contacts that it gave
}

// AddSource makes a file or a folder a source, after those that there are, and reads it.
func (b *Book) AddSource(ctx context.Context, path string) (Report, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Report{}, err
	}
	list, report, mark, err := readPath(path)
	if err != nil {
		return report, err
	}
	err = b.transact(ctx, func(tx *sql.Tx) error {
		var id int64
		err := tx.QueryRowContext(ctx, `INSERT INTO sources (kind, address, position) VALUES ('file', ?, (SELECT coalesce(max(position), 0) + 1 FROM sources))
			ON CONFLICT (address) DO UPDATE SET kind = kind RETURNING id`, path).Scan(&id)
		if err != nil {
			return err
		}
		return fill(ctx, tx, id, mark, list)
	})
	return report, err
}

// RemoveSource takes a source away with its contacts.
func (b *Book) RemoveSource(ctx context.Context, id int64) error {
	return b.transact(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM contacts WHERE source = ?1 AND ?1 != 0", id)
		if err == nil {
			_, err = tx.ExecContext(ctx, "DELETE FROM sources WHERE id = ?", id)
		}
		return err
	})
}

// fill puts what a source holds in place of what it held, all or nothing.
func fill(ctx context.Context, tx *sql.Tx, id int64, mark string, list []Contact) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM contacts WHERE source = ?", id); err != nil {
		return err
	}
	for _, c := range list {
		if _, err := insert(ctx, tx, id, c); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, "UPDATE sources SET refreshed = ?, mark = ?, error = '' WHERE id = ?", time.Now().UnixMilli(), mark, id)
	return err
}

// Sources lists the sources in their order.
func (b *Book) Sources(ctx context.Context) (list []Source, err error) {
	s, err := b.Ready(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.DB().QueryContext(ctx, "SELECT id, address, refreshed, error, (SELECT count(*) FROM contacts WHERE source = sources.id) FROM sources ORDER BY position")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var src Source
		var refreshed int64
		if err := rows.Scan(&src.ID, &src.Address, &refreshed, &src.Err, &src.Count); err != nil {
			return nil, err
		}
		if refreshed > 0 {
			src.Refreshed = time.UnixMilli(refreshed)
		}
		list = append(list, src)
	}
	return list, rows.Err()
}

// Refresh reads the sources that have changed, or with all every one, and reports whether any contacts are new. What a
// source held stays while it cannot be read; why it cannot is in its Err.
func (b *Book) Refresh(ctx context.Context, all bool) (changed bool, err error) {
	sources, err := b.Sources(ctx)
	if err != nil {
		return false, err
	}
	for _, src := range sources {
		var had string
		s, err := b.Ready(ctx)
		if err == nil {
			err = s.DB().QueryRowContext(ctx, "SELECT mark FROM sources WHERE id = ?", src.ID).Scan(&had)
		}
		if err != nil {
			return changed, err
		}
		if mark, err := markOf(src.Address); err == nil && mark == had && src.Err == "" && !all {
			continue
		}
		list, _, mark, failed := readPath(src.Address)
		err = b.transact(ctx, func(tx *sql.Tx) error {
			if failed != nil {
				_, err := tx.ExecContext(ctx, "UPDATE sources SET error = ? WHERE id = ?", failed.Error(), src.ID)
				return err
			}
			changed = true
			return fill(ctx, tx, src.ID, mark, list)
		})
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// extensions are the files of a folder that are read.
var extensions = []string{".vcf", ".vcard", ".csv", ".txt", ".tsv"}

// maxFiles is how many files of a folder are read.
const maxFiles = 50_000

// files lists what there is to read at a path.
func files(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, err
	}
	var list []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && slices.Contains(extensions, strings.ToLower(filepath.Ext(p))) {
			if list = append(list, p); len(list) >= maxFiles {
				return fs.SkipAll
			}
		}
		return nil
	})
	return list, err
}

// markOf is what changes when a file, or one in a folder, does.
func markOf(path string) (string, error) {
	list, err := files(path)
	if err != nil {
		return "", err
	}
	newest, size := time.Time{}, int64(0)
	for _, p := range list {
		info, err := os.Stat(p)
		if err != nil {
			return "", err
		}
		if size += info.Size(); info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	return fmt.Sprint(len(list), " ", size, " ", newest.UnixNano()), nil
}

// readPath reads a file, or the files of a folder; one of a folder that cannot be read is counted, and costs no other.
func readPath(path string) (all []Contact, report Report, mark string, err error) {
	if mark, err = markOf(path); err != nil {
		return nil, report, "", err
	}
	list, err := files(path)
	if err != nil {
		return nil, report, "", err
	}
	for _, p := range list {
		contacts, one, err := ReadFile(p)
		if err != nil && len(list) == 1 {
			return nil, one, "", err
		}
		if err != nil {
			report.drop(Unreadable)
			continue
		}
		report.Format = one.Format
		report.Read += one.Read
		for why, n := range one.Dropped {
			for range n {
				report.drop(why)
			}
		}
		all = append(all, contacts[:min(len(contacts), maxContacts-len(all))]...)
	}
	report.Kept = len(all)
	return all, report, mark, nil
}

// ReadFile reads a file of cards or a table, whichever it is.
func ReadFile(path string) ([]Contact, Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, Report{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, Report{}, err
	}
	return Read(data)
}

// Read reads cards or a table, whichever it is.
func Read(data []byte) ([]Contact, Report, error) {
	head, _ := decoded(data[:min(len(data), 4096)&^1])
	if bytes.Contains(bytes.ToUpper([]byte(head)), []byte("BEGIN:VCARD")) {
		return ReadVCards(data)
	}
	list, report, err := ReadCSV(data)
	if errors.Is(err, ErrNoColumns) {
		if cards, other, err := ReadVCards(data); err == nil {
			return cards, other, nil
		}
	}
	return list, report, err
}
