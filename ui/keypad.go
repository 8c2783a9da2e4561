package ui

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"calltray/cstasession/csta"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// keypad plays digits into a call. It is an overlay on the right half of the window. The digits go out one at a
// time and in order, however fast they are typed, even after it has been closed.
type keypad struct {
	overlay
	ui     *UI
	played *widgets.Line

	call    csta.ConnectionID // gets the digits; zero while closed
	digits  string            // typed so far, without those that failed
	waiting []digit           // the first is being sent
}

// digit is a key of dtmf, for a call.
type digit struct {
	call csta.ConnectionID
	key  rune
}

// dtmf are the keys, in the order of every telephone.
const dtmf = "123456789*0#"

// maxDigits is how many of the played digits are shown, the last ones.
const maxDigits = 22

func newKeypad(u *UI) *keypad {
	k := &keypad{ui: u}
	k.overlay = newOverlay(&u.window, k.toggle)
	k.played = widgets.NewLine(28, true, theme.ColorNameForeground)
	k.played.Align = fyne.TextAlignCenter
	keys := container.NewGridWithColumns(3)
	for _, r := range dtmf {
		area := widgets.NewTapArea(&u.window, func() { k.play(r) })
		name := widgets.NewLine(24, true, theme.ColorNameForeground)
		name.Align, name.Least = fyne.TextAlignCenter, "#" // the widest
		name.Set(string(r))
		keys.Add(container.NewStack(widgets.NewSurface(theme.ColorNameButton, "", 6), widgets.Spacer(62), container.NewCenter(name), area))
	}
	hint := widgets.NewLines(2, theme.TextSize()-1, widgets.ColorMuted)
	hint.Set(text.Say("Type or click: each digit is played into the call. Esc closes."), widgets.ColorMuted)
	k.fill(widgets.NewColumn(8, k.played, container.New(layout.NewCustomPaddedLayout(0, 0, 0, 8), keys), hint))
	return k
}

// openKeypad shows the keypad for a call.
func (w *mainWindow) openKeypad(c csta.Call) {
	w.open(pageCalls)
	w.help.root.Hide()
	if w.keypad.call != c.ID {
		w.keypad.call, w.keypad.digits = c.ID, ""
	}
	w.keypad.root.Show()
	w.render()
	w.window.Canvas().Unfocus() // typing is for the call, not the entry
}

// toggle opens the keypad for the subject, or closes it.
func (k *keypad) toggle() {
	if !k.root.Visible() {
		k.ui.actOn(actKeypad)
		return
	}
	k.close()
	k.ui.window.open(pageCalls)
}

func (k *keypad) close() {
	k.call, k.digits = csta.ConnectionID{}, ""
	k.root.Hide()
}

// render updates the keypad, and closes it when its call has ended.
func (k *keypad) render() {
	if !k.root.Visible() {
		return
	}
	c := k.ui.call(k.call)
	if c.Phase == csta.Ended {
		k.close()
		return
	}
	k.title.Set(text.Say("Keypad · {{.Who}}", "Who", k.ui.named(c.Remote)))
	shown := []rune(k.digits)
	if len(shown) > maxDigits {
		shown = append([]rune("…"), shown[len(shown)-maxDigits:]...)
	}
	k.played.Set(string(shown))
}

// play queues a digit for the call and ignores anything else.
func (k *keypad) play(r rune) {
	if !strings.ContainsRune(dtmf, r) {
		return
	}
	if why := k.ui.why(actKeypad, k.ui.call(k.call)); why != "" {
		k.ui.tell(why)
		return
	}
	k.digits += string(r)
	if k.waiting = append(k.waiting, digit{k.call, r}); len(k.waiting) == 1 {
		k.send()
	}
	k.render()
}

// send plays the first waiting digit, then the next. If one fails, those after it are dropped: out of order or with
// a gap they would mean something else.
func (k *keypad) send() {
	u, d := k.ui, k.waiting[0]
	u.ask(serviceLimit, func(ctx context.Context, p Phone) error {
		return p.GenerateDigits(ctx, d.call, string(d.key))
	}, func(err error) {
		if err != nil {
			lost := ""
			k.waiting = slices.DeleteFunc(k.waiting, func(w digit) bool {
				if w.call == d.call {
					lost += string(w.key)
				}
				return w.call == d.call
			})
			if k.call == d.call {
				k.digits = strings.TrimSuffix(k.digits, lost)
			}
			u.tell(text.Say("{{.Digits}} was not played.", "Digits", lost) + " " + text.Explain(err))
		} else {
			k.waiting = k.waiting[1:]
		}
		if len(k.waiting) > 0 {
			k.send()
		}
		u.render()
	})
}
