package rules

import (
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"calltray/internal/webpage"
)

// shells are programs that take an argument as a command, unless an earlier one names a script. A trailing
// version in the name is ignored: python3.12.
var shells = []string{"sh", "bash", "rbash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "csh", "tcsh", "powershell", "pwsh",
	"python", "pythonw", "pypy", "py", "pyw", "perl", "ruby", "node", "nodejs", "deno", "bun", "php", "lua", "luajit", "tclsh", "wish", "osascript",
	"awk", "gawk", "mawk", "nawk", "wscript", "cscript", "mshta"}

// starters run any program that their arguments name, here or on another computer.
var starters = []string{"env", "xargs", "parallel", "find", "watch", "timeout", "time", "nice", "ionice", "chrt", "taskset", "nohup", "setsid",
	"stdbuf", "script", "expect", "systemd-run", "dbus-run-session", "busybox", "toybox", "ld-linux-x86-64.so",
	"sudo", "doas", "su", "runuser", "pkexec", "chroot", "unshare", "nsenter", "setpriv", "flatpak", "docker", "podman",
	"ssh", "plink", "autossh", "sshpass", "mosh", "rsh", "xterm", "uxterm", "rxvt", "urxvt", "gnome-terminal", "konsole", "xfce4-terminal",
	"mate-terminal", "lxterminal", "alacritty", "kitty", "foot", "x-terminal-emulator",
	"wsl", "wt", "rundll32", "conhost", "forfiles", "runas", "psexec", "pcalua", "wmic", "schtasks"}

// checkProgram returns what is wrong with the program and its arguments.
func (r Rule) checkProgram() error {
	if !filepath.IsAbs(r.target) || strings.ContainsAny(r.target, "{}\x00") {
		return ErrProgram
	}
	for _, a := range r.args {
		if _, err := (webpage.Call{}).Fill(a, plain); err != nil {
			return err
		}
	}
	return r.checkArguments(r.target)
}

// checkArguments returns why a file must not be run with the arguments of a rule.
func (r Rule) checkArguments(path string) error {
	if err := checkKind(path); err != nil {
		return err
	}
	full := strings.TrimSuffix(base(path), ".exe")
	name := strings.TrimRight(full, "0123456789.-") // without the version
	for i, a := range r.args {
		if strings.Contains(a, "{") && (slices.Contains(starters, full) || slices.Contains(starters, name) || slices.Contains(shells, name) && !hasScript(name, r.args[:i])) {
			return ErrShell
		}
	}
	return nil
}

// hasScript reports whether the arguments of a shell name a script before the first one that depends on the
// call: the following ones are the script's.
func hasScript(name string, args []string) bool {
	if name != "powershell" && name != "pwsh" {
		return len(args) > 0 && args[0] != "" && args[0][0] != '-'
	}
	at := slices.IndexFunc(args, func(a string) bool { return strings.EqualFold(a, "-file") })
	return at >= 0 && at+1 < len(args) && !slices.ContainsFunc(args[:at], func(a string) bool { return strings.HasPrefix(strings.ToLower(a), "-c") })
}

// checkKind returns why a file must not be run, judging by its name. Windows gives a batch file, and cmd, a
// single line of text, which they interpret as commands regardless of quoting.
func checkKind(path string) error {
	name := base(path)
	switch ext := filepath.Ext(name); {
	case ext == ".bat", ext == ".cmd", name == "cmd", name == "cmd.exe", name == "command.com":
		return ErrBatch
	case runtime.GOOS == "windows" && ext != ".exe" && ext != ".com":
		return ErrProgram // the program registered for it would be started
	}
	return nil
}

// base returns the name of a file as Windows compares it: trailing spaces and dots do not count.
func base(path string) string {
	name := path[strings.LastIndexAny(path, `/\`)+1:]
	if at := strings.IndexByte(name, ':'); at >= 0 {
		name = name[:at] // a stream of the file
	}
	return strings.ToLower(strings.TrimRight(name, ". "))
}
