//go:build linux

package main

import (
	"fmt"
	"strings"
	"syscall"
	"time"
)

// fault is one thing that can go wrong.
type fault struct {
	name, title string
	gateway     string   // "tcp" or "signalr"
	before      []string // commands to the PBX, before the login
	root        bool     // in a network namespace, which needs root
	play        func(*recorder) error
}

// faults are those of the network, the machine and the PBX.
func faults() []fault {
	return []fault{
		{name: "restart", title: "the server is restarted, and away for ten seconds", gateway: "tcp", play: restart},
		{name: "silence", title: "a black hole of two minutes: the link stays up, nothing comes back", gateway: "tcp", play: silence},
		{name: "sleep-tcp", title: "the program is stopped for a minute; the link survives", gateway: "tcp", play: sleep},
		{name: "sleep-signalr", title: "the program is stopped for a minute; the hub gives the link up meanwhile, and tells of its calls when asked", gateway: "signalr", before: []string{"set snapshot ecma"}, play: sleep},
		{name: "network", title: "the network interface goes down, and up again half a minute later", gateway: "tcp", root: true, play: network},
		{name: "forgotten", title: "the PBX forgets the monitor, and tells of no calls when asked (as documented)", gateway: "tcp", play: forgotten},
		{name: "forgotten-snapshot", title: "the PBX forgets the monitor, and tells of its calls when asked", gateway: "tcp", before: []string{"set snapshot ecma"}, play: forgotten},
	}
}

// granted is the duration of the sessions in expiries.
const granted = 20 * time.Second

// expiries are the ways in which a server may handle the expiry of a session.
func expiries() (list []fault) {
	for _, timer := range []struct{ word, means string }{
		{"ignored", "nothing happens at the end"}, {"terminate", "the PBX ends the session"}, {"close", "the PBX closes the link"},
	} {
		for _, reset := range []struct{ word, means string }{
			{"supported", "can be renewed"}, {"error", "renewal is refused"}, {"silence", "renewal is not answered"},
		} {
			list = append(list, fault{
				name:    "expiry-" + timer.word + "-" + reset.word,
				title:   fmt.Sprintf("a session of %v: %s; %s", granted, timer.means, reset.means),
				gateway: "tcp",
				before:  []string{fmt.Sprintf("set max-session %v", granted), "set timer " + timer.word, "set reset " + reset.word},
				play:    func(r *recorder) error { return expiry(r, timer.word != "ignored") },
			})
		}
	}
	return list
}

// outage is a fault that lasts for a while, after which the application must be online again.
func outage(r *recorder, lasts time.Duration, begin, end func() error) error {
	if err := begin(); err != nil {
		return err
	}
	if err := r.watch(time.Until(r.zero.Add(lasts))); err != nil {
		return err
	}
	if err := end(); err != nil {
		return err
	}
	ended := time.Now()
	err := r.until(patience, "the tray to say offline, and online again", func() bool {
		return len(r.gaps) > 0 && r.gaps[len(r.gaps)-1].over()
	})
	r.after(r.zero, ended)
	if err != nil {
		return err
	}
	return r.next()
}

func restart(r *recorder) error {
	const away = 10 * time.Second
	return outage(r, away,
		func() error { r.begin("the server goes away"); return r.pbx.Do("restart 10s") },
		func() error { r.say("the server is back"); return nil })
}

func silence(r *recorder) error {
	return outage(r, 2*time.Minute,
		func() error { r.begin("nothing comes back any more"); return r.pbx.Do("silence on") },
		func() error { r.say("the server answers again"); return r.pbx.Do("silence off") })
}

func network(r *recorder) error {
	return outage(r, 30*time.Second,
		func() error { r.begin("the interface goes down"); return r.wire.down() },
		func() error { r.say("the interface is up again"); return r.wire.up() })
}

// sleep: a call arrives while the program is stopped, and still rings when it continues.
func sleep(r *recorder) error {
	r.begin("the program is stopped: nobody can ask its tray")
	r.asleep = true
	if err := r.app.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	if err := r.watch(50 * time.Second); err != nil {
		return err
	}
	r.say("a call to %s", device)
	if err := r.pbx.Do(`call 22334455 ` + device + ` "Ærø Bageri"`); err != nil {
		return err
	}
	if err := r.watch(10 * time.Second); err != nil {
		return err
	}
	if err := r.app.Signal(syscall.SIGCONT); err != nil {
		return err
	}
	r.asleep = false
	woke := time.Now()
	r.say("the program goes on")
	// It may have been online all the time, so the tray alone does not tell: the call has to come.
	switch err := r.shown(10 * time.Second); {
	case err == nil:
		r.say("the popup shows the call that came in sleep")
		r.remark = fmt.Sprintf("the call that came in sleep is shown %.1f s after it", time.Since(woke).Seconds())
	case r.ctx.Err() != nil:
		return err
	default: // the documented PBX reports no calls when asked
		r.say("the call that came in sleep is not shown")
		r.remark = "the call that came in sleep is not shown"
	}
	if err := r.watch(5 * time.Second); err != nil {
		return err
	}
	err := r.until(patience, "the tray to say online", r.online)
	r.after(woke, woke)
	if len(r.gaps) == 0 {
		r.remark += "; the link lived on"
	}
	if err != nil {
		return err
	}
	if err := r.hangUp("22334455"); err != nil {
		return err
	}
	return r.next()
}

// forgotten: the tray says online all the time, and nothing else can be known, until the monitor is
// probed. noticed and back are the time of the new monitor.
func forgotten(r *recorder) error {
	known := len(r.starts)
	r.begin("the PBX forgets its monitors; a call to %s", device)
	if err := r.pbx.Do("forget"); err != nil {
		return err
	}
	if err := r.pbx.Do(`call 22334455 ` + device + ` "Ærø Bageri"`); err != nil {
		return err
	}
	seen := false
	err := r.until(patience, "the PBX to see MonitorStart", func() bool {
		if _, ok := r.app.Popup(); ok && !seen {
			seen = true
			r.say("the popup shows the call that nobody told of")
			r.remark = fmt.Sprintf("the call that nobody told of is shown after %.1f s", time.Since(r.zero).Seconds())
		}
		return len(r.starts) > known
	})
	if err != nil {
		return err
	}
	r.noticed = since(r.zero, r.starts[known])
	r.back = r.noticed
	if !seen {
		r.remark = "a call of before the new monitor is not shown"
	}
	if err := r.hangUp("22334455"); err != nil {
		return err
	}
	return r.next()
}

// expiry watches a session through two expiries, or one if nothing ends then.
func expiry(r *recorder, ends bool) error {
	r.begin("online with a session of %v", granted)
	began := r.zero
	r.ends, r.logins = nil, nil
	watch := granted*5/2 - 2*time.Second
	if !ends {
		watch = granted + 8*time.Second
	}
	if err := r.watch(watch); err != nil {
		return err
	}
	err := r.until(patience, "the tray to say online", r.online)
	if len(r.ends) > 0 {
		began = r.ends[0]
	}
	said := []string{count(len(r.ends), "end")}
	if len(r.ends) == 0 {
		said[0] = "no end"
	}
	for _, g := range r.gaps {
		if g.over() {
			said = append(said, fmt.Sprintf("a gap of %.1f s", g.to.Sub(g.from).Seconds()))
		}
	}
	if extra := len(r.logins) - len(r.gaps); extra > 0 {
		said = append(said, count(extra, "second link")+" before an end, without a gap")
	}
	r.remark = strings.Join(said, ", ")
	r.first(began)
	if err != nil {
		return err
	}
	return r.next()
}

// first fills in the row from the first gap after an expiry.
func (r *recorder) first(ended time.Time) {
	if len(r.gaps) == 0 {
		return
	}
	r.gaps = r.gaps[:1]
	r.after(ended, ended)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
