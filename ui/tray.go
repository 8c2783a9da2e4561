package ui

import (
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"fyne.io/systray"

	"calltray/assets"
	"calltray/cstasession/csta"
	"calltray/internal/journal"
	"calltray/internal/text"
)

// trayIcon returns the icon for a state. A ringing call comes first, as it needs action; then a call in progress;
// then whether a call would ring at all.
func trayIcon(s csta.State) assets.Icon {
	switch s.Status {
	case csta.Offline:
		return assets.Offline
	case csta.Connecting:
		return assets.Connecting
	}
	icon := assets.Online
	if rule, ok := forwardsAll(s.Telephone); ok && rule.Active {
		icon = assets.Elsewhere
	}
	if s.Telephone.DoNotDisturb == csta.On {
		icon = assets.DoNotDisturb
	}
	for _, c := range living(s) {
		switch {
		case c.Alerts():
			return assets.Ringing
		case c.Phase != csta.Ringing:
			icon = assets.InCall
		}
	}
	return icon
}

// noMarkup replaces the angle brackets in a caller's name: some panels read a tooltip as HTML, and would fetch a
// picture named in it.
var noMarkup = strings.NewReplacer("<", "‹", ">", "›")

// trayTip returns the icon's tooltip. If nameless, it names nobody.
func trayTip(s csta.State, missed journal.Unseen, device string, demo, nameless bool) string {
	name := "Calltray"
	if demo {
		name = "Calltray (" + text.Say("demo") + ")"
	}
	parts := []string{name, strings.ToLower(text.StatusWord(s.Status))}
	switch calls := living(s); {
	case s.Status != csta.Online && s.Err != nil:
		parts = append(parts, text.Explain(s.Err))
	case device != "":
		parts = append(parts, text.Say("extension {{.Extension}}", "Extension", device))
		parts = append(parts, silences(s)...)
		if len(calls) > 0 && s.Status == csta.Online {
			parts = append(parts, callLine(calls[0], nameless))
		}
		if word := text.TransportWord(s.Path); s.Status == csta.Online && word != "" {
			parts = append(parts, word)
		}
	}
	if missed.Count > 0 {
		parts = append(parts, missedLine(missed, nameless))
	}
	tip := noMarkup.Replace(strings.Join(parts, " - "))
	if runtime.GOOS == "windows" {
		tip = shortTip(tip)
	}
	return tip
}

// missedLine describes the missed calls, briefly enough for a tooltip.
func missedLine(missed journal.Unseen, nameless bool) string {
	first, _ := text.Who(missed.Last)
	switch {
	case nameless && missed.Count == 1:
		return text.Say("1 missed call {{.Time}}", "Time", text.TimeOfDay(missed.Began))
	case nameless:
		return text.Say("{{.Count}} missed calls, the last {{.Time}}", "Count", strconv.Itoa(missed.Count), "Time", text.TimeOfDay(missed.Began))
	case missed.Count == 1:
		return text.Say("1 missed call: {{.Who}} {{.Time}}", "Who", first, "Time", text.TimeOfDay(missed.Began))
	}
	return text.Say("{{.Count}} missed calls, the last: {{.Who}} {{.Time}}", "Count", strconv.Itoa(missed.Count), "Who", first, "Time", text.TimeOfDay(missed.Began))
}

// trayBadge returns the number of missed calls to show on the icon: none while a call rings or is in progress.
func trayBadge(icon assets.Icon, missed int) int {
	switch icon {
	case assets.Ringing, assets.InCall:
		return 0
	}
	return min(missed, assets.MostInBadge+1)
}

// tipUnits is how much of a tooltip Windows shows: 128 UTF-16 units, including the terminating zero.
const tipUnits = 127

// shortTip cuts a tooltip for Windows. A right-to-left name keeps its isolates.
func shortTip(tip string) string {
	units, open := 0, 0
	for at, r := range tip {
		switch r {
		case '\u2068':
			open++
		case '\u2069':
			open--
		}
		if units += utf16.RuneLen(r); units > tipUnits-2 && len(tip) > at+len(string(r)) {
			cut := tip[:at]
			if open > 0 && r != '\u2068' {
				cut += "\u2069"
			}
			return cut + "…"
		}
	}
	return tip
}

// trayLook is everything that a panel shows of Calltray.
type trayLook struct {
	icon   assets.Icon
	missed int // calls, as on the badge; 0 for none
	dark   bool
	tip    string
	menu   [entries]entry
}

// tray is the icon and its menu. It uses fyne.io/systray directly, because Fyne would open a hidden OpenGL window for
// it.
type tray struct {
	slots [trayCalls]csta.ConnectionID
	look  trayLook // as last sent to the panel
	end   func()   // nil until started
	looks chan trayLook
	drawn func() // if set, called for every look that is sent
}

// start puts the icon into the panel. Without a session bus it does nothing: systray would start one.
func (t *tray) start(u *UI) {
	if !u.cfg.Desk.HasTray() {
		u.log.Info("no tray: there is no session bus")
		return
	}
	t.looks = make(chan trayLook, 1)
	t.render(u)
	opened := func() { u.post(func() { u.window.open(pageCalls) }) }
	chosen := func(e entry, fresh bool) { u.post(func() { u.chosen(e, fresh) }) }

	systray.SetOnTapped(opened)
	started := make(chan struct{})
	ready := func() {
		p := &panel{log: u.log}
		p.build(chosen)
		go func() {
			// Updates while systray starts may be lost: on Linux it copies icon and tooltip for the bus some time
			// before it accepts new ones there.
			<-started
			p.follow(u.ctx, t.looks, u.lookAtClipboard)
		}()
	}
	if runtime.GOOS == "windows" {
		t.end = systray.Quit
		t.runThread(u, ready, started)
		return
	}
	start, end := systray.RunWithExternalLoop(ready, nil)
	t.end = end
	if u.cfg.Desk.TrayNeedsLoop() {
		start()
		close(started)
	} else {
		go func() { start(); close(started) }() // waits for the bus
	}
}

// runThread runs the icon on a thread of its own, and waits until it is there. On Windows the icon belongs to a
// window, whose messages go to the thread that made it; while its menu is open, that thread does nothing else. On the
// UI's goroutine, a call that comes in then would not be shown.
func (t *tray) runThread(u *UI, ready func(), started chan struct{}) {
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		systray.Run(func() { ready(); close(started) }, nil)
	}()
	select {
	case <-started:
	case <-u.ctx.Done():
	case <-time.After(threadLimit):
		u.log.Warn("the tray's icon does not come")
	}
}

// threadLimit is how long start waits for the icon.
const threadLimit = 5 * time.Second

// render sends what the panel should show. The panel may be slow, or its bus dead: only the newest look waits.
func (t *tray) render(u *UI) {
	t.slots = slots(t.slots, u.state)
	forward, _ := u.rule("forwardImmediate")
	missed := u.history.unseen
	missed.Last = u.known(missed.Last)
	// The window still shows names: whoever shares it shares the history, too, and looks there for who is calling.
	nameless := u.cfg.Shared != nil && u.cfg.Shared()
	look := trayLook{
		icon: trayIcon(u.calm()),
		dark: u.dark,
		tip:  trayTip(u.calm(), missed, u.settings.Device, u.cfg.Demo, nameless),
		menu: trayMenu(u.state, t.slots, u.settings.Device, u.clipboardNumbers(), u.busy, forward.To, nameless),
	}
	look.missed = trayBadge(look.icon, missed.Count)
	if look == t.look || t.looks == nil {
		return
	}
	t.look = look
	if t.drawn != nil {
		t.drawn()
	}
	select {
	case <-t.looks:
	default:
	}
	t.looks <- look
}

// calm returns the state without the ringing calls that the icon must not show. The menu still lists them.
func (u *UI) calm() csta.State {
	s := u.state
	s.Calls = slices.DeleteFunc(slices.Clone(s.Calls), func(c csta.Call) bool { return c.Alerts() && !u.attention(c).Tray })
	return s
}

func (t *tray) close() {
	if t.end != nil {
		t.end()
	}
}

// resume retrieves a held call, swapping it with the active one if there is one.
func (u *UI) resume(c csta.Call) {
	if situationOf(c, u.state.Calls).talking {
		u.act(actSwap, c)
		return
	}
	u.act(actResume, c)
}

// chosen runs a menu entry as it was when the user clicked it, whatever it would say by now. An entry that had only
// just changed may have been clicked by mistake: it does nothing, and the window shows the calls.
func (u *UI) chosen(e entry, fresh bool) {
	if e.disabled || e.title == "" {
		return
	}
	if fresh && e.verb.acts() {
		if e.verb == doDial {
			u.window.setNumber(text.ShownNumber(e.number))
		}
		u.tell(text.Say("The menu has just changed: look, and choose again."))
		u.window.open(pageCalls)
		return
	}
	switch e.verb {
	case doAnswer:
		u.answer(e.call)
	case doHangUp:
		u.hangUp(e.call)
	case doHold:
		u.act(actHold, u.call(e.call))
	case doResume:
		u.resume(u.call(e.call))
	case doQuiet:
		u.setDoNotDisturb(!e.checked)
	case doForward:
		u.setForwarding(!e.checked)
	case doOpen:
		u.window.open(pageCalls)
	case doDial:
		u.dial(e.number)
	case doClip:
		u.dialFromClipboard(false)
	case doSettings:
		u.window.open(pageSettings)
	case doQuit:
		u.askToQuit()
	}
}
