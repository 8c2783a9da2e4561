//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"calltray/internal/desktoptest"
	"calltray/pbxsim"
)

// measured is one Calltray with one simulated PBX, on a desktop of its own.
type measured struct {
	ctx      context.Context
	d        *desktoptest.Desktop
	pbx      *pbxsim.PBX
	app      *desktoptest.App
	maps     *desktoptest.MapWatch
	monitors chan time.Time
	callers  int
}

func measure(ctx context.Context, program, gateway string) ([]row, error) {
	d, err := desktoptest.Start(ctx, filepath.Join("out", "bench"))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	m := &measured{ctx: ctx, d: d, monitors: make(chan time.Time, 64)}
	m.pbx = pbxsim.New(pbxsim.Config{})
	defer m.pbx.Close()
	listen := m.pbx.ListenTCP
	if gateway == "SignalR" {
		listen = m.pbx.ListenHTTP
	}
	url, err := listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer m.pbx.Watch(func(line string) {
		if strings.Contains(line, " monitor u-") { // the telephone's; the trunk's comes after it
			m.monitors <- time.Now()
		}
	})()
	if m.maps, err = d.WatchMaps(); err != nil {
		return nil, err
	}
	defer m.maps.Close()
	start := func() (time.Duration, error) {
		c := d.Command(program)
		c.Env = append(c.Env, "CALLTRAY_URL="+url, "CALLTRAY_USER=user@example.dk", "CALLTRAY_PASSWORD=secret",
			"CALLTRAY_PBX_DOMAIN="+m.pbx.Domain(), "CALLTRAY_DEVICE="+extension)
		began := time.Now()
		m.app, err = d.StartApp(ctx, c)
		if err != nil {
			return 0, err
		}
		select {
		case at := <-m.monitors:
			return at.Sub(began), nil
		case <-time.After(20 * time.Second):
			return 0, fmt.Errorf("no login within 20 s: %s", m.app.Log())
		}
	}

	var ready, firsts []time.Duration
	for i := range starts {
		took, err := start()
		if err != nil {
			return nil, err
		}
		ready = append(ready, took)
		if i == starts-1 {
			break
		}
		if err := m.sleep(warming); err != nil {
			return nil, err
		}
		first, err := m.popup()
		if err != nil {
			return nil, err
		}
		firsts = append(firsts, first)
		_ = m.app.Signal(syscall.SIGTERM)
		if err := m.app.Ended(); err != nil {
			return nil, err
		}
	}
	rows := []row{{"Start to logged in and monitoring, " + gateway + ", median", ms(quantile(ready, 0.5)), ""}}

	if gateway == "TCP" {
		memory, cpu, err := m.idle()
		if err != nil {
			return nil, err
		}
		rows = append(rows,
			row{"Resident memory, idle in the tray, no window yet", mb(memory), ratio(memory, 40, "of the aim of 40 MB")},
			row{"Processor, idle in the tray, no window yet, over " + idleTime.String(), percent(cpu), ratio(cpu, 0.05, "of the aim of 0.05 % of a core")})
	}

	first, err := m.popup()
	if err != nil {
		return nil, err
	}
	firsts = append(firsts, first)
	var times []time.Duration
	for range popups {
		took, err := m.popup()
		if err != nil {
			return nil, err
		}
		times = append(times, took)
	}
	p95, p95First := quantile(times, 0.95), quantile(firsts, 0.95)
	rows = append(rows,
		row{"First popup: Delivered on the wire to window on the screen, " + gateway + ", median", ms(quantile(firsts, 0.5)), ""},
		row{"The same, 95th percentile", ms(p95First), ratio(float64(p95First.Microseconds())/1000, 50, "of the aim of 50 ms")},
		row{"Popup: Delivered on the wire to window on the screen, " + gateway + ", median", ms(quantile(times, 0.5)), ""},
		row{"The same, 95th percentile", ms(p95), ratio(float64(p95.Microseconds())/1000, 15, "of the aim of 15 ms")})
	if gateway != "TCP" {
		return rows, nil
	}

	for range calls - popups {
		if _, err := m.popup(); err != nil {
			return nil, err
		}
	}
	memory, _, err := m.idle()
	if err != nil {
		return nil, err
	}
	rows = append(rows, row{fmt.Sprintf("Resident memory after %d incoming calls, no window yet", calls), mb(memory), ratio(memory, 45, "of the aim of 45 MB")})

	if err := m.app.Click(ctx, "Open"); err != nil {
		return nil, err
	}
	if _, err := m.maps.Next(ctx, desktoptest.MainTitle); err != nil {
		return nil, err
	}
	if err := d.Until(ctx, "the window to have the keyboard", func() bool {
		w, ok := d.FocusedWindow()
		return ok && w.Title == desktoptest.MainTitle
	}); err != nil {
		return nil, err
	}
	_, open, err := m.idle()
	if err != nil {
		return nil, err
	}
	if err := d.Again(ctx, func() error { return d.Key("alt+F4") }, func() bool {
		_, ok := d.WindowByTitle(desktoptest.MainTitle)
		return !ok
	}); err != nil {
		shot, _ := d.Screenshot("failed")
		return nil, fmt.Errorf("the window does not close: %w (%s)", err, shot)
	}
	before, cpu, err := m.idle()
	if err != nil {
		return nil, err
	}
	for range calls {
		if _, err := m.popup(); err != nil {
			return nil, err
		}
	}
	after, _, err := m.idle()
	if err != nil {
		return nil, err
	}
	return append(rows,
		row{"Processor while the first window is open and idle", percent(open), ratio(open, 1, "of the aim of 1 % of a core")},
		row{"Resident memory after the first windows, all hidden", mb(before), ""},
		row{"Processor after the first windows, all hidden", percent(cpu), ratio(cpu, 0.05, "of the aim of 0.05 % of a core")},
		row{fmt.Sprintf("Resident memory after %d more incoming calls", calls), mb(after), ratio(after, before, "of before")}), nil
}

// popup makes a call arrive, waits for the popup, and makes the extension reject the call. It returns the time
// from before the event was written to the wire until the window was on the screen.
func (m *measured) popup() (time.Duration, error) {
	began := time.Now()
	m.callers++ // each call is somebody else's, whose name and number are painted
	call, err := m.pbx.Call(fmt.Sprint(22330000+m.callers), extension, fmt.Sprintf("Ærø Bageri %d", m.callers))
	if err != nil {
		return 0, err
	}
	at, err := m.maps.Next(m.ctx, desktoptest.PopupTitle)
	if err != nil {
		return 0, fmt.Errorf("no popup: %w\n%s", err, m.app.Log())
	}
	if err := call.Clear(extension); err != nil {
		return 0, err
	}
	return at.Sub(began), m.d.Until(m.ctx, "the popup to go", func() bool { _, ok := m.app.Popup(); return !ok })
}

// idle returns the resident memory in MB and the share of a core in percent while nothing happens.
func (m *measured) idle() (memory, cpu float64, err error) {
	if err := m.sleep(settle); err != nil {
		return 0, 0, err
	}
	pid := m.app.Process.Process.Pid
	before, err := processorTime(pid)
	if err != nil {
		return 0, 0, err
	}
	if err := m.sleep(idleTime); err != nil {
		return 0, 0, err
	}
	after, err := processorTime(pid)
	if err != nil {
		return 0, 0, err
	}
	cpu = (after - before).Seconds() / idleTime.Seconds() * 100
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmRSS:" {
			kb, err := strconv.ParseFloat(f[1], 64)
			return kb / 1024, cpu, err
		}
	}
	return 0, 0, fmt.Errorf("no VmRSS in /proc/%d/status", pid)
}

func (m *measured) sleep(t time.Duration) error {
	select {
	case <-time.After(t):
		return nil
	case <-m.ctx.Done():
		return m.ctx.Err()
	}
}

// processorTime returns how long a process's threads have run. The scheduler's figure is exact; /proc/PID/stat counts
// whole hundredths of a second, of which a program that waits uses one or two in half a minute.
func processorTime(pid int) (sum time.Duration, _ error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(threads) == 0 {
		return 0, fmt.Errorf("process %d: no schedstat", pid)
	}
	for _, t := range threads {
		var ran int64
		b, err := os.ReadFile(t)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it has just ended
		}
		if err == nil {
			_, err = fmt.Sscan(string(b), &ran)
		}
		if err != nil {
			return 0, fmt.Errorf("%s: %w", t, err)
		}
		sum += time.Duration(ran)
	}
	return sum, nil
}
