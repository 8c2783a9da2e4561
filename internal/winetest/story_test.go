//go:build linux && wine

package winetest

import (
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calltray/internal/desktoptest"
)

// TestStory is a new user's first days: the installer, the account, calls over either gateway, the tray, the command
// line; and the uninstaller, which leaves nothing that the user does not want to keep.
func TestStory(t *testing.T) {
	o := open(t)
	before := o.things()
	o.install("/AUTOSTART=1")
	user, err := filepath.Rel(o.Drive, filepath.Join(o.Local(), "..", ".."))
	o.must(err)
	folder := `C:\` + strings.ReplaceAll(user, "/", `\`) + `\AppData\Local\Programs\Calltray`
	o.exe = folder + `\calltray.exe`
	if got := o.Registry(o.ctx, "HKCU"+runKey); !strings.Contains(got, o.exe) {
		t.Errorf("at login starts %q", got)
	}
	if entries, _ := filepath.Glob(filepath.Join(o.Drive, "users/*/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Calltray.lnk")); len(entries) != 1 {
		t.Error("there is no entry in the start menu")
	}

	// The first start asks for the account.
	app := o.start()
	window := o.window()
	o.must(o.Activate(o.ctx, window))
	_, err = o.Still(o.ctx, window.Rect)
	o.must(err)
	o.shot("settings")
	o.must(o.TypeAccount(o.pbx, device))
	o.shot("settings-filled")
	o.must(o.Key("Return"))
	o.must(o.pbx.Saw(o.ctx, 0, "monitor u-12345678-"+device))
	_, err = o.Still(o.ctx, window.Rect)
	o.must(err)
	o.shot("online")

	// The password is in the credential store, and nowhere else.
	if !o.stored() {
		t.Error("the credential store has no password")
	}
	o.must(filepath.WalkDir(filepath.Join(o.Drive, "users"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && path != o.file(o.exe) && strings.Contains(read(path), o.pbx.Password) {
			t.Errorf("%s holds the password", path)
		}
		return nil
	}))
	o.closeWindow()

	o.incoming("tcp")
	o.secondStart()
	o.commands()
	o.link()
	o.quit(app)

	// The next start finds the password again, and asks nothing; over the other gateway.
	mark := o.pbx.Mark()
	app = o.start("CALLTRAY_URL=" + o.pbx.HTTP)
	o.must(o.pbx.Saw(o.ctx, mark, "monitor u-12345678-"+device))
	if _, ok := o.WindowByTitle(desktoptest.MainTitle); ok {
		t.Error("the window is open without having been asked for")
	}
	o.incoming("signalr")
	o.uninstall(folder)
	if read(o.file(o.exe)) == "" {
		t.Error("a program that runs was removed")
	}
	o.quit(app)

	// Without a question, the user's own things stay; or all goes.
	own := append(o.fyne(), filepath.Join(o.Local(), "calltray"))
	o.uninstall(folder)
	o.left(before, append(own, credentialKey)...)
	settings := read(filepath.Join(own[2], "settings.toml"))
	if settings == "" || !o.stored() {
		t.Error("the user's settings or password are gone")
	}
	o.install("/URL=tls://other.example")
	if now := read(filepath.Join(own[2], "settings.toml")); now != settings {
		t.Errorf("the installer has made these settings of the user's: %q", now)
	}
	o.uninstall(folder, "/PURGE")
	o.left(before, credentialKey)
	if o.stored() {
		t.Error("the password is still there")
	}
}

// fyne are the folders of the window's toolkit.
func (o *office) fyne() []string {
	return []string{filepath.Join(o.Local(), "fyne"), filepath.Join(o.Local(), "..", "Roaming", "fyne")}
}

// incoming is two calls: a popup in the corner that leaves the keyboard alone, answered and rejected by
// clicks.
func (o *office) incoming(gateway string) {
	o.t.Helper()
	letter, err := o.OpenNotepad("A letter")
	o.must(err)
	defer letter.Close()
	// A window that was closed just before may have its keyboard handed on late.
	var since time.Time
	o.until("the letter to have the keyboard", func() bool {
		if !letter.Focused() || letter.Losses() > 0 {
			letter.Forgive()
			since = time.Now()
		}
		return time.Since(since) > time.Second
	})
	undisturbed := func(when string) {
		o.t.Helper()
		if n := letter.Losses(); n > 0 || !letter.Focused() {
			o.t.Errorf("the letter has lost the keyboard %d times %s, last to %s", n, when, letter.Thief())
			letter.Forgive()
		}
	}
	o.must(o.Type("Dear"))
	o.ring()
	o.must(o.Type("Sir"))
	o.typed(letter, "DearSir")
	undisturbed("to a popup that came up")
	o.shot("ringing-" + gateway)
	o.press(desktoptest.PopupTitle, desktoptest.Green, o.answered)
	o.must(o.pbx.Leg(o.ctx, device, "Active"))
	o.must(o.Type("or Madam"))
	o.typed(letter, "DearSiror Madam")
	undisturbed("to a click on Answer")
	o.must(o.pbx.Do("clear 22334455"))
	o.must(o.pbx.Idle(o.ctx))

	o.ring()
	o.press(desktoptest.PopupTitle, desktoptest.Red, o.gone)
	o.must(o.pbx.Idle(o.ctx))
	undisturbed("to a click on Hang up")
}

// secondStart shows the window of the first, in which a call is hung up by a click.
func (o *office) secondStart() {
	o.t.Helper()
	if out := o.command(); !strings.Contains(out, "already running") {
		o.t.Errorf("the second start says %q", out)
	}
	o.window()
	o.ring()
	o.press(desktoptest.PopupTitle, desktoptest.Green, o.answered)
	o.must(o.pbx.Leg(o.ctx, device, "Active"))
	o.press(desktoptest.MainTitle, desktoptest.Red, func() bool {
		legs, err := o.pbx.Legs(o.ctx)
		return err == nil && len(legs) == 0
	})
	o.closeWindow()
}

// commands go to the running application, and not to the PBX by themselves.
func (o *office) commands() {
	o.t.Helper()
	mark := o.pbx.Mark()
	if out := o.command("colleagues"); !strings.Contains(out, "202") {
		o.t.Errorf("colleagues says %q", out)
	}
	o.must(o.pbx.Do(`call 22334455 ` + device))
	o.popup()
	o.command("answer")
	o.must(o.pbx.Leg(o.ctx, device, "Active"))
	o.command("hangup")
	o.must(o.pbx.Idle(o.ctx))
	if said := o.pbx.Since(mark); strings.Contains(said, "login") {
		o.t.Errorf("a command has logged in by itself:\n%s", said)
	}
	o.command("diagnostics", "-o", `C:\diagnostics.txt`)
	file := filepath.Join(o.Drive, "diagnostics.txt")
	text := read(file)
	o.must(os.Remove(file))
	if !strings.Contains(text, "windows/amd64") || strings.Contains(text, "do not reach") {
		o.t.Errorf("the diagnostics:\n%s", text)
	}
}

// link is a click on a telephone link, as Windows hands it over once Calltray was chosen for them: it is asked about, and
// dialled.
func (o *office) link() {
	o.t.Helper()
	mark := o.pbx.Mark()
	second, err := o.Run(o.Program(o.exe, "tel:+4522334455"))
	o.must(err)
	var w desktoptest.Window
	o.until("the question", func() (ok bool) { w, ok = o.WindowByTitle("Calltray: call?"); return ok })
	o.must(o.Activate(o.ctx, w))
	_, err = o.Still(o.ctx, w.Rect)
	o.must(err)
	o.shot("link")
	o.must(o.Again(o.ctx, func() error { return o.Key("Return") }, func() bool { _, ok := o.WindowByTitle("Calltray: call?"); return !ok }))
	o.must(o.pbx.Saw(o.ctx, mark, "service MakeCall "+device+" +4522334455"))
	o.must(second.Ended())
	o.command("hangup")
	o.must(o.pbx.Idle(o.ctx))
}

// quit ends the program by the last line of the tray's menu.
func (o *office) quit(app *desktoptest.Process) {
	o.t.Helper()
	icon, ok := o.icon()
	if !ok {
		o.t.Fatal("there is no icon in the tray")
	}
	at := icon.Min.Add(icon.Size().Div(2)).Add(image.Pt(0, 2)) // under xfce4-panel, Wine takes no click in the very middle
	var menu image.Rectangle
	open := func() bool {
		for _, w := range o.Windows.Desktop.Windows() {
			if w.Visible && w.Class == "calltray.exe" && w.Title == "" && w.Rect.Dy() > 60 {
				menu = w.Rect
				return true
			}
		}
		return false
	}
	var clicked time.Time
	click := func() bool { // on the icon, until the menu is there
		if !open() && time.Since(clicked) > 4*time.Second {
			// Wine takes a click on an icon only where the pointer has moved on it, and rested.
			for _, p := range []image.Point{at.Sub(image.Pt(3, 3)), at.Sub(image.Pt(1, 2)), at} {
				o.must(o.Point(p))
				time.Sleep(700 * time.Millisecond)
			}
			if _, there := o.icon(); there { // else the program is about to end, and the panel would open a menu of its own
				o.must(o.Command("xdotool", "click", "3").Run())
			}
			clicked = time.Now()
		}
		return open()
	}
	o.until("the tray's menu", click)
	// A call that comes while the menu is open is shown all the same.
	o.ring()
	o.shot("menu")
	o.must(o.pbx.Do("clear 22334455"))
	o.until("the popup to go", o.gone)
	// The icon of a balloon would stay behind the program until the pointer comes over it.
	o.until("the balloon of a missed call", o.balloon)
	o.until("the balloon to go", func() bool { return !o.balloon() })
	mark := o.pbx.Mark()
	o.until("the end of the program", func() bool {
		select {
		case <-app.Done():
			return true
		default:
		}
		if click() { // again, if the balloon has closed the menu
			const line = 17
			o.must(o.Click(o.ctx, image.Pt(menu.Min.X+menu.Dx()/2, menu.Max.Y-line/2-2)))
			time.Sleep(time.Second)
		}
		return false
	})
	o.must(app.Ended())
	o.must(o.pbx.Saw(o.ctx, mark, "logout"))
	o.until("the icon to go", func() bool { _, ok := o.icon(); return !ok })
}
