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
