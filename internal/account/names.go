package account

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"github.com/adrg/xdg"

	"calltray/internal/atomicfile"
)

// maxName is the length of the longest name of an extension, in characters: the window cuts names there, too.
const maxName = 80

// Names are the user's own names for the extensions of one PBX, by number.
type Names map[string]string

// NamesPath returns the path of the file of names: calltray/names.toml beside the settings. It has a table for
// each PBX, named by its PBX domain, with a key for each extension:
//
//	["12345678.pbx.one-connect.dk"]
//	201 = "Bo"
func NamesPath() string { return filepath.Join(xdg.ConfigHome, "calltray", "names.toml") }

// LoadNames reads the user's names for the extensions of a PBX. It is not an error if there is no file, or if
// the PBX is not in it. A file that cannot be parsed is a *FileError. The result is never nil.
func LoadNames(pbxDomain string) (Names, error) {
	file, err := readNames(NamesPath())
	names := Names{}
	for number, value := range file.table(pbxDomain) {
		if name, ok := value.(string); ok && oneLine(name) != "" {
			names[number] = oneLine(name)
		}
	}
	return names, err
}

// Rename gives an extension of a PBX a name of the user's, or removes it if name is "", and returns the
// resulting names. The file is written atomically, with mode 0600; its other content is kept, except comments.
// A file that cannot be parsed is a *FileError, and is left as it is.
//
// Two concurrent calls, in this process or in two, may lose one of the names.
func Rename(pbxDomain, number, name string) (Names, error) {
	path := NamesPath()
	name = oneLine(name)
	switch {
	case pbxDomain == "":
		return nil, &FieldError{Field: FieldPBXDomain, Why: checkDomain("")}
	case number == "":
		return nil, &FieldError{Field: FieldDevice, Why: checkDevice("")}
	case utf8.RuneCountInString(name) > maxName:
		return nil, &FieldError{Field: "name", Why: fmt.Sprintf("The name has more than %d characters: write a shorter one.", maxName)}
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // a symbolic link to where the user keeps such files is preserved
	}
	file, err := readNames(path)
	if err != nil {
		return nil, err
	}
	if err := file.set(pbxDomain, number, name); err != nil {
		return nil, &FileError{Path: path, Why: "The name cannot be kept: " + err.Error() + ".", err: err}
	}
	if err := file.write(path); err != nil {
		return nil, &FileError{Path: path, Why: "The name cannot be kept: " + cause(err) + ".", err: err}
	}
	return LoadNames(pbxDomain)
}

// nameFile is everything in the file, known or not.
type nameFile map[string]any

func readNames(path string) (nameFile, error) {
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nameFile{}, nil
	}
	if err != nil {
		return nil, &FileError{Path: path, Why: "The names of extensions cannot be read: " + cause(err) + ".", err: err}
	}
	file := nameFile{}
	if line := implausible(data, maxNames, maxNames); line > 0 {
		return nil, &FileError{Path: path, Line: line, Why: "The names of extensions cannot be read: the file is none of Calltray's, delete it.", err: errSyntax}
	}
	if _, err := toml.Decode(string(bytes.TrimPrefix(data, []byte("\ufeff"))), (*map[string]any)(&file)); err != nil {
		return nil, unreadable(path, "The names of extensions", data, err)
	}
	return file, nil
}

// key returns the PBX domain as it is written in the file, which may differ in case.
func (f nameFile) key(pbxDomain string) string {
	for _, key := range slices.Sorted(maps.Keys(f)) {
		if strings.EqualFold(key, pbxDomain) {
			return key
		}
	}
	return strings.ToLower(pbxDomain)
}

// table returns the table of a PBX, nil if there is none.
func (f nameFile) table(pbxDomain string) map[string]any {
	table, _ := f[f.key(pbxDomain)].(map[string]any)
	return table
}

// set adds a name to the table of a PBX, or removes it. A value there that is not a name is not touched: it is
// not ours.
func (f nameFile) set(pbxDomain, number, name string) error {
	key := f.key(pbxDomain)
	table := f.table(pbxDomain)
	switch there := f[key]; {
	case table != nil:
	case there != nil:
		return fmt.Errorf("%q is something else than a table of names", key)
	default:
		table = map[string]any{}
		f[key] = table
	}
	if there, found := table[number]; found {
		if _, ok := there.(string); !ok {
			return fmt.Errorf("%q is something else than a name", number)
		}
	}
	if name == "" {
		delete(table, number)
	} else {
		table[number] = name
	}
	return nil
}

func (f nameFile) write(path string) error {
	b := bytes.NewBufferString("# Calltray. What you call the extensions of each PBX.\n")
	if err := toml.NewEncoder(b).Encode(map[string]any(f)); err != nil {
		return err
	}
	again := map[string]any{} // another version may have written what cannot be written here
	if _, err := toml.Decode(b.String(), &again); err != nil || !reflect.DeepEqual(again, map[string]any(f)) {
		return errors.Join(errors.New("the names of another version would be lost"), err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return atomicfile.Write(path, b.Bytes())
}

// oneLine returns a name without anything that cannot be displayed on one line.
func oneLine(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(name, ""), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
