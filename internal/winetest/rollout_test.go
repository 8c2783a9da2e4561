//go:build linux && wine

package winetest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestRollout is what an administrator does: an installation without a question, which brings the address along.
func TestRollout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, option     string
		folder, settings string
		root             string
	}{
		{"for one user", "", `C:\users\{user}\AppData\Local\Programs\Calltray`, `C:\users\{user}\AppData\Local\calltray`, "HKCU"},
		{"for all users", "/ALLUSERS", `C:\Program Files\Calltray`, `C:\ProgramData\Calltray`, "HKLM"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := open(t)
			user := filepath.Base(filepath.Join(o.Local(), "..", ".."))
			folder := strings.ReplaceAll(tt.folder, "{user}", user)
			settings := o.file(strings.ReplaceAll(tt.settings, "{user}", user) + `\settings.toml`)
			before := o.things()
			o.install(strings.Fields("/URL=" + o.pbx.TCP + " /PBXDOMAIN=" + o.pbx.Domain + " " + tt.option)...)
			if got, want := read(settings), "url = '"+o.pbx.TCP+"'\r\npbx_domain = '"+o.pbx.Domain+"'\r\n"; got != want {
				t.Errorf("the settings are %q, want %q", got, want)
			}
			if out, err := o.Output(o.ctx, folder+`\calltray.exe`, "--version"); err != nil || !strings.HasPrefix(out, "calltray ") {
				t.Errorf("what was installed says %q, %v", out, err)
			}
			if got := o.Registry(o.ctx, tt.root+uninstallKey); !strings.Contains(got, "DisplayVersion") {
				t.Errorf("the list of programs holds %q", got)
			}
			if got := o.Registry(o.ctx, tt.root+runKey); strings.Contains(got, "alltray") {
				t.Errorf("it starts at login, without having been asked to: %q", got)
			}
			o.uninstall(folder)
			o.left(before, settings, filepath.Dir(settings))
		})
	}
}

// TestTenUsers is an administrator's afternoon: address and domain are everybody's, each desk has its extension, and
// the people give their name and password. They take turns at one computer, and leave nothing on it.
func TestTenUsers(t *testing.T) {
	t.Parallel()
	o := open(t)
	pbx, err := o.StartPBX(o.ctx, o.caller, "--extensions", "10")
	o.must(err)
	o.install("/ALLUSERS", "/URL="+pbx.TCP, "/PBXDOMAIN="+pbx.Domain)
	o.exe = `C:\Program Files\Calltray\calltray.exe`
	before := o.things()
	for desk := range 10 {
		device := strconv.Itoa(200 + desk)
		o.command("settings", "set", "device", device)

		o.command("settings", "set", "user_id", pbx.User)
		password := o.Program(o.exe, "settings", "password")
		password.Stdin = strings.NewReader(pbx.Password)
		if out, err := o.OutputOf(o.ctx, password); err != nil {
			t.Fatalf("the password: %v: %s", err, out)
		}
		mark := pbx.Mark()
		o.command("check")
		o.must(pbx.Saw(o.ctx, mark, "monitor u-12345678-"+device))
		o.command("logout")
		if o.stored() {
			t.Error("a password is left")
		}
		// Not by "calltray reset": Wine 8 lacks the call by which Go removes what is in a folder.
		o.must(os.RemoveAll(filepath.Join(o.Local(), "calltray")))
	}
	o.left(before, append(o.fyne(), credentialKey)...)
}
