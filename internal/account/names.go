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

// maxName is the longest name of an extension, in characters: the window cuts it there, too.
const maxName = 80

// Names is what the user calls the extensions of one PBX, by number.
type Names map[string]string

// NamesPath returns where the names are: calltray/names.toml beside the settings. The file has a table
// for each PBX, which is named by its PBX domain, and in it a key for each extension:
//
//	["12345678.pbx.one-connect.dk"]
//	201 = "Bo"
func NamesPath() string { return filepath.Join(xdg.ConfigHome, "calltray", "names.toml") }

// LoadNames reads what the user calls the extensions of a PBX. No file, and a PBX that is
// not in it, are no error. A file that cannot be understood is a *FileError. The names are never nil.
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

// Rename gives an extension of a PBX a name of the user's, or with "" none, and returns the names
// as they are then. The file is written whole or not at all, with mode 0600; what else is in it is kept,
// but for comments. One that cannot be understood is a *FileError, and is left as it is.
//
// Two calls at once, in this process or in two, may lose one of the names.
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
		path = target // a link to where the user keeps such files stays a link
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

// nameFile is everything that is in the file, known or not.
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

// key is how the file writes a domain: as the user once wrote it, in whatever case.
func (f nameFile) key(pbxDomain string) string {
	for _, key := range slices.Sorted(maps.Keys(f)) {
		if strings.EqualFold(key, pbxDomain) {
			return key
		}
	}
	return strings.ToLower(pbxDomain)
}

// table is the table of a PBX, nil if there is none.
func (f nameFile) table(pbxDomain string) map[string]any {
	table, _ := f[f.key(pbxDomain)].(map[string]any)
	return table
}

// set puts a name into the table of a PBX, or takes it out. What is in its place and is no name is
// not touched: it is not ours.
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
	again := map[string]any{} // what another version wrote may be more than can be written here
	if _, err := toml.Decode(b.String(), &again); err != nil || !reflect.DeepEqual(again, map[string]any(f)) {
		return errors.Join(errors.New("the names of another version would be lost"), err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return atomicfile.Write(path, b.Bytes())
}

// oneLine is a name without what no screen can show on a line.
func oneLine(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(name, ""), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
