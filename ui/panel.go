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
	if look.icon != before.icon || look.dark != before.dark || look.missed != before.missed {
		icon := look.icon.WithBadge(look.dark, look.missed)
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
