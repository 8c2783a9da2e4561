//go:build linux && wine

package winetest

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	uninstallKey = `\Software\Microsoft\Windows\CurrentVersion\Uninstall\Calltray`
	runKey       = `\Software\Microsoft\Windows\CurrentVersion\Run`
)

// install runs the installer without a question.
func (o *office) install(arg ...string) {
	o.t.Helper()
	installer, err := o.Install(*setup)
	o.must(err)
	out, err := o.Output(o.ctx, installer, append([]string{"/S"}, arg...)...)
	if err != nil {
		o.t.Fatalf("the installer: %v: %s", err, out)
	}
	o.must(os.Remove(o.file(installer)))
}

// uninstall runs the uninstaller of a folder without a question, and waits for its end: it goes on as a copy of
// itself, so that it can remove itself.
func (o *office) uninstall(folder string, arg ...string) {
	o.t.Helper()
	if out, err := o.Output(o.ctx, folder+`\uninstall.exe`, append([]string{"/S"}, arg...)...); err != nil {
		o.t.Fatalf("the uninstaller: %v: %s", err, out)
	}
	o.until("the end of the uninstaller", func() bool { return !running(`~nsu`) })
}

// running reports whether a program runs whose command line holds a text.
func running(text string) bool {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, line := range lines {
		if strings.Contains(read(line), text) {
			return true
		}
	}
	return false
}

// file is where Linux has a file of the drive.
func (o *office) file(path string) string {
	return filepath.Join(o.Drive, filepath.FromSlash(strings.ReplaceAll(strings.TrimPrefix(path, `C:\`), `\`, "/")))
}

// left reports new files and registry keys, except the given ones and their contents.
func (o *office) left(before map[string]bool, but ...string) {
	o.t.Helper()
	after := o.things()
	for thing := range after {
		expected := slices.ContainsFunc(but, func(b string) bool {
			return thing == b || strings.HasPrefix(thing, b+"/") || strings.HasPrefix(thing, b+`\`)
		})
		if !before[thing] && !expected {
			o.t.Errorf("%s is left", thing)
		}
	}
	for thing := range before {
		if !after[thing] {
			o.t.Errorf("%s went, too", thing)
		}
	}
}

// things are the files and folders of the drive outside of Windows' own, and the lines of the registry that name
// Calltray: passwords are there, too.
func (o *office) things() map[string]bool {
	o.t.Helper()
	found := map[string]bool{}
	o.must(filepath.WalkDir(o.Drive, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == "windows" || e.Name() == "Temp") {
			return fs.SkipDir
		}
		found[path] = true
		return nil
	}))
	// Not the whole of HKLM, which takes half a minute to read.
	for _, root := range []string{`HKCU\Software`, `HKLM\Software\Microsoft\Windows\CurrentVersion`, `HKLM\Software\RegisteredApplications`, `HKLM\Software\Classes\AppUserModelId`} {
		key := ""
		for line := range strings.Lines(o.Registry(o.ctx, root)) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "HKEY_") {
				key = line
			}
			if strings.Contains(strings.ToLower(key+line), "calltray") {
				found[key+": "+line] = true
			}
		}
	}
	return found
}
