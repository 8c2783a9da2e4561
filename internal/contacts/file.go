package contacts

import (
	"bytes"
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

// extensions are those of the files in a folder that are read.
var extensions = []string{".vcf", ".vcard", ".csv", ".txt", ".tsv"}

// Extensions returns the file name extensions of files with contacts.
func Extensions() []string { return slices.Clone(extensions) }

// IsTable reports whether an address has the extension of a table.
func IsTable(address string) bool {
	return !IsServer(address) && slices.Contains([]string{".csv", ".txt", ".tsv"}, strings.ToLower(filepath.Ext(address)))
}

// maxFiles is the largest number of files read from a folder.
const maxFiles = 50_000

// files lists the files to read at a path.
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

// markOf returns a value that changes when a file, or a file in a folder, does.
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

// readPath reads a file, or the files in a folder; a file in a folder that cannot be read is counted, and does
// not affect the others.
func readPath(path string, layout *Layout) (all []Contact, report Report, mark string, err error) {
	if mark, err = markOf(path); err != nil {
		return nil, report, "", err
	}
	list, err := files(path)
	if err != nil {
		return nil, report, "", err
	}
	for _, p := range list {
		contacts, one, err := ReadFile(p, layout)
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

// ReadFile reads a file, which may be cards or a table. layout, which may be nil, says what the columns
// contain.
func ReadFile(path string, layout *Layout) ([]Contact, Report, error) {
	data, err := contents(path)
	if err != nil {
		return nil, Report{}, err
	}
	if layout != nil && !isCards(data) {
		return ReadCSV(data, layout)
	}
	return Read(data)
}

// contents reads a file, up to a little more than the largest accepted size.
func contents(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// isCards reports whether a file begins like one with cards.
func isCards(data []byte) bool {
	head, _ := decoded(data[:min(len(data), 4096)&^1])
	return bytes.Contains(bytes.ToUpper([]byte(head)), []byte("BEGIN:VCARD"))
}

// Read reads cards or a table.
func Read(data []byte) ([]Contact, Report, error) {
	if isCards(data) {
		return ReadVCards(data)
	}
	list, report, err := ReadCSV(data, nil)
	if errors.Is(err, ErrNoColumns) {
		if cards, other, err := ReadVCards(data); err == nil {
			return cards, other, nil
		}
	}
	return list, report, err
}
