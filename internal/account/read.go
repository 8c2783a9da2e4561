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

// Limits of a settings file. What is larger is not ours, and reading it must not take the program's memory
// or time: the TOML package keeps a table for each dot and each bracket.
const (
	maxFile   = 1 << 20 // bytes
	maxLine   = 8 << 10 // bytes
	maxLines  = 2000    // of settings
	maxNested = 2000    // dots and brackets of settings
	maxNames  = 50_000  // lines of names, and dots and brackets
)

// readFile reads a file that is a regular one, and not too large. A FIFO would wait for whoever writes to it.
func readFile(path string) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f)
}

var errTooLarge = fmt.Errorf("the file is larger than %d bytes", maxFile)

// errNotRegular: a FIFO, a device or a folder is no settings file.
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

// implausible returns which line, from 1 on, shows that the text is no file of ours, 0 if none does.
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

// unreadable says where a settings file cannot be read, and what to do. It names a key and a line, and never
// what is written there: that may be a password which somebody put into the wrong place.
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

// errSyntax stands for the TOML package's error, which quotes the file.
var errSyntax = errors.New("account: the settings file cannot be read")

// keyAt returns the key of a setting that a line begins with, "" if it is none of ours.
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

// fieldKind is the kind of a setting's value, Invalid for a key that is not ours.
func fieldKind(key string) reflect.Kind {
	i, known := fieldOf(key)
	if !known {
		return reflect.Invalid
	}
	return reflect.TypeFor[Settings]().Field(i).Type.Kind()
}

// firstUnknown returns the first line that sets one of the keys at the top of the file or begins a table of
// it, and which key. The TOML package keeps lines to itself.
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
