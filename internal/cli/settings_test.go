//go:build linux

package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"calltray/cstasession/csta"
	"calltray/internal/account"
)

// run starts the program with something on its standard input, and returns what it printed and its exit code.
func run(t *testing.T, env []string, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	var out, errs bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, strings.NewReader(stdin), &out, &errs
	_ = cmd.Run()
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// own is the environment of a user with nothing of the machine's.
func own(home string) []string {
	return append(bare(home), "XDG_STATE_HOME="+filepath.Join(home, "state"), "XDG_DATA_HOME="+filepath.Join(home, "data"),
		"XDG_CONFIG_DIRS="+filepath.Join(home, "managed"), "DBUS_SESSION_BUS_ADDRESS=unix:path="+filepath.Join(home, "no-bus"))
}

// The settings can be read and changed by their keys, and are checked as those of the file and the window are.
func TestSettingsCommand(t *testing.T) {
	home := t.TempDir()
	env := own(home)
	file := filepath.Join(home, "config", "calltray", "settings.toml")
	for _, c := range []struct {
		args   string
		code   int
		stdout string // a part of it
		stderr string // likewise
	}{
		{"settings set url tls://csta.example.dk:7001", 0, "", ""},
		{"settings set device 200", 0, "", ""},
		{"settings get device", 0, "200\n", ""},
		{"settings set device two", 1, "", "in digits"},
		{"settings get device", 0, "200\n", ""},
		{"settings list", 0, "url = \"tls://csta.example.dk:7001\"\n", ""},
		{"settings list", 0, "declare_vendor_data = false\n", ""},
		{"settings set popup sometimes", 1, "", "auto, on or off"},
		{"settings set autostart perhaps", 1, "", "on or off"},
		{"settings set password hunter2", 2, "", "no setting of that name"},
		{"settings get password", 2, "", "no setting of that name"},
		{"settings set device", 2, "", "settings set KEY VALUE"},
		{"settings set language da", 0, "", ""},
		{"settings set device two", 1, "", "kun med cifre"},
		{"settings set language en", 0, "", ""},
		{"settings password", 1, "", "user_id USER"},
		{"settings", 0, "password", ""},
	} {
		stdout, stderr, code := run(t, env, "hunter2\n", strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) || c.stderr == "" && stderr != "" {
			t.Errorf("%s: exit code %d, %q, %q", c.args, code, stdout, stderr)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(data, []byte("device = \"200\"")) || bytes.Contains(data, []byte("hunter2")) {
		t.Errorf("%v: %s", err, data)
	}
	stdout, _, _ := run(t, env, "", "settings", "list", "--json")
	var all map[string]any
	if err := json.Unmarshal([]byte(stdout), &all); err != nil || all["device"] != "200" || all["declare_vendor_data"] != false {
		t.Errorf("%v: %s", err, stdout)
	}
}

// What the administrator has locked is shown, and refused with a sentence. (The file has to be root's, or this user's
// own where the test runs as root.)
func TestLockedSettingIsRefused(t *testing.T) {
	if os.Getuid() != 0 {
		t.Log("the administrator's file is only read when it is root's: the refusal is tested in package account")
		return
	}
	home := t.TempDir()
	managed := filepath.Join(home, "managed", "calltray", "settings.toml")
	if err := os.MkdirAll(filepath.Dir(managed), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(managed, []byte("url = 'tls://csta.example.dk:7001'\nlocked = ['url']\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := run(t, own(home), "", "settings", "set", "url", "tls://elsewhere.example.dk:1"); code != 1 || !strings.Contains(stderr, "url is set by your administrator") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
	if stdout, _, _ := run(t, own(home), "", "settings", "list"); !strings.Contains(stdout, "url = \"tls://csta.example.dk:7001\"  # Set by your administrator.\n") {
		t.Errorf("listed is:\n%s", stdout)
	}
	if _, err := os.Stat(filepath.Join(home, "config", "calltray", "settings.toml")); err == nil {
		t.Error("the user has a file now")
	}
}

// Only one line of plausible length is a password.
func TestPasswordFromStandardInput(t *testing.T) {
	for in, want := range map[string]string{"hunter2": "", "hunter2\n": "", "hunter2\r\n": "", " with blanks \n": "",
		"": "no password on", "\n": "no password on", "one\ntwo\n": "one line", strings.Repeat("x", 5000): "one line"} {
		c := &console{in: strings.NewReader(in)}
		got, err := c.readPassword()
		if want == "" && (err != nil || got != strings.TrimRight(in, "\r\n")) || want != "" && (err == nil || got != "" || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.20q: %q, %v", in, got, err)
		}
	}
}

// Reset shows what it would remove and asks; without a yes nothing is gone.
func TestReset(t *testing.T) {
	home := t.TempDir()
	env := own(home)
	folder := filepath.Join(home, "config", "calltray")
	entry := filepath.Join(home, "config", "autostart", "dk.calltray.Calltray.desktop")
	if _, stderr, code := run(t, env, "", "settings", "set", "autostart", "on"); code != 0 {
		t.Fatal(stderr)
	}
	there := func() bool {
		for _, name := range []string{folder, entry} {
			if _, err := os.Stat(name); err != nil {
				return false
			}
		}
		return true
	}
	if !there() {
		t.Fatal("the start at login is not there")
	}
	for _, answer := range []string{"", "n\n", "no", "\n", "of course"} {
		if stdout, _, code := run(t, env, answer, "reset"); code != 0 || !there() || !strings.Contains(stdout, folder) || !strings.Contains(stdout, "start at login") {
			t.Errorf("%q: exit code %d, still there %v:\n%s", answer, code, there(), stdout)
		}
	}
	if stdout, stderr, code := run(t, env, "", "reset", "--yes"); code != 0 || !strings.Contains(stdout, folder) {
		t.Errorf("exit code %d:\n%s%s", code, stdout, stderr)
	}
	for _, name := range []string{folder, entry} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	if stdout, _, code := run(t, env, "y\n", "reset"); code != 0 || !strings.Contains(stdout, "nothing to remove") {
		t.Errorf("exit code %d:\n%s", code, stdout)
	}
}

// A running application applies changes, and logs in again if necessary. Logging out ends its session and
// deletes the password; without a keyring, it says so.
func TestRunningApplicationHearsOfChanges(t *testing.T) {
	x := newExchange(t, anna)
	a, env := running(t, x, x.tcp, "200", slog.New(slog.DiscardHandler))
	env = slices.DeleteFunc(env, func(s string) bool { return strings.HasPrefix(s, "CALLTRAY_") && !strings.Contains(s, "_TEST_") })
	if err := (account.Settings{URL: x.tcp, UserID: anna.UserID, PBXDomain: x.Domain(), Device: "200"}).Save(); err != nil {
		t.Fatal(err)
	}
	before, _ := a.Session()
	if out, code := said(t, env, "settings set popup off"); code != 0 {
		t.Fatal(out)
	}
	if now, err := a.Session(); now != before || err != nil {
		t.Errorf("it has logged in anew, and only the popup was changed: %v", err)
	}
	if out, code := said(t, env, "settings set device 202"); code != 0 {
		t.Fatal(out)
	}
	x.await(t, "monitor u-12345678-202", 1)
	eventually(t, "it is online again", func() bool { return a.State().Status == csta.Online })
	out, code := said(t, env, "logout")
	if code != 1 || !strings.Contains(out, "keyring cannot be reached") {
		t.Errorf("exit code %d: %s", code, out)
	}
	if st := a.State(); st.Status != csta.Offline || !errors.Is(st.Err, account.ErrNoPassword) {
		t.Errorf("it is %v, %v", st.Status, st.Err)
	}
	if out, code := said(t, env, "reset --yes"); code != 1 || !strings.Contains(out, "quit it first") {
		t.Errorf("exit code %d: %s", code, out)
	}
}
