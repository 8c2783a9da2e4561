//go:build !windows && !darwin

package autostart

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"

	"calltray/internal/atomicfile"
)

func (e Entry) path(config string) string {
	return filepath.Join(config, "autostart", e.ID+".desktop")
}

// Enabled reports whether the program is started at login. The user's own entry overrides the computer's.
func (e Entry) Enabled() (bool, error) {
	for _, config := range append([]string{xdg.ConfigHome}, xdg.ConfigDirs...) {
		data, err := os.ReadFile(e.path(config))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return err == nil && !hidden(string(data)), err
	}
	return false, nil
}

// Enable starts the program at login.
func (e Entry) Enable() error { return e.write(e.desktopEntry()) }

// Disable no longer starts it at login.
func (e Entry) Disable() error {
	for _, config := range xdg.ConfigDirs {
		if _, err := os.Stat(e.path(config)); err == nil {
			return e.write("[Desktop Entry]\nType=Application\nName=" + escape(e.Name) + "\nHidden=true\n")
		}
	}
	if err := os.Remove(e.path(xdg.ConfigHome)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// write replaces the user's entry atomically.
func (e Entry) write(text string) error {
	path := e.path(xdg.ConfigHome)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	atomicfile.RemoveLeftovers(path)
	return atomicfile.Write(path, []byte(text))
}

// desktopEntry returns the file's content. TryExec keeps the desktop quiet after the program has been removed.
func (e Entry) desktopEntry() string {
	var command []string
	for _, arg := range e.Command {
		command = append(command, quote(arg))
	}
	return fmt.Sprintf(`[Desktop Entry]
Type=Application
Name=%s
Exec=%s
TryExec=%s
Icon=%s
Terminal=false
X-GNOME-Autostart-enabled=true
`, escape(e.Name), escape(strings.Join(command, " ")), escape(e.Command[0]), escape(e.ID))
}

// quote quotes an argument of Exec ("Desktop Entry Specification", The Exec key).
func quote(arg string) string {
	arg = strings.ReplaceAll(arg, "%", "%%")
	if arg != "" && !strings.ContainsAny(arg, " \t\n\"'\\><~|&;$*?#()`") {
		return arg
	}
	return `"` + strings.NewReplacer(`"`, `\"`, "`", "\\`", `$`, `\$`, `\`, `\\`).Replace(arg) + `"`
}

// escape escapes a value of the type string ("Possible value types").
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s)
}

// hidden reports whether an entry says not to start anything.
func hidden(entry string) bool {
	group := ""
	for line := range strings.Lines(entry) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			group = line
		}
		key, value, _ := strings.Cut(line, "=")
		switch key, value = strings.TrimSpace(key), strings.TrimSpace(value); {
		case group != "[Desktop Entry]":
		case key == "Hidden" && value == "true", key == "X-GNOME-Autostart-enabled" && value == "false":
			return true
		}
	}
	return false
}
