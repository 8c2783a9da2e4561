package ui

import (
	"context"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"time"

	"fyne.io/systray"

	"calltray/assets"
)

// panel is the desktop side of the tray. One goroutine owns it.
type panel struct {
	log   *slog.Logger
	items [entries]*systray.MenuItem

	mu    sync.Mutex
	shown trayLook
	since [entries]time.Time // when each entry got its present meaning
}

// build creates the entries, all hidden.
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

// menuGuard is how long after a change nobody can have read a menu entry.
const menuGuard = 700 * time.Millisecond

// clicked returns an entry as shown, and whether it has only just changed. It may be called from any goroutine.
func (p *panel) clicked(n int) (e entry, fresh bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown.menu[n], time.Since(p.since[n]) < menuGuard
}

// take records a look as the one shown, and returns the previous one.
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

// follow applies looks until ctx ends, and calls opened when the user opens the menu.
func (p *panel) follow(ctx context.Context, looks <-chan trayLook, opened func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case look := <-looks:
			p.apply(look)
		case <-systray.TrayOpenedCh:
			go opened() // it asks another program, which may be slow
		}
	}
}

// apply updates what differs. systray panics when it sets the icon after the session bus has died: the icon is lost,
// but the program must go on.
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
	if look.icon != before.icon || look.dark != before.dark || look.missed != before.missed {
		icon := look.icon.WithBadge(look.dark, look.missed)
		if runtime.GOOS == "windows" {
			icon = assets.ICO(icon, 64)
		}
		systray.SetIcon(icon)
	}
}

// escapeMenu keeps the desktop from reading an access key out of a caller's name.
func escapeMenu(title string) string {
	if runtime.GOOS == "windows" {
		return strings.ReplaceAll(title, "&", "&&")
	}
	return strings.ReplaceAll(title, "_", "__")
}
