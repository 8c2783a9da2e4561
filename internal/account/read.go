package account

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"syscall"

	"github.com/BurntSushi/toml"
)

// Limits of a settings file. A larger one is not ours, and parsing it must not use up the program's memory or
// time: the TOML package keeps a table for each dot and each bracket.
const (
	maxFile   = 1 << 20 // bytes
	maxLine   = 8 << 10 // bytes
	maxLines  = 2000    // of settings
	maxNested = 2000    // dots and brackets of settings
	maxNames  = 50_000  // lines of names, and dots and brackets
)

// readFile reads a file that is regular and not too large. A FIFO would wait for a writer.
func readFile(path string) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f)
}

var errTooLarge = fmt.Errorf("the file is larger than %d bytes", maxFile)

// errNotRegular: a FIFO, a device or a folder is not a settings file.
var errNotRegular = errors.New("it is not a regular file")

func openRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		_ = f.Close()
		if err == nil {
			err = errNotRegular
		}
		return nil, err
	}
	return f, nil
}

func readAll(f *os.File) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = errTooLarge
	}
	return data, err
}

// implausible returns the line, from 1 on, that shows that the text is not a file of ours, 0 if there is none.
func implausible(data []byte, maxLines, maxNested int) (line int) {
	n, nested := 0, 0
	for text := range bytes.Lines(data) {
		n++
		for _, c := range text {
			if c == '.' || c == '[' || c == '{' {
				nested++
			}
		}
		if n > maxLines || len(text) > maxLine || nested > maxNested {
			return n
		}
	}
	return 0
}

// unreadable says where a settings file cannot be parsed, and what to do. It names the key and the line, but
// never quotes the value, which may be a password in the wrong place.
func unreadable(path, what string, data []byte, err error) *FileError {
	fe := &FileError{Path: path, err: errSyntax}
	var pe toml.ParseError
	if errors.As(err, &pe) {
		fe.Line = pe.Position.Line
	} else if _, text, ok := strings.Cut(err.Error(), "toml: line "); ok {
		_, _ = fmt.Sscanf(text, "%d", &fe.Line) // a value of the wrong type
	}
	key := keyAt(data, fe.Line)
	switch fieldKind(key) {
	case reflect.String:
		fe.Why = fmt.Sprintf(`%s cannot be read: write %s = "…", with quotes and once.`, what, key)
	case reflect.Bool:
		fe.Why = fmt.Sprintf("%s cannot be read: write %s = true or %s = false, once.", what, key, key)
	case reflect.Int, reflect.Int64:
		fe.Why = fmt.Sprintf("%s cannot be read: write %s and a number, without quotes and once.", what, key)
	default:
		fe.Why = what + " cannot be read: correct this line, or delete it."
		if fe.Line == 0 {
			fe.Why = what + " cannot be read: correct the file, or delete it."
		}
	}
	return fe
}

// errSyntax replaces the TOML package's error, which quotes the file.
var errSyntax = errors.New("account: the settings file cannot be read")

// keyAt returns the key of a setting at the beginning of a line, "" if it is not one of ours.
func keyAt(data []byte, line int) string {
	n := 0
	for text := range bytes.Lines(data) {
		if n++; n != line {
			continue
		}
		key, _, _ := strings.Cut(string(bytes.TrimPrefix(text, []byte("\ufeff"))), "=")
		key = strings.ToLower(strings.Trim(key, " \t\"'"))
		if _, known := fieldOf(key); known {
			return key
		}
	}
	return ""
}

// fieldKind returns the kind of a setting's value, Invalid for a key that is not ours.
func fieldKind(key string) reflect.Kind {
	i, known := fieldOf(key)
	if !known {
		return reflect.Invalid
	}
	return reflect.TypeFor[Settings]().Field(i).Type.Kind()
}

// firstUnknown returns the first line that sets one of the keys at the top level of the file or begins a table
// of that name, and the key. The TOML package does not return lines.
func firstUnknown(data []byte, keys map[string]any) (key string, line int) {
	n := 0
	for text := range bytes.Lines(data) {
		n++
		word := strings.TrimLeft(string(text), " \t[")
		if end := strings.IndexAny(word, "=.]"); end >= 0 {
			word = strings.Trim(word[:end], " \t\"'")
			if _, ok := keys[word]; ok {
				return word, n
			}
		}
	}
	for key := range keys {
		return key, 1
	}
	return "", 1
}
