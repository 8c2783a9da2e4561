//go:build linux && desktop

package desktoptest_test

import (
	"fmt"
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"

	"calltray/internal/desktoptest"
)

// TestDesktopReceptionist is an hour at a reception, over both gateways, on a light and on a dark desktop:
// several calls at once, asked about, handed on, picked up; queues, do-not-disturb, forwarding. After each
// step the PBX is asked how things are, and has to agree with what a person sees.
func TestDesktopReceptionist(t *testing.T) {
	t.Parallel()
	for gateway, look := range map[string]string{"tcp": "light", "signalr": "dark"} {
		t.Run(gateway, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, "reception-"+gateway)
			d.must(d.NameColleagues(d.pbx.Domain, map[string]string{"200": "Astrid", "202": "Cecilie", "203": "Søren"}))
			url := map[string]string{"tcp": d.pbx.TCP, "signalr": d.pbx.HTTP}[gateway]
			d.start(append(d.account(url), "FYNE_THEME="+look)...)
			d.must(d.app.Says(d.ctx, "online"))
			d.write("A letter")

			d.twoCalls()
			d.asking()
			d.handingOn()
			d.passingOn()
			d.pickingUp()
			d.keypad()
			d.queues()
			d.doNotDisturb()
			d.forwarding()
			d.quit()
		})
	}
}

// calls waits until the PBX has these calls, as desktoptest.PBX.Calls tells them, and no others.
func (d *desk) calls(want ...string) {
	d.Helper()
	d.must(d.pbx.Calls(d.ctx, want...))
}

// has reports whether the PBX has these calls, and no others.
func (d *desk) has(want ...string) func() bool {
	slices.Sort(want)
	return func() bool {
		have, err := d.pbx.Parties(d.ctx)
		return err == nil && slices.Equal(have, want)
	}
}

// sees waits until the tray shows exactly these calls, and no request about any is pending.
func (d *desk) sees(calls ...string) {
	d.Helper()
	d.until(fmt.Sprintf("the tray to tell of %q", calls), func() bool {
		labels := d.app.Labels()
		known := slices.DeleteFunc(slices.Clone(labels), func(l string) bool { return l != "Hang up" })
		return len(known) == len(calls) && !slices.Contains(labels, "(Hang up)") &&
			!slices.ContainsFunc(calls, func(c string) bool {
				return !slices.ContainsFunc(labels, func(l string) bool { return strings.HasPrefix(l, "("+c) })
			})
	})
}

// press presses a key until the PBX has these calls, and checks that the tray shows them.
func (d *desk) press(key string, calls []string, sees ...string) {
	d.Helper()
	if err := d.Again(d.ctx, func() error { return d.Key(key) }, d.has(calls...)); err != nil {
		have, _ := d.pbx.Parties(d.ctx)
		d.must(fmt.Errorf("%s: %w: the PBX has %q, not %q", key, err, have, calls))
	}
	d.sees(sees...)
}

// window opens the window from the tray, and waits until it has the keyboard.
func (d *desk) window() desktoptest.Window {
	d.Helper()
	d.must(d.app.Click(d.ctx, "Open"))
	d.until("the window to have the keyboard", func() bool { w, ok := d.FocusedWindow(); return ok && w.Title == desktoptest.MainTitle })
	w, _ := d.WindowByTitle(desktoptest.MainTitle)
	return w
}

// letter hides the window by keyboard, and waits until the letter has the keyboard again.
func (d *desk) letter() {
	d.Helper()
	d.must(d.Again(d.ctx, func() error { return d.Key("Escape") }, func() bool { _, ok := d.WindowByTitle(desktoptest.MainTitle); return !ok }))
	d.until("the letter to have the keyboard", d.pad.Focused)
	d.pad.Forgive()
}

// rings lets somebody call, while the user may be anywhere.
func (d *desk) rings(from, to, name string) {
	d.Helper()
	d.must(d.pbx.Do(fmt.Sprintf("call %s %s %q", from, to, name)))
}

const (
	bakery, bakeryIs = "22334455", "Ærø Bageri"
	smith, smithIs   = "33445566", "Bo & Søn"
)

// twoCalls: one rings while another is talked in; hold, answer, hang up, resume.
func (d *desk) twoCalls() {
	d.Helper()
	d.ring(bakery, device, bakeryIs, bakeryIs)
	d.must(d.app.Press(d.ctx, desktoptest.Green, d.has("201 Active "+bakery)))
	d.sees("Talking to " + bakeryIs)
	d.ring(smith, device, smithIs, smithIs)
	d.calls("201 Active "+bakery, "201 Alerting "+smith)
	d.sees("Talking to "+bakeryIs, smithIs+" · 33 44 55 66 is calling")
	d.must(d.Type("One moment. "))
	d.until("the letter", func() bool { return strings.HasSuffix(d.pad.Text(), "One moment. ") })
	d.keyboard("with one call talked in and one ringing")
	d.shot("talking-ringing")

	d.window()
	d.press("F3", []string{"201 Held " + bakery, "201 Alerting " + smith}, "On hold: "+bakeryIs, smithIs+" · 33 44 55 66 is calling")
	d.press("F2", []string{"201 Held " + bakery, "201 Active " + smith}, "On hold: "+bakeryIs, "Talking to "+smithIs)
	d.quiet()
	d.shot("two-calls")
	d.press("F9", []string{"201 Held " + bakery}, "On hold: "+bakeryIs)
	d.press("F3", []string{"201 Active " + bakery}, "Talking to "+bakeryIs)
}

// asking: the caller waits while a colleague is asked; then back to the caller; then asked again, and the
// two are connected.
func (d *desk) asking() {
	d.Helper()
	asked := []string{"201 Held " + bakery, "201 Ringing_AttendedTransfer 202", "202 Alerting 201"}
	d.must(d.Type("ce"))
	d.press("F5", asked, "On hold: "+bakeryIs, "Asking Cecilie")
	d.must(d.pbx.Do("answer 202"))
	d.sees("On hold: "+bakeryIs, "Asking Cecilie")
	d.shot("asking")
	d.press("F6", []string{"201 Active " + bakery}, "Talking to "+bakeryIs)

	d.must(d.Type("202"))
	d.press("Return", asked, "On hold: "+bakeryIs, "Asking Cecilie")
	d.must(d.pbx.Do("answer 202"))
	d.sees("On hold: "+bakeryIs, "Asking Cecilie")
	d.press("F8", []string{"202 Active " + bakery})
	d.must(d.pbx.Do("clear 202"))
	d.over()
}

// handingOn: from ringing to the colleague in two keys; and blind, while talking. When the call comes,
// nothing moves in the right half of the window.
func (d *desk) handingOn() {
	d.Helper()
	window, _ := d.WindowByTitle(desktoptest.MainTitle)
	before, err := d.Still(d.ctx, window.Rect)
	d.must(err)
	d.rings(bakery, device, bakeryIs)
	d.until("the popup", d.app.Rings)
	d.sees(bakeryIs + " · 22 33 44 55 is calling")
	after, err := d.Still(d.ctx, window.Rect)
	d.must(err)
	if moved := desktoptest.Changed(before, after, window.Rect, d.mayChange(window)...); !moved.Empty() {
		_, err = d.WritePicture(d.name+"-unmoved", before)
		d.must(err)
		_, err = d.WritePicture(d.name+"-moved", after)
		d.must(err)
		d.Errorf("when a call comes, the window changes at %v", moved.Sub(window.Rect.Min))
	}
	d.must(d.Key("Down"))
	d.press("F8", []string{"200 Alerting " + bakery})
	d.quiet()
	d.must(d.pbx.Do("clear " + bakery))
	d.over()

	d.rings(bakery, device, bakeryIs)
	d.sees(bakeryIs + " · 22 33 44 55 is calling")
	d.press("F2", []string{"201 Active " + bakery}, "Talking to "+bakeryIs)
	d.must(d.Type("203"))
	d.press("F8", []string{"203 Alerting " + bakery})
	d.must(d.pbx.Do("clear " + bakery))
	d.over()
	if n := d.missed(); n > 0 {
		d.Errorf("%d calls that were handed on are reported as missed", n)
	}
}

// mayChange returns the parts of the screen that may look different when a call comes: the left half of the window, where the
// call takes its room from the recent calls, and the buttons of the colleagues; and what lies over the window.
func (d *desk) mayChange(window desktoptest.Window) []image.Rectangle {
	var places []image.Rectangle
	for _, r := range []image.Rectangle{
		image.Rect(15, 0, 474, window.Rect.Dy()),
		image.Rect(835, 60, 940, 600),
	} {
		places = append(places, r.Add(window.Rect.Min))
	}
	for _, w := range d.Windows() {
		if w.Visible && w.ID != window.ID && w.Rect.Dx() < window.Rect.Dx() {
			places = append(places, w.Rect.Inset(-4)) // with a shadow
		}
	}
	return places
}

// passingOn: "Transfer" in the popup, while the user was writing a letter.
func (d *desk) passingOn() {
	d.Helper()
	d.letter()
	d.ring(smith, device, smithIs, smithIs)
	d.keyboard("while it rings")
	d.shot("popup")
	d.must(d.app.PassOn(d.ctx, func() bool { w, ok := d.FocusedWindow(); return ok && w.Title == desktoptest.MainTitle }))
	d.must(d.Type("astr"))
	d.press("F8", []string{"200 Alerting " + smith})
	d.quiet()
	d.must(d.pbx.Do("clear " + smith))
	d.over()
}

// pickingUp: a call that rings at a colleague's telephone.
func (d *desk) pickingUp() {
	d.Helper()
	d.rings(bakery, "202", bakeryIs)
	d.calls("202 Alerting " + bakery)
	d.must(d.Type("ce"))
	d.press("F7", []string{"201 Active " + bakery}, "Talking to "+bakeryIs)
	d.shot("picked-up")
}

// keypad: digits into the call.
func (d *desk) keypad() {
	d.Helper()
	mark := d.pbx.Mark()
	d.must(d.Key("F4"))
	d.must(d.Type("1#"))
	d.must(d.pbx.Saw(d.ctx, mark, "digits 201"))
	d.until("all digits at the PBX", func() bool {
		digits := ""
		for line := range strings.Lines(d.pbx.Since(mark)) {
			if f := strings.Fields(line); len(f) == 4 && f[0] == "digits" && f[1] == device {
				digits += f[3]
			}
		}
		return digits == "1#"
	})
	d.shot("keypad")
	d.must(d.Key("Escape"))
	d.press("F9", nil)
}

// accent is the colour of the button that is meant, and of a tick.
var accent = []color.RGBA{{0x0f, 0x5c, 0x63, 0xff}, {0x6f, 0xcf, 0xc3, 0xff}}

// tab opens one of the three pages of the window's right half, by a click.
func (d *desk) tab(w desktoptest.Window, n int) {
	d.Helper()
	side := image.Rect((w.Rect.Min.X+w.Rect.Max.X)/2+8, w.Rect.Min.Y+10, w.Rect.Max.X-16, w.Rect.Max.Y-10)
	tab := image.Rect(side.Min.X+side.Dx()*n/3+4, side.Min.Y+2, side.Min.X+side.Dx()*(n+1)/3-4, side.Min.Y+34)
	d.must(d.Again(d.ctx, func() error { return d.Click(d.ctx, tab.Min.Add(tab.Size().Div(2))) }, func() bool { return d.HasColour(tab, accent) }))
}

// queues: signing out of a queue and in again.
func (d *desk) queues() {
	d.Helper()
	w := d.window()
	d.tab(w, 1)
	button := image.Rect(w.Rect.Max.X-104, w.Rect.Min.Y+68, w.Rect.Max.X-32, w.Rect.Min.Y+102)
	click := func() error { return d.Click(d.ctx, button.Min.Add(button.Size().Div(2))) }
	is := func(state string) func() bool {
		return func() bool {
			lines, err := d.pbx.Ask(d.ctx, "queue 400")
			return err == nil && slices.Contains(lines, "member 400 "+device+" "+state)
		}
	}
	d.must(d.Again(d.ctx, click, is("out")))
	d.until("the window to offer signing in", func() bool { return d.HasColour(button, accent) })
	d.rings(bakery, "400", bakeryIs)
	d.calls("202 Alerting "+bakery, "400 Queued "+bakery)
	d.shot("signed-out")
	d.sees()
	d.must(d.pbx.Do("clear " + bakery))
	d.must(d.Again(d.ctx, click, is("in")))
	d.until("the window to offer signing out", func() bool { return !d.HasColour(button, accent) })
}

// doNotDisturb: switched on at the phone, off in the tray's menu.
func (d *desk) doNotDisturb() {
	d.Helper()
	w := d.window()
	d.tab(w, 2)
	box := image.Rect(-450, 112, -424, 138).Add(image.Pt(w.Rect.Max.X, w.Rect.Min.Y))
	icon := d.app.Icon()
	d.must(d.pbx.Do("dnd 201 on"))
	d.must(d.app.Says(d.ctx, "do not disturb"))
	d.until("another icon in the tray", func() bool { return d.app.Icon() != icon })
	d.until("a tick in the window", func() bool { return d.HasColour(box, accent) })
	d.shot("do-not-disturb")
	d.must(d.app.Click(d.ctx, "Do not disturb"))
	d.must(d.pbx.Tells(d.ctx, "phone 201", "dnd off"))
	d.until("the icon as it was", func() bool { return d.app.Icon() == icon })
	d.until("no tick in the window", func() bool { return !d.HasColour(box, accent) })
}

// forwarding: switched on in the window, at the end of whose way the tray leads; and off in the tray.
func (d *desk) forwarding() {
	d.Helper()
	d.letter()
	d.must(d.app.Click(d.ctx, "Forward all calls"))
	d.until("the window to have the keyboard", func() bool { w, ok := d.FocusedWindow(); return ok && w.Title == desktoptest.MainTitle })
	d.must(d.Type("202"))
	d.must(d.Key("Return"))
	d.must(d.pbx.Tells(d.ctx, "phone 201", "forward 201 forwardImmediate on 202"))
	d.must(d.app.Says(d.ctx, "all calls go to"))
	d.rings(bakery, device, bakeryIs)
	d.calls("202 Alerting " + bakery)
	d.shot("forwarded")
	d.must(d.pbx.Do("clear " + bakery))
	d.must(d.app.Click(d.ctx, "Forward all calls to"))
	d.must(d.pbx.Tells(d.ctx, "phone 201", "forward 201 forwardImmediate off 202"))
	d.letter()
	d.keyboard("at the end of the day")
}
