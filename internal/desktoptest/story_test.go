//go:build linux && desktop

package desktoptest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"calltray/internal/desktoptest"
)

// TestDesktopStory is a working day, over both gateways.
func TestDesktopStory(t *testing.T) {
	t.Parallel()
	for _, gateway := range []string{"tcp", "signalr"} {
		t.Run(gateway, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, gateway)
			url := map[string]string{"tcp": d.pbx.TCP, "signalr": d.pbx.HTTP}[gateway]
			d.start(d.account(url)...)
			d.must(d.pbx.Saw(d.ctx, 0, "monitor u-12345678-"+device))
			d.must(d.app.Says(d.ctx, "online"))
			if d.app.Title() != "Calltray" {
				t.Errorf("the tray's title is %q", d.app.Title())
			}
			if w, ok := d.WindowByTitle(desktoptest.MainTitle); ok {
				t.Errorf("the window is open without having been asked for: %+v", w)
			}
			d.write("A letter")
			d.shot("online")

			d.incoming()
			d.answerEverywhere()
			d.otherEnds()
			d.typing()
			d.dialling()
			d.restart()
			d.secondStart(url)
			d.quit()
		})
	}
}

// incoming: what an incoming call looks like.
func (d *desk) incoming() {
	d.Helper()
	icon := d.app.Icon()
	note := d.ring("22334455", device, "Ærø Bageri", "Ærø Bageri")
	popup, _ := d.app.Popup()
	area := d.WorkArea()
	if !popup.Rect.In(area) || area.Max.X-popup.Rect.Max.X > 30 || area.Max.Y-popup.Rect.Max.Y > 30 {
		d.Errorf("the popup is at %v: not in the corner of %v", popup.Rect, area)
	}
	if !slices.Contains(popup.State, "ABOVE") || !slices.Contains(popup.State, "SKIP_TASKBAR") {
		d.Errorf("the popup's state is %v", popup.State)
	}
	if note.Urgency != 2 || !slices.Contains(note.Actions, "Answer") || !slices.Contains(note.Actions, "Decline") ||
		!strings.Contains(note.Summary+note.Body, "22 33 44 55") {
		d.Errorf("the notification: %+v", note)
	}
	if d.app.Icon() == icon {
		d.Error("the tray's icon is the same as before the call")
	}
	if !strings.Contains(d.app.ToolTip(), "Ærø Bageri is calling") && !strings.Contains(d.app.ToolTip(), "Ærø Bageri") {
		d.Errorf("the tray says %q", d.app.ToolTip())
	}
	d.keyboard("while it rings")
	d.shot("ringing")
}

// keyboard checks that the letter still has the keyboard, and never lost it.
func (d *desk) keyboard(when string) {
	d.Helper()
	if w, ok := d.FocusedWindow(); !ok || w.ID != d.pad.ID() || d.pad.Losses() > 0 {
		d.Errorf("%s the keyboard belongs to %+v, and the letter has lost it %d times", when, w, d.pad.Losses())
	}
}

// answerEverywhere answers by the popup's button, by the tray's menu, and by the notification's button.
func (d *desk) answerEverywhere() {
	d.Helper()
	d.must(d.app.Press(d.ctx, desktoptest.Green, func() bool { return !d.app.Rings() }))
	d.must(d.pbx.Leg(d.ctx, device, "Active"))
	d.quiet()
	d.keyboard("after Answer in the popup")
	d.must(d.app.Offers(d.ctx, "Talking to"))
	d.shot("talking")
	d.must(d.app.Press(d.ctx, desktoptest.Red, func() bool { _, ok := d.app.Popup(); return !ok })) // on the panel
	d.over()
	d.keyboard("after Hang up in the popup")

	d.ring("33445566", device, "", "33 44 55 66")
	d.must(d.app.Click(d.ctx, "Answer"))
	d.must(d.pbx.Leg(d.ctx, device, "Active"))
	d.quiet()
	d.must(d.pbx.Do("clear 33445566")) // the caller hangs up
	d.over()

	note := d.ring("44556677", device, "Bo & Søn <b>", "Bo & Søn")
	d.must(d.ClickAction(d.ctx, note, note.Key("Answer")))
	d.must(d.pbx.Leg(d.ctx, device, "Active"))
	d.quiet()
	d.must(d.app.Click(d.ctx, "Hang up"))
	d.over()

	note = d.ring("44556677", device, "Bo & Søn", "Bo & Søn")
	d.must(d.ClickAction(d.ctx, note, note.Key("Decline")))
	d.over()
	d.keyboard("after the tray and the notification")
	if n := d.missed(); n > 0 {
		d.Errorf("%d calls are reported as missed, and none was", n)
	}
}

// otherEnds: a call that a colleague takes, one whose popup is closed, and one that is missed.
func (d *desk) otherEnds() {
	d.Helper()
	d.ring("22334455", "400", "Ærø Bageri", "Ærø Bageri")
	d.shot("queue")
	d.must(d.pbx.Do("answer 202"))
	d.must(d.pbx.Leg(d.ctx, "202", "Active"))
	d.quiet()
	if n := d.missed(); n > 0 {
		d.Error("a call that a colleague answered is reported as missed")
	}
	d.must(d.pbx.Do("clear 22334455"))
	d.over()

	d.ring("22334455", device, "Ærø Bageri", "Ærø Bageri")
	d.must(d.app.Cross(d.ctx, func() bool { _, ok := d.app.Popup(); return !ok }))
	d.must(d.pbx.Leg(d.ctx, device, "Alerting"))
	if _, ok := d.Notification("Ærø Bageri"); !ok || !d.app.Has("Answer") {
		d.Error("the popup's cross has closed more than the popup")
	}
	d.must(d.pbx.Do("clear 22334455")) // gives up
	d.over()
	d.until("a notification of the missed call", func() bool { return d.missed() == 1 })
	d.shot("missed")
	d.ring("33445566", device, "", "33 44 55 66")
	d.must(d.app.Press(d.ctx, desktoptest.Red, func() bool { _, ok := d.app.Popup(); return !ok }))
	d.over()
	if d.missed() != 1 {
		d.Error("the notification of the missed call has not stayed")
	}
}

// typing: while somebody writes, five calls ring, and two of them are answered at the telephone and end. Every key
// arrives in the letter.
func (d *desk) typing() {
	d.Helper()
	const letter = "Dear Anna, thank you for your letter; the answer is 42. It was 41 until yesterday, when somebody " +
		"counted again, at the top of his voice, while the telephone rang. Best wishes, Enter Space y n 1 2 3 "
	before := d.pad.Text()
	done := make(chan error, 1)
	go func() { done <- d.Type(letter) }()
	events := []string{"answer 55667788", "clear 55667788", "answer 66778899", "clear 66778899"}
	for i, caller := range []string{"44556677", "33445566", "22334455", "66778899", "55667788"} {
		events = slices.Insert(events, 0, fmt.Sprintf("call %s %s \"Caller %d\"", caller, device, 5-i))
	}
	for i, event := range events {
		d.until("some typing", func() bool { return len(d.pad.Text()) >= len(before)+len(letter)*(i+1)/(len(events)+2) })
		if caller, answers := strings.CutPrefix(event, "answer "); answers {
			event = "answer " + d.callOf(caller)
		}
		d.must(d.pbx.Do(event))
	}
	d.must(<-done)
	d.until("three calls in the notifications", func() bool {
		n := 0
		for _, note := range d.Notifications() {
			if note.Open && note.Category == "call.incoming" {
				n++
			}
		}
		return n == 3
	})
	d.until("the whole letter", func() bool { return len(d.pad.Text()) >= len(before)+len(letter) })
	if got := strings.TrimPrefix(d.pad.Text(), before); got != letter {
		d.Errorf("typed %q\narrived %q", letter, got)
	}
	d.keyboard("with three calls ringing")
	legs, err := d.pbx.Legs(d.ctx)
	d.must(err)
	if n := strings.Count(strings.Join(legs, "\n"), " "+device+" Alerting "); n != 3 {
		d.Errorf("the keys have answered or cleared calls: %q", legs)
	}
	d.until("three calls on the popup", func() bool {
		w, ok := d.app.Popup()
		return ok && w.Rect.Dy() > 350 && d.HasColour(w.Rect, desktoptest.Green)
	})
	d.shot("three-calls")
	for _, caller := range []string{"33445566", "22334455", "44556677"} {
		d.must(d.pbx.Do("clear " + caller))
	}
	d.over()
}

// callOf returns the callID with which a caller rings here.
func (d *desk) callOf(caller string) string {
	d.Helper()
	legs, err := d.pbx.Legs(d.ctx)
	d.must(err)
	for _, l := range legs {
		if f := strings.Fields(l); f[3] == device && f[6] == caller {
			return f[2]
		}
	}
	d.Fatalf("%s does not ring: %q", caller, legs)
	return ""
}

// dialling: from the window by Enter, and from the clipboard through the tray.
func (d *desk) dialling() {
	d.Helper()
	d.must(d.app.Click(d.ctx, "Open"))
	d.until("the window", func() bool { _, ok := d.WindowByTitle(desktoptest.MainTitle); return ok })
	window, _ := d.WindowByTitle(desktoptest.MainTitle)
	d.until("the window to have the keyboard", func() bool { w, ok := d.FocusedWindow(); return ok && w.ID == window.ID })
	d.shot("window")
	mark := d.pbx.Mark()
	d.must(d.Type("+45 55 66 77 88"))
	d.must(d.Key("Return"))
	d.must(d.pbx.Saw(d.ctx, mark, "service MakeCall "+device+" +4555667788"))
	d.must(d.app.Offers(d.ctx, "Calling"))
	d.must(d.app.Offers(d.ctx, "Talking to"))
	d.until("Hang up in the window", func() bool { return d.HasButton(window.Rect, desktoptest.Red) })
	d.shot("window-talking")
	d.must(d.PressIn(d.ctx, window.Rect, desktoptest.Red, func() bool {
		legs, err := d.pbx.Legs(d.ctx)
		return err == nil && len(legs) == 0
	}))
	d.over()
	d.must(d.Key("Escape"))
	d.until("Esc to hide the window", func() bool { _, ok := d.WindowByTitle(desktoptest.MainTitle); return !ok })

	for copied, want := range map[string][2]string{
		"Tlf.: +45 22 33 44 55 (kontor)": {"Dial +45 22 33 44 55", "+4522334455"},
		"tel:999":                        {"Dial 999", "999"},
	} {
		mark := d.pbx.Mark()
		d.must(d.SetClipboard(d.ctx, copied))
		d.must(d.app.Click(d.ctx, want[0]))
		d.must(d.pbx.Saw(d.ctx, mark, "service MakeCall "+device+" "+want[1]))
		if want[1] == "999" {
			d.over() // busy
			continue
		}
		d.must(d.app.Offers(d.ctx, "Talking to"))
		mark = d.pbx.Mark()
		d.must(d.app.Click(d.ctx, "Hang up"))
		d.must(d.pbx.Saw(d.ctx, mark, "service ClearConnection"))
		d.over()
	}
}

// restart: the PBX goes away for two seconds.
func (d *desk) restart() {
	d.Helper()
	mark := d.pbx.Mark()
	icon := d.app.Icon()
	d.must(d.pbx.Do("restart 2s"))
	d.until("the tray not to say online", func() bool { return !strings.Contains(d.app.ToolTip(), "online") })
	if d.app.Icon() == icon {
		d.Error("the icon is the same without a connection")
	}
	d.must(d.app.Says(d.ctx, "offline"))
	d.shot("offline")
	d.must(d.app.Says(d.ctx, "online"))
	d.must(d.pbx.Saw(d.ctx, mark, "monitor u-12345678-"+device))
	d.ring("22334455", device, "Ærø Bageri", "Ærø Bageri")
	d.must(d.app.Press(d.ctx, desktoptest.Red, func() bool { _, ok := d.app.Popup(); return !ok }))
	d.over()
}

// secondStart: a second start shows the window of the first; "calltray hangup" asks the running one.
func (d *desk) secondStart(url string) {
	d.Helper()
	second, err := d.Desktop.Run(d.command(d.account(url)))
	d.must(err)
	d.must(second.Ended())
	if !strings.Contains(second.Log(), "already running") {
		d.Errorf("the second start says %q", second.Log())
	}
	d.until("the first one's window", func() bool { w, ok := d.FocusedWindow(); return ok && w.Title == desktoptest.MainTitle })
	d.must(d.Again(d.ctx, func() error { return d.Key("Escape") }, func() bool { _, ok := d.WindowByTitle(desktoptest.MainTitle); return !ok }))
	d.ring("22334455", device, "Ærø Bageri", "Ærø Bageri")
	links := d.pbx.Mark()
	hangup, err := d.Desktop.Run(d.command(d.account(url), "hangup"))
	d.must(err)
	d.must(hangup.Ended())
	if !strings.HasPrefix(hangup.Log(), "Hung up: Ærø Bageri") {
		d.Errorf("hangup says %q", hangup.Log())
	}
	d.over()
	if strings.Contains(d.pbx.Since(links), "login") {
		d.Error("hangup has logged in, with the application running")
	}
}

// quit: the PBX is told, the icon goes, and nothing went wrong on the way.
func (d *desk) quit() {
	d.Helper()
	mark := d.pbx.Mark()
	d.must(d.app.Click(d.ctx, "Quit"))
	if err := d.app.Ended(); err != nil {
		d.Errorf("Calltray ended with %v", err)
	}
	d.must(d.pbx.Saw(d.ctx, mark, "logout"))
	d.until("the icon to go", func() bool { _, ok := d.Tray(d.app.Process.Process.Pid); return !ok })
	d.healthy()
}
