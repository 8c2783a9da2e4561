package account

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/adrg/xdg"

	"calltray/internal/atomicfile"
)

// ErrIgnored: the settings can be used, but something was ignored: a key that this version does not know, or an
// administrator's file. Use errors.Is.
var ErrIgnored = errors.New("account: something in a settings file is ignored")

// FileError says what is wrong with the settings file.
type FileError struct {
	Path string
	Line int    // counted from 1; 0 if the error concerns no particular line
	Why  string // a sentence
	err  error  // the cause, or ErrIgnored
}

// Error returns file, line and sentence.
func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.Path + ": " + e.Why
	}
	return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Why)
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.err }

// Path returns the path of the settings file: calltray/settings.toml in the user's configuration folder
// ($XDG_CONFIG_HOME or ~/.config; %LOCALAPPDATA%; ~/Library/Application Support).
func Path() string { return filepath.Join(xdg.ConfigHome, "calltray", "settings.toml") }

// Load reads the user's settings, and those that the computer's administrator has made for everybody; the
// user's take precedence unless a setting is locked. A missing file is not an error: the settings are empty.
//
// Parsing is strict, since a mistyped key would otherwise be a setting that silently does nothing. A file that
// cannot be parsed gives empty settings and a *FileError. An unknown key, which is a typing error or a newer
// version's setting, gives a *FileError that is ErrIgnored, and the settings with everything that is known: the
// caller may report it and continue. The same applies to an administrator's file that cannot be used.
func Load() (Settings, error) {
	managed, ignored := LoadManaged()
	path := Path()
	atomicfile.RemoveLeftovers(path)
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return managed.Settings, ignored
	}
	if err != nil {
		return Settings{}, &FileError{Path: path, Why: "The settings cannot be read: " + cause(err) + ".", err: err}
	}
	s, _, err := parse(path, data)
	if err != nil && !errors.Is(err, ErrIgnored) {
		return Settings{}, err
	}
	return managed.with(s, keysOf(data)), errors.Join(err, ignored)
}

// parse parses the user's settings file: the settings, and everything else in it.
func parse(path string, data []byte) (Settings, map[string]any, error) {
	var s Settings
	unknown, err := decode(path, data, &s)
	if err != nil && !errors.Is(err, ErrIgnored) {
		return Settings{}, nil, err
	}
	return s, unknown, err
}

// decode parses a settings file into the value that settings points to, and returns everything that has no
// field there.
func decode(path string, data []byte, settings any) (map[string]any, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // written by Windows' editor
	if line := implausible(data, maxLines, maxNested); line > 0 {
		return nil, &FileError{Path: path, Line: line, Why: "The settings cannot be read: the file is no settings file of Calltray, delete it.", err: errSyntax}
	}
	md, err := toml.Decode(string(data), settings)
	if err != nil {
		return nil, unreadable(path, "The settings", data, err)
	}
	undecoded := md.Undecoded()
	if len(undecoded) == 0 {
		return nil, nil
	}
	var all map[string]any
	if _, err := toml.Decode(string(data), &all); err != nil {
		return nil, unreadable(path, "The settings", data, err)
	}
	unknown := map[string]any{}
	for _, k := range undecoded {
		unknown[k[0]] = all[k[0]]
	}
	first := &FileError{Path: path, err: ErrIgnored}
	key, line := firstUnknown(data, unknown)
	first.Line, first.Why = line, fmt.Sprintf("The setting %q is not known: correct or delete it.", shortKey(key))
	if strings.Contains(strings.ToLower(key), "password") {
		first.Why = fmt.Sprintf("The setting %q is not known: delete it, passwords are kept in the keyring only.", shortKey(key))
	}
	return unknown, first
}

// shortKey shortens a key so that it fits in a sentence.
func shortKey(key string) string {
	if len(key) > 40 {
		key = strings.ToValidUTF8(key[:40], "") + "…"
	}
	return key
}

// cause returns an error's text without the path, which FileError already contains.
func cause(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// Save writes the settings file atomically: to a temporary file beside it, synced, renamed over it; with mode
// 0600 in a folder of mode 0700.
//
// Values that the administrator has set and the user has not changed are not written. Keys that this version
// does not know are kept, comments are not. A file that cannot be parsed is kept as settings.toml.bad-<time>
// before it is replaced; if that is impossible, Save fails.
func (s Settings) Save() error {
	path := Path()
	fail := func(err error) error {
		return &FileError{Path: path, Why: "The settings cannot be saved: " + cause(err) + ".", err: err}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fail(err)
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // a symbolic link to where the user keeps such files is preserved
	}
	before, had, unknown, err := setAsideUnreadable(path)
	if err != nil {
		return fail(err)
	}
	managed, _ := LoadManaged() // Load has reported what is wrong with it
	s, out := managed.own(s, before, had)
	data, err := encode(s, out, unknown)
	if err != nil {
		return fail(err)
	}
	if err := atomicfile.Write(path, data); err != nil {
		return fail(err)
	}
	return nil
}

// setAsideUnreadable returns what is in the existing file: the settings, the keys, and the unknown ones. A file
// that cannot be parsed is copied, not renamed, so that there is always a file; only one that is too large to
// copy is renamed.
func setAsideUnreadable(path string) (Settings, keys, map[string]any, error) {
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Settings{}, nil, nil, nil
	}
	aside := path + ".bad-" + time.Now().UTC().Format("20060102T150405.000")
	if errors.Is(err, errTooLarge) {
		return Settings{}, nil, nil, os.Rename(path, aside)
	}
	if err != nil {
		return Settings{}, nil, nil, err
	}
	s, unknown, err := parse(path, data)
	if err == nil || errors.Is(err, ErrIgnored) {
		return s, keysOf(data), unknown, nil
	}
	return Settings{}, nil, nil, atomicfile.Write(aside, data)
}

// encode writes the known keys in the order of the struct, except those to be left out, followed by those of
// other versions.
func encode(s Settings, out keys, unknown map[string]any) ([]byte, error) {
	b := bytes.NewBufferString("# Calltray. The password is not here: it is in the keyring.\n")
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		if out.has(keyOf(i)) {
			continue
		}
		if err := toml.NewEncoder(b).Encode(map[string]any{keyOf(i): v.Field(i).Interface()}); err != nil {
			return nil, err
		}
	}
	if len(unknown) == 0 {
		return b.Bytes(), nil
	}
	if err := toml.NewEncoder(b).Encode(unknown); err != nil {
		return nil, err
	}
	// Parse what was written: two concatenated encodings are a valid document only if they share no key.
	got, _, err := parse("", b.Bytes())
	if err != nil && !errors.Is(err, ErrIgnored) || overlay(s, got, keysOf(b.Bytes())) != s {
		return nil, fmt.Errorf("the settings of another version cannot be kept: %w", err)
	}
	return b.Bytes(), nil
}
