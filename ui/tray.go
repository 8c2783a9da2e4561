package ui

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"fyne.io/systray"

	"calltray/assets"
	"calltray/cstasession"
	"calltray/dialplan"
)

// The entries of the tray menu, in their order. They are made once and changed in place, since a menu
// that is on the screen must not be rebuilt, and keep their identifiers on the bus.
const (
	entryStatus = iota
	entryFirstCall
	entryMore     = entryFirstCall + trayCalls*perCall
	entryDial     = entryMore + 1
	entryClip     = entryDial + 1
	entryOpen     = entryClip + 1
	entrySettings = entryOpen + 1
	entryQuit     = entrySettings + 1
	entries       = entryQuit + 1
)

// trayCalls is how many calls the menu shows, each with a line, Answer and Hang up.
const (
	trayCalls = 3
	perCall   = 3
)

// entry is what one entry of the menu shows and does. An entry without a title is hidden.
type entry struct {
	title    string
	disabled bool
	verb     verb
	call     cstasession.ConnectionID
	number   string
}

// verb is what an entry does.
type verb int

const (
	doNothing verb = iota
	doAnswer
	doHangUp
	doOpen
	doDial
	doClip
	doSettings
	doQuit
)

// trayMenu is the menu as a function of what there is to know.
func trayMenu(s cstasession.State, places [trayCalls]cstasession.ConnectionID, device string, numbers []dialplan.Number, busy map[cstasession.ConnectionID]bool) [entries]entry {
	var m [entries]entry
	m[entryStatus] = entry{title: headline(s, device), disabled: true}
	calls := living(s)
	offline := s.Status != cstasession.Online
	for i, place := range places {
		n := slices.IndexFunc(calls, func(c cstasession.Call) bool { return c.ID == place })
		if n < 0 {
			continue
		}
		c := calls[n]
		at := entryFirstCall + i*perCall
		m[at] = entry{title: callLine(c), disabled: true}
		if c.Phase == cstasession.Ringing {
			m[at+1] = entry{title: say("Answer"), verb: doAnswer, call: c.ID, disabled: offline || busy[c.ID]}
		}
		m[at+2] = entry{title: say("Hang up"), verb: doHangUp, call: c.ID, disabled: offline || busy[c.ID]}
	}
	if more := len(calls) - trayCalls; more > 0 {
		m[entryMore] = entry{title: moreCalls(more), verb: doOpen}
	}
	m[entryDial] = entry{title: say("Dial…"), verb: doOpen}
	m[entryClip] = entry{title: say("Dial from clipboard…"), verb: doClip}
	if len(numbers) == 1 {
		m[entryClip] = entry{title: say("Dial {{.Number}}", "Number", numbers[0].Shown), verb: doDial, number: numbers[0].Dial, disabled: offline}
	}
	m[entryOpen] = entry{title: say("Open"), verb: doOpen}
	m[entrySettings] = entry{title: say("Settings"), verb: doSettings}
	m[entryQuit] = entry{title: say("Quit"), verb: doQuit}
	return m
}

// headline tells the state of the session in one line.
func headline(s cstasession.State, device string) string {
	if device == "" {
		return statusWord(s.Status)
	}
	return say("{{.Status}} · extension {{.Extension}}", "Status", statusWord(s.Status), "Extension", device)
}

// callLine tells a call in one line.
func callLine(c cstasession.Call) string {
	name := whoInLine(c.Remote)
	switch {
	case c.Phase == cstasession.Ringing:
		return say("{{.Who}} is calling", "Who", name)
	case c.Phase == cstasession.Calling:
		return say("Calling {{.Who}}", "Who", name)
	case c.Phase == cstasession.Held:
		return say("On hold: {{.Who}}", "Who", name)
	default:
		return say("Talking to {{.Who}}", "Who", name)
	}
}

func moreCalls(n int) string {
	if n == 1 {
		return say("one more call")
	}
	return say("{{.Count}} more calls", "Count", strconv.Itoa(n))
}

// trayIcon is the picture of a state. What rings comes first: it is what there is to act upon.
func trayIcon(s cstasession.State) assets.Icon {
	switch s.Status {
	case cstasession.Offline:
		return assets.Offline
	case cstasession.Connecting:
		return assets.Connecting
	}
	icon := assets.Online
	for _, c := range living(s) {
		if c.Phase == cstasession.Ringing {
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
func trayTip(s cstasession.State, device string, demo bool) string {
	name := "Calltray"
	if demo {
		name = "Calltray (" + say("demo") + ")"
	}
	parts := []string{name, strings.ToLower(statusWord(s.Status))}
	switch calls := living(s); {
	case s.Status != cstasession.Online && s.Err != nil:
		parts = append(parts, Explain(s.Err))
	case device != "":
		parts = append(parts, say("extension {{.Extension}}", "Extension", device))
		if len(calls) > 0 && s.Status == cstasession.Online {
			parts = append(parts, callLine(calls[0]))
		}
	}
	tip := noMarkup.Replace(strings.Join(parts, " - "))
	if runtime.GOOS == "windows" {
		tip = plain(tip, 120) // Windows holds 128 characters
	}
	return tip
}

// slots gives each living call a place in the menu that it keeps for life: a menu that is open must not
// move "Hang up" from one call to another while the pointer is on its way.
func slots(before [trayCalls]cstasession.ConnectionID, s cstasession.State) (after [trayCalls]cstasession.ConnectionID) {
	waiting := living(s)
	for i, id := range before {
		for j, c := range waiting {
			if c.ID == id {
				after[i] = id
				waiting = append(waiting[:j:j], waiting[j+1:]...)
				break
			}
		}
	}
	for i := range after {
		if after[i] == (cstasession.ConnectionID{}) && len(waiting) > 0 {
			after[i], waiting = waiting[0].ID, waiting[1:]
		}
	}
	return after
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
	slots [trayCalls]cstasession.ConnectionID
	look  trayLook // as last sent to the panel
	end   func()   // nil until started
	looks chan trayLook
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
	chosen := func(n int) { u.post(func() { u.chosen(n) }) }

	systray.SetOnTapped(opened)
	started := make(chan struct{})
	start, end := systray.RunWithExternalLoop(func() {
		p := panel{log: u.log}
		p.build(chosen)
		go func() {
			// What systray is told while it starts may be lost: on Linux it copies icon and tooltip for the
			// bus a while before it takes new ones there.
			<-started
			p.follow(u.ctx, t.looks, u.clipboardChanged)
		}()
	}, nil)
	t.end = end
	if trayNeedsFyne {
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
	look := trayLook{
		icon: trayIcon(u.state),
		dark: u.dark,
		tip:  trayTip(u.state, u.settings.Device, u.cfg.Demo),
		menu: trayMenu(u.state, t.slots, u.settings.Device, u.clip.numbers, u.busy),
	}
	if look == t.look || t.looks == nil {
		return
	}
	t.look = look
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

// chosen does what an entry of the menu says: what it said when it was last sent to the panel, and not
// what it would say by now.
func (u *UI) chosen(n int) {
	e := u.tray.look.menu[n]
	if e.disabled || e.title == "" {
		return
	}
	switch e.verb {
	case doAnswer:
		u.answer(e.call)
	case doHangUp:
		u.hangUp(e.call)
	case doOpen:
		u.window.open(pageCalls)
	case doDial:
		u.dial(e.number)
	case doClip:
		u.dialFromClipboard(false)
	case doSettings:
		u.window.open(pageSettings)
	case doQuit:
		u.quit()
	}
}

// panel is the desktop's side of the tray. One goroutine owns it.
type panel struct {
	log   *slog.Logger
	items [entries]*systray.MenuItem
	shown trayLook
}

// build makes the entries, all hidden but the last ones.
func (p *panel) build(chosen func(int)) {
	for n := range p.items {
		if n == entryDial || n == entryOpen {
			systray.AddSeparator()
		}
		item := systray.AddMenuItem("", "")
		item.Hide()
		p.items[n] = item
		go func() {
			for range item.ClickedCh {
				chosen(n)
			}
		}()
	}
	systray.SetTitle("Calltray")
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
			opened()
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
	before := p.shown
	p.shown = look
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
