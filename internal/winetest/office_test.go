//go:build linux && wine

package winetest

import (
	"context"
	"flag"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calltray/internal/desktoptest"
)

// What scripts/test-windows.sh has built.
var (
	program = flag.String("program", "", "the Windows program")
	setup   = flag.String("setup", "", "its installer")
	tests   = flag.String("tests", "", "the folder with the tests of packages")
	shim    = flag.String("shim", "", "a bcryptprimitives.dll for a Wine that has none")
	shots   = flag.String("shots", "", "the folder for pictures")
)

// template is a fresh Windows.
var template string

func TestMain(m *testing.M) {
	flag.Parse()
	folder, err := os.MkdirTemp("", "windows")
	if err == nil {
		template = folder
		err = Template(context.Background(), folder, *shim)
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// device is the extension of the person who sits at the desk.
const device = "200"

// office is a Windows with Calltray on it, and a PBX: the Windows program's own.
type office struct {
	*Windows
	t   *testing.T
	ctx context.Context
	exe string
	pbx *desktoptest.PBX

	caller string // a shell script that runs the program that is tested
}

func open(t *testing.T, display ...string) *office {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	t.Cleanup(cancel)
	w, err := Start(ctx, *shots, template, display...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			_, _ = w.Screenshot("failed-" + strings.ReplaceAll(t.Name(), "/", "-"))
			t.Logf("the log:\n%s", read(filepath.Join(w.Local(), "calltray", "calltray.log")))
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	o := &office{Windows: w, t: t, ctx: ctx}
	o.exe, err = w.Install(*program)
	o.must(err)
	// The same through the shell script that runs Windows programs: streams, arguments and all.
	o.caller = filepath.Join(w.Home, "calltray")
	o.must(os.WriteFile(o.caller, []byte("#!/bin/sh\nexec "+w.run+" '"+o.exe+"' \"$@\"\n"), 0o700))
	o.pbx, err = w.StartPBX(ctx, o.caller)
	o.must(err)
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) until(what string, condition func() bool) {
	o.t.Helper()
	o.must(o.Until(o.ctx, what, condition))
}

func (o *office) shot(name string) {
	o.t.Helper()
	_, err := o.Screenshot(name)
	o.must(err)
}

// command runs calltray with arguments, and returns what it printed.
func (o *office) command(arg ...string) string {
	o.t.Helper()
	out, err := o.Output(o.ctx, o.exe, arg...)
	if err != nil {
		o.t.Fatalf("calltray %s: %v: %s", strings.Join(arg, " "), err, out)
	}
	return out
}

func read(path string) string {
	b, _ := os.ReadFile(path)
	return string(b)
}

// Local is where programs keep what is the user's on this computer.
func (w *Windows) Local() string {
	users, _ := filepath.Glob(filepath.Join(w.Drive, "users", "*", "AppData", "Local"))
	for _, u := range users {
		if !strings.Contains(u, "Public") {
			return u
		}
	}
	return ""
}

// credentialKey is where Wine keeps passwords, encrypted.
const credentialKey = `HKEY_CURRENT_USER\Software\Wine\Credential Manager`

// stored reports whether the credential store has a password of Calltray's.
func (o *office) stored() bool {
	return strings.Contains(o.Registry(o.ctx, credentialKey), "Calltray")
}

func (o *office) start(env ...string) *desktoptest.Process {
	o.t.Helper()
	c := o.Program(o.exe)
	c.Env = append(c.Env, env...)
	p, err := o.Run(c)
	o.must(err)
	o.t.Cleanup(func() {
		if o.t.Failed() {
			o.t.Logf("the program said:\n%s", p.Log())
		}
	})
	o.until("the icon", func() bool { _, ok := o.icon(); return ok })
	return p
}

// icon finds Calltray's icon: the one beside the clock. A balloon, which Wine shows for want of toasts, has an icon of
// its own, before it.
//
// When that icon goes, Wine's explorer.exe gives the keyboard to its balloon for the thirty milliseconds before that
// goes, too, and then the window manager has it: seen with WINEDEBUG=+x11drv, and in the X server's events. It is
// Wine's alone, so that no letter is written while there is a balloon. Windows 10 and later have toasts.
func (o *office) icon() (image.Rectangle, bool) { return o.iconBefore(72) }

// balloon reports whether there is a second icon: that of a balloon, which stays when the program ends before it.
func (o *office) balloon() bool {
	_, there := o.iconBefore(72 + 36)
	return there
}

// iconBefore looks for an icon that ends so many pixels before the end of the panel.
func (o *office) iconBefore(end int) (image.Rectangle, bool) {
	const width = 32
	area := o.WorkArea()
	in := image.Rect(area.Max.X-end-width, area.Max.Y+4, area.Max.X-end, area.Max.Y+32)
	img, err := o.Picture()
	if err != nil {
		return in, false
	}
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			if img.RGBAAt(x, y) != img.RGBAAt(in.Min.X, in.Min.Y) {
				return in, true
			}
		}
	}
	return in, false
}

// window waits for the main window.
func (o *office) window() (w desktoptest.Window) {
	o.t.Helper()
	o.until("the window", func() (ok bool) { w, ok = o.WindowByTitle(desktoptest.MainTitle); return ok })
	return w
}

// closeWindow closes the main window: the program stays.
func (o *office) closeWindow() {
	o.t.Helper()
	o.must(o.Activate(o.ctx, o.window()))
	o.must(o.Again(o.ctx, func() error { return o.Key("alt+F4") }, func() bool {
		_, ok := o.WindowByTitle(desktoptest.MainTitle)
		return !ok
	}))
}

// popup waits until the popup is in the corner of the screen.
func (o *office) popup() (w desktoptest.Window) {
	o.t.Helper()
	area := o.WorkArea()
	o.until("the popup in the corner", func() (ok bool) {
		w, ok = o.WindowByTitle(desktoptest.PopupTitle)
		return ok && w.Rect.In(area) && area.Max.X-w.Rect.Max.X <= 30 && area.Max.Y-w.Rect.Max.Y <= 30
	})
	return w
}

// ring has somebody call, and waits until the popup shows it. A notice may be in the popup already.
func (o *office) ring() {
	o.t.Helper()
	o.must(o.pbx.Do(`call 22334455 ` + device + ` "Ærø Bageri"`))
	o.until("the call in the popup", func() bool { return o.HasColour(o.popup().Rect, desktoptest.Green) })
	if o.balloon() {
		o.t.Error("a balloon covers the popup")
	}
}

// gone reports whether the popup has left the screen.
func (o *office) gone() bool {
	_, ok := o.WindowByTitle(desktoptest.PopupTitle)
	return !ok
}

// answered reports whether the popup shows no call that rings: one that was answered there stays as a panel.
func (o *office) answered() bool {
	w, ok := o.WindowByTitle(desktoptest.PopupTitle)
	return !ok || !o.HasColour(w.Rect, desktoptest.Green)
}

// press presses the button of a colour in the window of a title, until its effect is seen. A busy machine takes its
// time to show a button, and to take it away; and the popup grows and shrinks.
func (o *office) press(title string, colours []color.RGBA, effect func() bool) {
	o.t.Helper()
	pressed := time.Time{}
	o.until("the effect of a button", func() bool {
		w, ok := o.WindowByTitle(title)
		if ok && !effect() && time.Since(pressed) > 3*time.Second && o.HasColour(w.Rect, colours) {
			_ = o.PressIn(o.ctx, w.Rect, colours, effect)
			pressed = time.Now()
		}
		return effect()
	})
}

// typed waits until the letter contains what was typed.
func (o *office) typed(letter *desktoptest.Notepad, want string) {
	o.t.Helper()
	if err := o.Until(o.ctx, "the letters", func() bool { return letter.Text() == want }); err != nil {
		w, _ := o.FocusedWindow()
		o.t.Fatalf("%v: the letter holds %q, want %q; it has lost the keyboard %d times, and %q has it now", err, letter.Text(), want, letter.Losses(), w.Title)
	}
}
