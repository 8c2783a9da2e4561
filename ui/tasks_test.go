package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"calltray/cstasession/csta"
	"calltray/internal/account"
)

// stroke is one click, or one key.
type stroke struct {
	what string
	do   func(f *fixture)
}

// click is a click on what of finds, as late as one that was meant.
func click(what string, of func(f *fixture) fyne.CanvasObject) stroke {
	return stroke{"click " + what, func(f *fixture) {
		o := of(f)
		f.still()
		page := f.ui.window.calls
		page.grown, page.sideMoved = time.Time{}, time.Time{}
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
		test.TapCanvas(f.ui.window.window.Canvas(), at.AddXY(o.Size().Width/2, o.Size().Height/2))
		f.settle()
	}}
}

// clickLabel is a click on the button of the window that says so.
func clickLabel(label string) stroke {
	return click(label, func(f *fixture) fyne.CanvasObject { return f.page().button(label) })
}

// clickPopup is a click on a button of the popup's first card.
func clickPopup(label string) stroke {
	return stroke{"click " + label, func(f *fixture) {
		at := f.middle(f.card(1).button(label))
		f.ui.popup.moved = time.Time{}
		f.point(at, true, true)
		f.point(at, true, false)
	}}
}

// clickTray is a click on the tray's icon.
var clickTray = stroke{"click the tray's icon", func(f *fixture) { f.ui.window.open(pageCalls); f.settle() }}

func key(name string, key fyne.KeyName) stroke {
	return stroke{name, func(f *fixture) { f.press(key) }}
}

func letter(r rune) stroke { return stroke{string(r), func(f *fixture) { f.typed(string(r)) }} }

func hotkeyFor(what string, field account.Field) stroke {
	return stroke{"hotkey " + what, func(f *fixture) { f.ui.hotkey(field); f.settle() }}
}

// menuItem is the nth item of the menu over the window.
func menuItem(n int) func(f *fixture) fyne.CanvasObject {
	return func(f *fixture) fyne.CanvasObject {
		for _, o := range test.LaidOutObjects(f.ui.window.window.Canvas().Overlays().Top()) {
			if m, is := o.(*widget.PopUpMenu); is {
				return m.Items[n]
			}
		}
		f.t.Fatal("there is no menu")
		return nil
	}
}

// TestClicksAndKeys performs what people do every day, with exactly these clicks or keys. They are counted from where the
// user is: in another program, or in Calltray's window.
func TestClicksAndKeys(t *testing.T) {
	const elsewhere, inWindow = "elsewhere", "in the window"
	ring, talk := call("r", csta.Ringing, "22334455", "Ærø Bageri"), call("t", csta.Active, "22334455", "Ærø Bageri")
	transferTo := click("Transfer at the colleague", func(f *fixture) fyne.CanvasObject {
		return f.ui.window.side.colleagues.rows()[1].icons[buttonHandOver]
	})
	quietUntilLunch := func(f *fixture) string {
		end := f.ui.quietUntil().Local()
		if got := end.Format("04:05"); got != "00:00" || !end.After(time.Now()) { // at noon; after noon, tomorrow is in its place
			return fmt.Sprint("it ends at ", end)
		}
		return ""
	}
	for _, task := range []struct {
		task, where string
		calls       []csta.Call
		strokes     []stroke
		want        string
		check       func(f *fixture) string // returns what is wrong
	}{
		{"answer", elsewhere, []csta.Call{ring}, []stroke{clickPopup("Answer")}, "answer r", nil},
		{"answer", elsewhere, []csta.Call{ring}, []stroke{hotkeyFor("Answer", account.FieldHotkeyAnswer)}, "answer r", nil},
		{"answer", inWindow, []csta.Call{ring}, []stroke{clickLabel("Answer")}, "answer r", nil},
		{"answer", inWindow, []csta.Call{ring}, []stroke{key("F2", fyne.KeyF2)}, "answer r", nil},

		{"dial from the clipboard", elsewhere, nil, []stroke{
			{"click the tray's icon with the other button", func(f *fixture) { f.ui.tray.render(f.ui) }},
			{"click Dial 22 33 44 55", func(f *fixture) { f.choose(entryClip) }}}, "call 22334455", nil},
		{"dial from the clipboard", elsewhere, nil, []stroke{hotkeyFor("Dial", account.FieldHotkeyDial),
			{"Enter", func(f *fixture) {
				f.until("it asks", func() bool { return f.ui.asks.shown })
				f.look()
				f.ui.asks.key(fyne.KeyReturn)
			}}}, "call 22334455", nil},
		{"dial from the clipboard", inWindow, nil, []stroke{clickLabel("Paste and dial")}, "call 22334455", nil},
		{"dial from the clipboard", inWindow, nil, []stroke{{"Ctrl+V", func(f *fixture) {
			board := test.NewClipboard()
			board.SetContent(f.desk.clipboard)
			f.ui.window.calls.entry.TypedShortcut(&fyne.ShortcutPaste{Clipboard: board})
		}}, key("Enter", fyne.KeyReturn)}, "call 22334455", nil},

		{"transfer a ringing call to a colleague", elsewhere, []csta.Call{ring}, []stroke{clickPopup("Transfer"), transferTo,
			click("Transfer", func(f *fixture) fyne.CanvasObject { return f.question().button("Transfer") })}, "deflect r to 205", nil},
		{"transfer an active call to a colleague", inWindow, []csta.Call{talk}, []stroke{transferTo,
			click("Transfer", func(f *fixture) fyne.CanvasObject { return f.question().button("Transfer") })}, "transfer t to 205", nil},
		{"transfer an active call to a colleague", inWindow, []csta.Call{talk}, []stroke{letter('m'), key("F8", fyne.KeyF8)}, "transfer t to 205", nil},
		{"transfer a ringing call to a colleague", inWindow, []csta.Call{ring}, []stroke{letter('m'), key("F8", fyne.KeyF8)}, "deflect r to 205", nil},

		{"see a missed call and call back", elsewhere, []csta.Call{ended("m", csta.Missed, "22334455", "Ærø Bageri")}, []stroke{clickTray,
			click("Call at the call", func(f *fixture) fyne.CanvasObject { return f.past("Ærø Bageri", "Missed").dial })}, "call 22334455", nil},
		{"see a missed call and call back", elsewhere, []csta.Call{ended("m", csta.Missed, "22334455", "Ærø Bageri")}, []stroke{
			hotkeyFor("Open the window", account.FieldHotkeyShow), key("F10", fyne.KeyF10), key("Enter", fyne.KeyReturn)}, "call 22334455", nil},

		{"do not disturb until lunch", elsewhere, nil, []stroke{clickTray, clickLabel("Do not disturb"), click("Until lunch", menuItem(2))},
			"do-not-disturb true", quietUntilLunch},
		{"do not disturb until lunch", inWindow, nil, []stroke{
			{"Shift+Tab", func(f *fixture) { f.ui.window.window.Canvas().FocusPrevious() }}, key("Space", fyne.KeySpace),
			key("Down", fyne.KeyDown), key("Down", fyne.KeyDown), key("Down", fyne.KeyDown), key("Enter", fyne.KeyReturn)},
			"do-not-disturb true", quietUntilLunch},
	} {
		var whats []string
		for _, s := range task.strokes {
			whats = append(whats, s.what)
		}
		line := fmt.Sprintf("%s, %s: %d (%s)", task.task, task.where, len(whats), strings.Join(whats, ", "))
		t.Run(line, func(t *testing.T) {
			f := newFixture(t)
			f.ui.tray.looks = make(chan trayLook, 1)
			f.desk.clipboard = "Tlf. 22 33 44 55"
			f.openOffice()
			f.tells(colleague("202", "Bo Lund"), colleague("205", "Maja Holm"))
			if task.where == elsewhere {
				f.ui.window.close()
			}
			f.ui.clipboardChanged(true)
			f.tell(csta.State{Status: csta.Online, Since: time.Now(), Trunk: csta.On, Calls: task.calls, Telephone: csta.Telephone{DoNotDisturb: csta.Off}})
			f.settle()
			if len(task.calls) > 0 && task.calls[0].Phase == csta.Ended {
				f.remembers(1)
			}
			for n, s := range task.strokes {
				f.notAsked(strings.Join(whats[:n], ", "))
				s.do(f)
			}
			f.until("the phone is asked", func() bool { return len(f.phone.asked) > 0 })
			if got := f.asked(); got != task.want {
				t.Errorf("the phone was asked to %q, want %q", got, task.want)
			}
			f.until("the service is over", func() bool { return len(f.ui.busy) == 0 && len(f.ui.telephone.changing) == 0 && f.ui.dialling == "" })
			if task.check != nil {
				if wrong := task.check(f); wrong != "" {
					t.Error(wrong)
				}
			}
		})
		t.Log(line)
	}
}
