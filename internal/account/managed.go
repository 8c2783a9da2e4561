package account

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/adrg/xdg"
)

// Managed is what the administrator of the computer has set for all its users.
type Managed struct {
	Settings
	// Locked names the settings that the user's own file does not change.
	Locked []Field `toml:"locked"`
}

// Locks reports whether a setting is the administrator's alone.
func (m Managed) Locks(f Field) bool { return slices.Contains(m.Locked, f) }

// ManagedPaths returns where the administrator's settings may be, those that count more first:
// calltray/settings.toml in each folder of $XDG_CONFIG_DIRS (/etc/xdg), Calltray/settings.toml in
// %ProgramData% or /Library/Application Support.
func ManagedPaths() []string {
	folders, name := xdg.ConfigDirs, "calltray"
	switch runtime.GOOS {
	case "windows":
		folders, name = []string{os.Getenv("ProgramData")}, "Calltray"
	case "darwin":
		name = "Calltray"
	}
	var paths []string
	for _, folder := range folders {
		if filepath.IsAbs(folder) {
			paths = append(paths, filepath.Join(folder, name, "settings.toml"))
		}
	}
	return paths
}

// LoadManaged reads the administrator's settings. What cannot be used of them is left out, and is a
// *FileError for each file, which are ErrIgnored.
func LoadManaged() (Managed, error) {
	var (
		all  Managed
		errs []error
	)
	for _, path := range slices.Backward(ManagedPaths()) {
		m, keys, err := readManaged(path)
		if err != nil {
			errs = append(errs, err)
		}
		all.Settings = overlay(all.Settings, m.Settings, keys)
		all.Locked = append(all.Locked, m.Locked...)
	}
	return all, errors.Join(errs...)
}

func readManaged(path string) (Managed, keys, error) {
	ignored := func(why string) error { return &FileError{Path: path, Why: why, err: ErrIgnored} }
	f, err := openRegular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Managed{}, nil, nil
	}
	if err != nil {
		return Managed{}, nil, ignored("Your administrator's settings cannot be read: " + cause(err) + ".")
	}
	defer f.Close()
	if !trusted(f) {
		return Managed{}, nil, ignored("These settings do not come from an administrator, and are not used: delete the file.")
	}
	data, err := readAll(f)
	if err != nil {
		return Managed{}, nil, ignored("Your administrator's settings cannot be read: " + cause(err) + ".")
	}
	var m Managed
	_, err = decode(path, data, &m)
	var fe *FileError
	if errors.As(err, &fe) && !errors.Is(err, ErrIgnored) {
		return Managed{}, nil, &FileError{Path: path, Line: fe.Line, Why: fe.Why, err: ErrIgnored}
	}
	for _, key := range m.Locked {
		if _, known := fieldOf(string(key)); !known {
			return m, keysOf(data), errors.Join(err, ignored(fmt.Sprintf("The setting %q, which is to be locked, is not known: correct or delete it.", string(key))))
		}
	}
	return m, keysOf(data), err
}

// keys are those that a settings file has, as they are written there.
type keys []string

func keysOf(data []byte) keys {
	var all map[string]any
	_, _ = toml.Decode(strings.TrimPrefix(string(data), "\ufeff"), &all) // which has been done without an error before
	var k keys
	for key := range all {
		k = append(k, key)
	}
	return k
}

// has reports whether a key is there. The TOML package takes keys in capitals, too.
func (k keys) has(key string) bool {
	return slices.ContainsFunc(k, func(s string) bool { return strings.EqualFold(s, key) })
}

// fieldOf returns the index of the field of Settings that has a key.
func fieldOf(key string) (int, bool) {
	for i := range reflect.TypeFor[Settings]().NumField() {
		if keyOf(i) == key {
			return i, true
		}
	}
	return 0, false
}

func keyOf(field int) string { return reflect.TypeFor[Settings]().Field(field).Tag.Get("toml") }

// overlay returns the settings with those of another file over them. An empty text there is a field that
// nobody has filled in.
func overlay(under, over Settings, there keys) Settings {
	to, from := reflect.ValueOf(&under).Elem(), reflect.ValueOf(over)
	for i := range to.NumField() {
		value := from.Field(i)
		if there.has(keyOf(i)) && (value.Kind() != reflect.String || value.Len() > 0) {
			to.Field(i).Set(value)
		}
	}
	return under
}

// with returns the user's settings with the administrator's under them, and the locked ones over them.
func (m Managed) with(user Settings, there keys) Settings {
	s := overlay(m.Settings, user, there)
	to, from := reflect.ValueOf(&s).Elem(), reflect.ValueOf(m.Settings)
	for _, key := range m.Locked {
		if i, known := fieldOf(string(key)); known {
			to.Field(i).Set(from.Field(i))
		}
	}
	return s
}

// own returns the settings that the user's file has to hold, and the keys of those it has to leave out,
// so that what the administrator changes later counts. What the user has set of a locked setting stays in
// the file for the day when it is not locked any more.
func (m Managed) own(s, before Settings, had keys) (Settings, keys) {
	if m.Settings == (Settings{}) && len(m.Locked) == 0 {
		return s, nil
	}
	var out keys
	to := reflect.ValueOf(&s).Elem()
	for i := range to.NumField() {
		key := keyOf(i)
		if m.Locks(Field(key)) {
			to.Field(i).Set(reflect.ValueOf(before).Field(i))
			if !had.has(key) {
				out = append(out, key)
			}
		} else if to.Field(i).Interface() == reflect.ValueOf(m.Settings).Field(i).Interface() {
			out = append(out, key)
		}
	}
	return s, out
}
