package support

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
	"unicode"
)

// Facts is what only the program knows and Diagnostics needs.
type Facts struct {
	Version  string    // the program's, as it is displayed
	Started  time.Time // when the program started
	Settings []Setting // those that are not secret
	Links    []LinkEvent
	Log      []string // the last lines, oldest first (Log.Recent)
	Crash    string   // the path of the trace of a crash (CatchCrashes, PreviousCrash); "" for none
	Secrets  []string // to be removed wherever they occur: the password
	Numbers  bool     // telephone numbers are shown; otherwise they are replaced by names
}

// Setting is a setting and its value, in words for a reader.
type Setting struct{ Name, Value string }

// LinkEvent is a moment in the link's history: "online", "offline: the server closed the link".
type LinkEvent struct {
	At   time.Time
	What string
}

// crashLimit limits how much of a crash's trace is included; its beginning says what happened.
const crashLimit = 256 << 10

// Diagnostics writes one text for support: versions, the system and its desktop, settings, the link's history,
// the trace of a crash and the last lines of the log. It contains no secret in f.Secrets in any spelling that a
// protocol or the log gives it, unless f.Numbers is set nothing that could be a telephone number, and no query
// of any URL. The user's folder is written as ~. If a crash's trace cannot be read, the text says so; the error
// is w's.
func Diagnostics(w io.Writer, f Facts) error {
	d := &report{numbers: f.Numbers}
	for _, secret := range f.Secrets {
		d.secrets = d.secrets.with(secret)
	}
	now := time.Now()
	d.title("Calltray: for the support")
	d.own("Written %s. No passwords are in it%s.", now.Format(time.RFC3339), map[bool]string{
		true: "", false: "; what could be a telephone number has a name instead, the same one everywhere"}[f.Numbers])

	d.title("Program")
	d.own("version: %s", f.Version)
	if !f.Started.IsZero() {
		d.own("started: %s, %v ago", f.Started.Format(time.RFC3339), now.Sub(f.Started).Round(time.Second))
	}
	d.own("goroutines: %d", runtime.NumGoroutine())
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	d.own("memory: %s resident, %d KB in use by Go, %d KB from the system, %d collections", resident(), m.HeapAlloc>>10, m.Sys>>10, m.NumGC)

	d.title("System")
	d.own("%s, %s/%s, %d processors", system(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for _, v := range session() {
		d.foreign("%s: %s", v.Name, v.Value)
	}

	d.title("Settings")
	for _, s := range f.Settings {
		if secretive(s.Name) {
			s.Value = "(not shown)"
		}
		d.foreign("%s: %s", s.Name, s.Value)
	}

	d.title("History of the link")
	for _, e := range f.Links {
		d.foreign("%s %s", e.At.Format(time.RFC3339), e.What)
	}

	if f.Crash != "" {
		d.title("Trace of a crash")
		d.crash(f.Crash)
	}

	d.title(fmt.Sprintf("Log, the last %d lines", len(f.Log)))
	for _, line := range f.Log {
		d.foreign("%s", line)
	}

	d.title("Built from")
	d.build()
	_, err := d.text.WriteTo(w)
	return err
}

// report is the text under construction. Everything goes through own or foreign.
type report struct {
	text    bytes.Buffer
	secrets scrubber
	numbers bool // are shown
	known   numbers
}

func (d *report) title(s string) {
	if d.text.Len() > 0 {
		d.text.WriteByte('\n')
	}
	d.own("%s\n%s", s, strings.Repeat("=", len(s)))
}

// own writes a line of this package's own: its numbers are not telephone numbers.
func (d *report) own(format string, args ...any) {
	d.text.WriteString(d.secrets.scrub(homeless(fmt.Sprintf(format, args...))) + "\n")
}

// foreign writes one line with text from elsewhere, which can neither start new lines nor control a terminal.
// Secrets are removed first: one may look like a number, or contain a line end.
func (d *report) foreign(format string, args ...any) {
	line := withoutQueries(homeless(d.secrets.scrub(fmt.Sprintf(format, args...))))
	line = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(line, "�"))
	if !d.numbers {
		line = d.known.hide(line)
	}
	d.text.WriteString(line + "\n")
}

// crash writes the trace in the file. It is cut after the secrets have been removed: half of one would not be
// recognised.
func (d *report) crash(path string) {
	file, err := os.Open(path)
	if err != nil {
		d.foreign("cannot be read: %v", err)
		return
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, 4*crashLimit))
	if err != nil {
		d.foreign("cannot be read: %v", err)
		return
	}
	if info, err := file.Stat(); err == nil {
		d.own("of %s, %d bytes", info.ModTime().Format(time.RFC3339), info.Size())
	}
	text := d.secrets.scrub(string(b))
	if len(text) > crashLimit {
		text = text[:strings.LastIndexByte(text[:crashLimit], '\n')+1]
	}
	for line := range strings.Lines(text) {
		d.foreign("%s", strings.TrimRight(line, "\r\n"))
	}
}

// build writes the binary's build information.
func (d *report) build() {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		d.own("the program does not say")
		return
	}
	d.own("%s %s, %s", info.Main.Path, info.Main.Version, info.GoVersion)
	for _, s := range info.Settings {
		switch s.Key { // not the flags, which contain folders of the machine that built it
		case "CGO_ENABLED", "GOARCH", "GOOS", "vcs.revision", "vcs.time", "vcs.modified", "-tags", "-race", "-trimpath":
			d.own("%s=%s", s.Key, s.Value)
		}
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		d.own("%s %s", m.Path, m.Version)
	}
}

// session returns the environment variables that affect how a desktop behaves, never the whole environment.
// Those that name a bus, a proxy or an account are shown as far as that is harmless.
func session() []Setting {
	var vars []Setting
	for _, name := range []string{
		"XDG_CURRENT_DESKTOP", "XDG_SESSION_DESKTOP", "XDG_SESSION_TYPE", "DESKTOP_SESSION", "WAYLAND_DISPLAY", "DISPLAY",
		"LANG", "LC_ALL", "LC_MESSAGES", "LC_TIME", "TZ", "FYNE_SCALE", "FYNE_THEME", "FYNE_FONT", "GDK_SCALE", "QT_SCALE_FACTOR",
		"LIBGL_ALWAYS_SOFTWARE", "GODEBUG", "GOMEMLIMIT", "GOMAXPROCS", "SESSIONNAME", "FLATPAK_ID", "SNAP_NAME",
	} {
		if value, ok := os.LookupEnv(name); ok {
			vars = append(vars, Setting{name, value})
		}
	}
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
		if value := os.Getenv(name); value != "" {
			shown := "(set)" // may contain a password that cannot be told from the rest
			if u, err := url.Parse(value); err == nil && u.Host != "" {
				shown = u.Scheme + "://" + u.Host
			}
			vars = append(vars, Setting{name, shown})
		}
	}
	for _, name := range []string{"DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS", "XAUTHORITY", "SSH_CONNECTION", "APPIMAGE", "NO_PROXY", "no_proxy"} {
		if os.Getenv(name) != "" {
			vars = append(vars, Setting{name, "(set)"})
		}
	}
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "CALLTRAY_") {
			vars = append(vars, Setting{name, "(set)"})
		}
	}
	return vars
}

// secretive reports whether a setting with that name must have been passed by mistake.
func secretive(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"password", "passwd", "secret", "token", "credential"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// homeless replaces the user's folder by ~: its name is often the user's.
func homeless(text string) string {
	home, err := os.UserHomeDir()
	if err != nil || len(home) < 2 {
		return text
	}
	text = strings.ReplaceAll(text, home, "~")
	return strings.ReplaceAll(text, strings.ReplaceAll(home, `\`, `\\`), "~") // as quoted in the log
}
