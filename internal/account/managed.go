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

// Managed is what the computer's administrator has set for all users.
type Managed struct {
	Settings
	// Locked lists the settings that the user's own file does not change.
	Locked []Field `toml:"locked"`
}

// Locks reports whether the administrator has locked a setting.
func (m Managed) Locks(f Field) bool { return slices.Contains(m.Locked, f) }

// ManagedPaths returns where the administrator's settings may be, in order of precedence:
// calltray/settings.toml in each folder of $XDG_CONFIG_DIRS (/etc/xdg), Calltray/settings.toml in %ProgramData%
// or /Library/Application Support.
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

// LoadManaged reads the administrator's settings. Whatever cannot be used is ignored and reported as a
// *FileError per file, each of which is ErrIgnored.
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

// keys are those in a settings file, as written there.
type keys []string

func keysOf(data []byte) keys {
	var all map[string]any
	_, _ = toml.Decode(strings.TrimPrefix(string(data), "\ufeff"), &all) // the file has already been parsed without an error
	var k keys
	for key := range all {
		k = append(k, key)
	}
	return k
}

// has reports whether a key is present. The TOML package ignores case.
func (k keys) has(key string) bool {
	return slices.ContainsFunc(k, func(s string) bool { return strings.EqualFold(s, key) })
}

// fieldOf returns the index of the field of Settings for a key.
func fieldOf(key string) (int, bool) {
	for i := range reflect.TypeFor[Settings]().NumField() {
		if keyOf(i) == key {
			return i, true
		}
	}
	return 0, false
}

func keyOf(field int) string { return reflect.TypeFor[Settings]().Field(field).Tag.Get("toml") }

// overlay returns the settings under with those of over on top. An empty text in over is a field that nobody
// has filled in.
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

// with returns the user's settings on top of the administrator's, with the locked ones on top of both.
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

// own returns the settings that the user's file must contain, and the keys that it must leave out so that later
// changes by the administrator take effect. The user's value of a locked setting stays in the file, for when it
// is unlocked.
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
