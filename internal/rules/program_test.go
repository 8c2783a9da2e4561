package rules

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"calltray/internal/webpage"
)

// program is an absolute path on this system.
func program(name string) string {
	if runtime.GOOS == "windows" {
		return `C:\tools\` + name
	}
	return "/opt/tools/" + name
}

// exe is what a program's name ends with on this system.
func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// A program gets what a caller is called as one argument, which is no option of it, and in its environment; no shell
// reads it.
func TestRun(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	t.Setenv("RULES_TEST_OUT", out)
	r := &Runner{}
	h := made
	h.Name, h.Number = hostile, "--help"
	results, err := r.Try(t.Context(), `ended => run "`+self+`" {number} {e164} --name={name} {name} "{name}" x {seconds}`, h)
	if err != nil || len(results) != 1 || results[0].Err != nil {
		t.Fatal(results, err)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string][]string
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	args := got["args"]
	if len(args) != 7 || args[0] != "help" || args[1] != "+4522334455" || !strings.HasPrefix(args[2], "--name=-rf \"; $(reboot)") || !strings.HasPrefix(args[3], "rf \"; ") || args[3] != args[4] || args[5] != "x" || args[6] != "90" {
		t.Errorf("arguments %q", args)
	}
	for _, a := range append(args, got["env"]...) {
		if strings.ContainsAny(a, "\n\x00\u202e＂") {
			t.Errorf("%q has what cannot be seen", a)
		}
	}
	if !slices.Contains(got["env"], "CALLTRAY_EVENT=ended") || !slices.Contains(got["env"], "CALLTRAY_COMPANY=Ærø Bageri") || !slices.Contains(got["env"], "CALLTRAY_NUMBER=--help") {
		t.Errorf("environment %q", got["env"])
	}
	if results, _ := r.Try(t.Context(), `ended => run "`+self+`" fail`, h); results[0].Err == nil {
		t.Error("a program that fails works")
	}
	if results, _ := r.Try(t.Context(), "ended => run "+filepath.Join(t.TempDir(), "none.exe"), h); !errors.Is(results[0].Err, os.ErrNotExist) {
		t.Errorf("a program that is not there: %v", results[0].Err)
	}
	if runtime.GOOS == "windows" {
		return // links need a privilege
	}
	for _, name := range []string{"bash", "python3.12", "ssh"} {
		shell, link := filepath.Join(t.TempDir(), name), filepath.Join(t.TempDir(), "log")
		if os.WriteFile(shell, []byte("#!/bin/true\n"), 0o700) != nil || os.Symlink(shell, link) != nil {
			t.Fatal("no link")
		}
		if results, _ := r.Try(t.Context(), "ended => run "+link+" -c {name}", h); !errors.Is(results[0].Err, ErrShell) {
			t.Errorf("a link to %s: %v", name, results[0].Err)
		}
	}
	busybox, applet := filepath.Join(t.TempDir(), "busybox"), filepath.Join(t.TempDir(), "logger")
	if os.WriteFile(busybox, []byte("#!/bin/sh\n"), 0o700) != nil || os.Symlink(busybox, applet) != nil {
		t.Fatal("no link")
	}
	if results, _ := r.Try(t.Context(), "ended => run "+applet+" {name}", h); results[0].Err != nil {
		t.Errorf("an applet of busybox: %v", results[0].Err)
	}
	batch := filepath.Join(t.TempDir(), "x.bat")
	link := filepath.Join(t.TempDir(), "x.exe")
	if os.WriteFile(batch, nil, 0o700) != nil || os.Symlink(batch, link) != nil {
		t.Fatal("no link")
	}
	if results, _ := r.Try(t.Context(), "ended => run "+link, h); !errors.Is(results[0].Err, ErrBatch) {
		t.Errorf("a link to a batch file: %v", results[0].Err)
	}
	t.Setenv("RULES_TEST_HANG", "1")
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, ErrSlow)
	defer cancel()
	if results, _ := r.Try(ctx, `ended => run "`+self+`"`, h); !errors.Is(results[0].Err, ErrSlow) {
		t.Errorf("a program that does not end: %v", results[0].Err)
	}
}

// However an argument is written, what a caller is called begins none as an option would.
func FuzzArguments(f *testing.F) {
	for _, name := range []string{hostile, "-x", "--", "/q", "@file", " -x", "－x", "−x", "a\nb", "\x00-x", "\xff", "", "‐x"} {
		f.Add(name, "")
	}
	f.Fuzz(func(t *testing.T, name, company string) {
		r := Rule{args: []string{"{name}", "{company}{name}", "{name} {company}"}}
		args, err := r.arguments(webpage.Call{Name: name, Company: company})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range args {
			if a != "" && strings.ContainsRune("-/@"+lookalikes, rune(a[0])) || strings.ContainsAny(a, "\n\r\x00＂－") {
				t.Errorf("%q of %q, %q", a, name, company)
			}
		}
	})
}

// However a program's version and place are written, it is known by its name.
func TestShells(t *testing.T) {
	for _, name := range []string{"ssh", "plink", "su", "runuser", "timeout", "nice", "setsid", "systemd-run", "find", "watch", "xterm"} {
		for _, args := range []string{" {name}", " x {number} y", " -- x {name}"} {
			if _, err := Parse("rings => run " + program(name) + exe() + args); !errors.Is(err, ErrShell) {
				t.Errorf("%s%s: %v", name, args, err)
			}
		}
		if _, err := Parse("rings => run " + program(name) + exe() + " x y"); err != nil {
			t.Errorf("%s without words: %v", name, err)
		}
	}
	for _, name := range []string{"python3.12", "python3", "perl5.36", "perl5.36.0", "lua", "lua5.4", "tclsh", "tclsh8.6", "pythonw", "php8.2", "bash5"} {
		if _, err := Parse("rings => run " + program(name) + exe() + " -c {name}"); !errors.Is(err, ErrShell) {
			t.Errorf("%s with a command: %v", name, err)
		}
		if _, err := Parse("rings => run " + program(name) + exe() + " script {name}"); err != nil {
			t.Errorf("%s with a script: %v", name, err)
		}
	}
}
