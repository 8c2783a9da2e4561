//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"calltray/internal/desktoptest"
)

// device is the extension that the application watches.
const device = "201"

const (
	often    = 20 * time.Millisecond // how often the recorder looks
	patience = 90 * time.Second      // for recovery; the longest back-off is 30 s
)

// recorder watches the tray and the PBX, and writes down what changes. It is used by one goroutine.
type recorder struct {
	result
	ctx  context.Context
	desk *desktoptest.Desktop
	pbx  *desktoptest.PBX
	app  *desktoptest.App
	wire *wire // nil while the application is in the machine's own network

	zero   time.Time // of the lines' seconds: when the fault began
	text   strings.Builder
	asleep bool // the program is stopped, and would not answer
	heard  int  // lines of the PBX
	tip    string
	icon   string
	notes  map[uint32]string // what each says, by its identifier
	gaps   []gap
	ends   []time.Time // sessions that expired, and that the PBX ended
	logins []time.Time
	starts []time.Time // monitors
}

// gap is a period in which the tray did not show online.
type gap struct{ from, to time.Time }

func (g gap) over() bool { return !g.to.IsZero() }

// open starts the PBX and the application, and waits until it is online.
func (r *recorder) open(program string, f fault) error {
	var more []string
	prefix := []string{program}
	if f.root {
		var err error
		if r.wire, err = layWire(r.ctx); err != nil {
			return err
		}
		more = []string{"--tcp", wireOutside + ":0", "--http", wireOutside + ":0"}
		prefix = r.wire.inside(program)
	}
	var err error
	if r.pbx, err = r.desk.StartPBX(r.ctx, program, more...); err != nil {
		return err
	}
	for _, command := range f.before {
		if err := r.pbx.Do(command); err != nil {
			return err
		}
	}
	url := r.pbx.TCP
	if f.gateway == "signalr" {
		url = r.pbx.HTTP
	}
	if err := r.settings(url); err != nil {
		return err
	}
	c := r.desk.Command(prefix[0], prefix[1:]...)
	c.Env = append(c.Env, "CALLTRAY_PASSWORD="+r.pbx.Password)
	if r.app, err = r.desk.StartApp(r.ctx, c); err != nil {
		return err
	}
	if err := r.until(patience, "the tray to say online", r.online); err != nil {
		return err
	}
	r.gaps = nil // the start was none
	return nil
}

// settings writes the account into the settings file, with the consent to an address without encryption.
func (r *recorder) settings(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	folder := filepath.Join(r.desk.Home, ".config", "calltray")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	text := fmt.Sprintf("url = %q\nuser_id = %q\npbx_domain = %q\ndevice = %q\nplain_accepted_for = %q\n",
		address, r.pbx.User, r.pbx.Domain, device, u.Scheme+"://"+u.Host)
	return os.WriteFile(filepath.Join(folder, "settings.toml"), []byte(text), 0o600)
}

// close ends the application as a person would, and removes the network. The desktop ends the rest.
func (r *recorder) close() {
	_ = r.app.Signal(syscall.SIGTERM)
	_ = r.app.Ended()
	if r.wire != nil {
		r.wire.remove()
	}
}

// failed adds details to an error.
func (r *recorder) failed(err error) error {
	if r.wire != nil {
		defer r.wire.remove()
	}
	if shot, e := r.desk.Screenshot(r.name + "-failed"); e == nil {
		err = fmt.Errorf("%w (the screen then: %s)", err, shot)
	}
	if r.app != nil {
		err = fmt.Errorf("%w\nCalltray said:\n%s", err, r.app.Log())
	}
	return err
}

// say writes a line.
func (r *recorder) say(format string, args ...any) {
	at := "         "
	if !r.zero.IsZero() {
		at = fmt.Sprintf("%7.2f s", time.Since(r.zero).Seconds())
	}
	fmt.Fprintf(&r.text, "  %s  %s\n", at, fmt.Sprintf(format, args...))
}

// begin records the moment of the fault.
func (r *recorder) begin(format string, args ...any) {
	r.look()
	r.zero = time.Now()
	r.say(format, args...)
}

// look writes down what has changed since the last call.
func (r *recorder) look() {
	now := time.Now()
	if r.pbx != nil {
		lines := r.pbx.Since(r.heard)
		for line := range strings.Lines(lines) {
			r.heard++
			r.hear(now, strings.TrimSpace(line))
		}
	}
	if r.app == nil || r.asleep {
		return
	}
	if tip := strings.TrimPrefix(r.app.ToolTip(), "Calltray - "); tip != r.tip && tip != "" {
		r.tip = tip
		r.say("tray: %s", tip)
		switch open := len(r.gaps) > 0 && !r.gaps[len(r.gaps)-1].over(); {
		case r.online() && open:
			r.gaps[len(r.gaps)-1].to = now
		case !r.online() && !open:
			r.gaps = append(r.gaps, gap{from: now})
		}
	}
	if icon := r.app.Icon(); icon != r.icon {
		if r.icon != "" {
			r.say("tray: the icon changes")
		}
		r.icon = icon
	}
	for _, n := range r.desk.Notifications() {
		text := n.Summary + ". " + n.Body
		if r.notes[n.ID] != text { // a new one, or one that says something else now
			r.notes[n.ID] = text
			r.say("notification: %s", text)
		}
	}
}

// hear takes in a line of the PBX.
func (r *recorder) hear(now time.Time, line string) {
	var list *[]time.Time
	switch {
	case !strings.HasPrefix(line, "link "):
		return
	case strings.Contains(line, " login "):
		list = &r.logins
	case strings.Contains(line, " monitor "):
		list = &r.starts
	case strings.HasSuffix(line, " expired"):
		list = &r.ends
	}
	if list != nil {
		*list = append(*list, now)
	}
	r.say("PBX:  %s", line)
}

func (r *recorder) online() bool { return strings.HasPrefix(r.tip, "online") }

// watch keeps looking for a while.
func (r *recorder) watch(d time.Duration) error {
	err := r.until(d, "", func() bool { return false })
	if errors.Is(err, errInVain) {
		return nil
	}
	return err
}

var errInVain = errors.New("waited in vain")

// until keeps looking until a condition holds.
func (r *recorder) until(limit time.Duration, what string, condition func() bool) error {
	end := time.NewTimer(limit)
	defer end.Stop()
	tick := time.NewTicker(often)
	defer tick.Stop()
	for {
		r.look()
		if condition() {
			return nil
		}
		var gone <-chan struct{}
		if r.app != nil {
			gone = r.app.Done()
		}
		select {
		case <-r.ctx.Done():
			return r.ctx.Err()
		case <-gone:
			return fmt.Errorf("calltray has ended")
		case <-end.C:
			return fmt.Errorf("%w for %s", errInVain, what)
		case <-tick.C:
		}
	}
}

// after fills in the row: the fault began and ended at these times.
func (r *recorder) after(began, ended time.Time) {
	for _, g := range r.gaps {
		if !r.noticed.was {
			r.noticed = since(began, g.from)
		}
		if g.over() {
			r.back = since(ended, g.to)
		}
	}
	for _, at := range r.logins {
		if at.After(began) && at.After(ended.Add(-often)) && !r.login.was {
			r.login = since(ended, at)
		}
	}
}

// shown waits until an incoming call is on the screen.
func (r *recorder) shown(limit time.Duration) error {
	return r.until(limit, "the popup of the call", func() bool {
		w, ok := r.app.Popup()
		return ok && r.desk.HasColour(w.Rect, desktoptest.Green)
	})
}

// next makes the call that shows whether everything works again.
func (r *recorder) next() error {
	r.say("a call to %s", device)
	placed := time.Now()
	if err := r.pbx.Do(`call 33445566 ` + device + ` "Bo Næste"`); err != nil {
		return err
	}
	if err := r.shown(15 * time.Second); err != nil {
		r.say("the popup does not show the call")
		return err
	}
	r.call = since(placed, time.Now())
	r.say("the popup shows the call")
	return r.hangUp("33445566")
}

// hangUp makes a caller give up, and waits until nothing rings.
func (r *recorder) hangUp(caller string) error {
	if err := r.pbx.Do("clear " + caller); err != nil {
		return err
	}
	return r.until(15*time.Second, "the popup to go", func() bool { _, ok := r.app.Popup(); return !ok })
}
