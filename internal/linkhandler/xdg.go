//go:build !windows && !darwin

package linkhandler

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/adrg/xdg"
)

// entry is the name of the desktop entry that Register writes. It differs from that of a package, which belongs
// to the administrator.
func (h Handler) entry() string { return h.ID + ".links.desktop" }

func (h Handler) entryPath() string { return filepath.Join(xdg.DataHome, "applications", h.entry()) }

// listPath is the user's list of associations (freedesktop.org, "Association between MIME types and applications").
func listPath() string { return filepath.Join(xdg.ConfigHome, "mimeapps.list") }

const defaults = "[Default Applications]"

func mimeType(scheme string) string { return "x-scheme-handler/" + scheme }

// Register makes the program the one that opens telephone links. The previous one remains in the list after it.
func (h Handler) Register() error {
	if err := write(h.entryPath(), h.desktopEntry()); err != nil {
		return err
	}
	refresh(filepath.Dir(h.entryPath()))
	return h.change(true)
}

// Unregister undoes Register.
func (h Handler) Unregister() error {
	err := os.Remove(h.entryPath())
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	dir := filepath.Dir(h.entryPath())
	refresh(dir)
	if cache := filepath.Join(dir, "mimeinfo.cache"); emptyCache(cache) {
		err = errors.Join(err, os.Remove(cache))
	}
	return errors.Join(err, h.change(false))
}

// State returns which program opens telephone links.
func (h Handler) State() (State, error) {
	_, err := os.Stat(h.entryPath())
	s := State{Registered: err == nil}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	for _, id := range defaultsOf(mimeType(Schemes[0])) {
		if id == h.entry() || id == h.ID+".desktop" { // the entry of a package is ours, too
			s.Default = true
			return s, nil
		}
		if name, ok := nameOf(id); ok {
			s.Other = name
			return s, nil
		}
	}
	return s, nil
}

// Choose does nothing here: Register is enough.
func (h Handler) Choose() error { return nil }

// desktopEntry returns the file's content. TryExec makes the desktop ignore a program that has been removed.
func (h Handler) desktopEntry() string {
	var command, types []string
	for _, arg := range h.Command {
		command = append(command, quote(arg))
	}
	for _, scheme := range Schemes {
		types = append(types, mimeType(scheme)+";")
	}
	return fmt.Sprintf(`[Desktop Entry]
Type=Application
Name=%s
Exec=%s
TryExec=%s
Icon=%s
Terminal=false
NoDisplay=true
MimeType=%s
`, escape(h.Name), escape(strings.Join(command, " ")+" %u"), escape(h.Command[0]), escape(h.ID), strings.Join(types, ""))
}

// quote quotes an argument of Exec ("Desktop Entry Specification", The Exec key).
func quote(arg string) string {
	arg = strings.ReplaceAll(arg, "%", "%%")
	if arg != "" && !strings.ContainsAny(arg, " \t\n\"'\\><~|&;$*?#()`") {
		return arg
	}
	return `"` + strings.NewReplacer(`"`, `\"`, "`", "\\`", `$`, `\$`, `\`, `\\`).Replace(arg) + `"`
}

// escape escapes a value of the type string.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(s)
}

// change puts the entry first in the associations, or removes it. Everything else in the list is kept.
func (h Handler) change(in bool) error {
	data, err := os.ReadFile(listPath())
	if errors.Is(err, fs.ErrNotExist) {
		if !in {
			return nil
		}
	} else if err != nil {
		return err
	}
	var lines, left []string
	if len(data) > 0 {
		lines = strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	}
	want := map[string]bool{}
	for _, scheme := range Schemes {
		want[mimeType(scheme)] = true
	}
	ours := false // in the section of the defaults
	add := func() {
		for _, scheme := range Schemes {
			if in && want[mimeType(scheme)] {
				left = append(left, mimeType(scheme)+"="+h.entry()+";")
			}
		}
		in = false
	}
	for _, line := range lines {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "[") {
			if ours {
				add()
			}
			ours = trimmed == defaults
		}
		key, value, _ := strings.Cut(trimmed, "=")
		if !ours || !want[key] {
			left = append(left, line)
			continue
		}
		ids := slices.DeleteFunc(strings.Split(strings.Trim(value, "; "), ";"), func(id string) bool { return id == "" || id == h.entry() })
		if in {
			want[key] = false
			ids = append([]string{h.entry()}, ids...)
		}
		if len(ids) > 0 {
			left = append(left, key+"="+strings.Join(ids, ";")+";")
		}
	}
	if in && !ours {
		left = append(left, defaults)
	}
	add()
	if text := strings.TrimSpace(strings.Join(left, "\n")); text == "" || text == defaults {
		return os.Remove(listPath())
	}
	return write(listPath(), strings.Join(left, "\n")+"\n")
}

// defaultsOf lists the entries that open a type; the first installed one is used.
func defaultsOf(mime string) (ids []string) {
	var lists []string
	for _, config := range append([]string{xdg.ConfigHome}, xdg.ConfigDirs...) {
		for desktop := range strings.SplitSeq(strings.ToLower(os.Getenv("XDG_CURRENT_DESKTOP")), ":") {
			if desktop != "" {
				lists = append(lists, filepath.Join(config, desktop+"-mimeapps.list"))
			}
		}
		lists = append(lists, filepath.Join(config, "mimeapps.list"))
	}
	for _, data := range append([]string{xdg.DataHome}, xdg.DataDirs...) {
		lists = append(lists, filepath.Join(data, "applications", "mimeapps.list"))
	}
	for _, list := range lists {
		data, _ := os.ReadFile(list) // an unreadable one counts as empty
		section := ""
		for line := range strings.Lines(string(data)) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "[") {
				section = line
			}
			if key, value, ok := strings.Cut(line, "="); ok && section == defaults && strings.TrimSpace(key) == mime {
				for id := range strings.SplitSeq(value, ";") {
					if id = strings.TrimSpace(id); id != "" {
						ids = append(ids, id)
					}
				}
			}
		}
	}
	return ids
}

// nameOf returns the displayed name of an installed entry.
func nameOf(id string) (string, bool) {
	if strings.ContainsAny(id, "/\\") {
		return "", false
	}
	for _, data := range append([]string{xdg.DataHome}, xdg.DataDirs...) {
		text, err := os.ReadFile(filepath.Join(data, "applications", id))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if name, ok := strings.CutPrefix(strings.TrimSpace(line), "Name="); ok {
				return name, true
			}
		}
		return strings.TrimSuffix(id, ".desktop"), true
	}
	return "", false
}

// refresh rebuilds the desktop's cache for a folder, if the tool for it is installed.
func refresh(dir string) {
	if tool, err := exec.LookPath("update-desktop-database"); err == nil {
		_ = exec.Command(tool, "-q", dir).Run() // an error is ignored: the list of associations names us anyway
	}
}

// emptyCache reports whether a cache of associations is empty.
func emptyCache(path string) bool {
	data, err := os.ReadFile(path)
	return err == nil && strings.TrimSpace(string(data)) == "[MIME Cache]"
}

// write replaces a file atomically; a symbolic link is followed.
func write(path, text string) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".calltray-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
