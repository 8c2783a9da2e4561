package ui

import (
	"context"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode/utf16"

	"fyne.io/systray"

	"calltray/assets"
	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// trayIcon is the picture of a state. What rings comes first: it is what there is to act upon. Then what
// is talked in; and then whether a call would ring at all.
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
		if c.Phase == csta.Ringing {
			return assets.Ringing
		}
		icon = assets.InCall
	}
	return icon
}

// noMarkup takes the brackets out of a caller's name: some panels read a tooltip as HTML, and would fetch
// a picture that it names.
var noMarkup = strings.NewReplacer("<", "‹", ">", "›")

// trayTip is what the icon says when the pointer rests on it.
func trayTip(s csta.State, device string, demo bool) string {
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
			parts = append(parts, callLine(calls[0]))
		}
	}
	tip := noMarkup.Replace(strings.Join(parts, " - "))
	if runtime.GOOS == "windows" {
		tip = shortTip(tip)
	}
	return tip
}

// tipUnits is how much of a tooltip Windows shows: 128 UTF-16 units with the zero at the end.
const tipUnits = 127

// shortTip cuts a tooltip for Windows. A name that is written from right to left keeps its isolates.
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

// trayLook is all that a panel shows of us.
type trayLook struct {
	icon assets.Icon
	dark bool
	tip  string
	menu [entries]entry
}

// tray is the icon and its menu. It is drawn by fyne.io/systray itself and not through Fyne, which
// would open a hidden OpenGL window for it.
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
	start, end := systray.RunWithExternalLoop(func() {
		p := &panel{log: u.log}
		p.build(chosen)
		go func() {
			// What systray is told while it starts may be lost: on Linux it copies icon and tooltip for the
			// bus a while before it takes new ones there.
			<-started
			p.follow(u.ctx, t.looks, u.lookAtClipboard)
		}()
	}, nil)
	t.end = end
	if u.cfg.Desk.TrayNeedsLoop() {
		start()
		close(started)
	} else {
		go func() { start(); close(started) }() // waits for the bus
	}
}

// render sends what the panel ought to show. The panel may be slow, or its bus dead: only the newest
// look waits.
func (t *tray) render(u *UI) {
	t.slots = slots(t.slots, u.state)
	forward, _ := u.rule("forwardImmediate")
	look := trayLook{
		icon: trayIcon(u.state),
		dark: u.dark,
		tip:  trayTip(u.state, u.settings.Device, u.cfg.Demo),
		menu: trayMenu(u.state, t.slots, u.settings.Device, u.clip.numbers, u.busy, forward.To),
	}
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

func (t *tray) close() {
	if t.end != nil {
		t.end()
	}
}

// resume takes a held call back, from the one that is talked in if there is one.
func (u *UI) resume(c csta.Call) {
	if situationOf(c, u.state.Calls).talking {
		u.act(actSwap, c)
		return
	}
	u.act(actResume, c)
}

// chosen does what an entry of the menu said when the user clicked it, whatever it would say by now. One that
// had only just changed may have been meant otherwise: nothing is done, and the window shows what there is.
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

// panel is the desktop's side of the tray. One goroutine owns it.
type panel struct {
	log   *slog.Logger
	items [entries]*systray.MenuItem

	mu    sync.Mutex
	shown trayLook
	since [entries]time.Time // when an entry came to mean what it does
}

// build makes the entries, all hidden but the last ones.
func (p *panel) build(chosen func(e entry, fresh bool)) {
	for n := range p.items {
		if n == entryDial || n == entryQuiet || n == entryOpen {
			systray.AddSeparator()
		}
		var item *systray.MenuItem
		if n == entryQuiet || n == entryForward {
			item = systray.AddMenuItemCheckbox("", "", false)
		} else {
			item = systray.AddMenuItem("", "")
		}
		item.Hide()
		p.items[n] = item
		go func() {
			for range item.ClickedCh {
				chosen(p.clicked(n))
			}
		}()
	}
	systray.SetTitle("Calltray")
}

// menuGuard is how long nobody can have read an entry of the menu that has changed.
const menuGuard = 700 * time.Millisecond

// clicked returns an entry as the panel shows it, and whether it has only just changed. Any goroutine may call it.
func (p *panel) clicked(n int) (e entry, fresh bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown.menu[n], time.Since(p.since[n]) < menuGuard
}

// take makes a look the one that is shown, and returns the one before it.
func (p *panel) take(look trayLook) (before trayLook) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before, p.shown = p.shown, look
	for n, e := range look.menu {
		if !e.means(before.menu[n]) {
			p.since[n] = time.Now()
		}
	}
	return before
}

// follow applies the looks until ctx ends, and calls opened when the user opens the menu.
func (p *panel) follow(ctx context.Context, looks <-chan trayLook, opened func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case look := <-looks:
			p.apply(look)
		case <-systray.TrayOpenedCh:
			go opened() // it asks another program, which may take its time
		}
	}
}

// apply changes what differs. Setting the icon panics in systray when the session bus has died, which
// costs the icon, and must not cost the program.
func (p *panel) apply(look trayLook) {
	defer func() {
		if r := recover(); r != nil {
			p.log.Warn("the tray icon cannot be set", "reason", r)
		}
	}()
	before := p.take(look)
	for n, e := range look.menu {
		was := before.menu[n]
		if e.title != "" && (e.title != was.title || was.title == "") {
			p.items[n].SetTitle(escapeMenu(e.title))
		}
		if e.disabled != was.disabled && e.title != "" || was.title == "" && e.title != "" {
			if e.disabled {
				p.items[n].Disable()
			} else {
				p.items[n].Enable()
			}
		}
		if e.checked != was.checked {
			if e.checked {
				p.items[n].Check()
			} else {
				p.items[n].Uncheck()
			}
		}
		switch {
		case e.title == "" && was.title != "":
			p.items[n].Hide()
		case e.title != "" && was.title == "":
			p.items[n].Show()
		}
	}
	if look.tip != before.tip {
		systray.SetTooltip(look.tip)
	}
	if look.icon != before.icon || look.dark != before.dark {
		icon := look.icon.PNG(look.dark)
		if runtime.GOOS == "windows" {
			icon = assets.ICO(icon, 64)
		}
		systray.SetIcon(icon)
	}
}

// escapeMenu keeps the desktop from reading an underline out of a caller's name.
func escapeMenu(title string) string {
	if runtime.GOOS == "windows" {
		return strings.ReplaceAll(title, "&", "&&")
	}
	return strings.ReplaceAll(title, "_", "__")
}
