//go:build linux

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"calltray/internal/desktoptest"
)

// manyCalls is how many calls arrive at the tray and end at once.
const manyCalls = 2000

func init() { // on other systems there is no desktop to measure on
	harms = append(harms,
		harm{line: "H7", what: "2,000 calls that ended, in the tray", noCall: true, play: func(s *scene) {
			tray, ok := s.endedCalls()
			if !ok {
				return
			}
			began := time.Now()
			s.send(ringing("SIP/real-1", "real-call", "20212223"))
			for !strings.Contains(strings.ReplaceAll(tray.ToolTip(), " ", ""), "20212223") {
				if time.Since(began) > 2*nextLimit {
					s.note("the tooltip does not tell of the next call: %q", tray.ToolTip())
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
			s.note("the tooltip tells of the next call after %.2f s", time.Since(began).Seconds())
		}},
		harm{line: "H7", what: "SIGTERM right after them", noCall: true, play: func(s *scene) { s.endedCalls() }},
	)
}

// endedCalls starts the program in the tray of a desktop, and makes the calls arrive and end.
func (s *scene) endedCalls() (tray desktoptest.Tray, ok bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	d, err := desktoptest.Start(ctx, filepath.Join("out", "soak"))
	if err != nil {
		s.note("no desktop: %v", err)
		return tray, false
	}
	s.end = func() {
		if err := d.Close(); err != nil {
			s.note("the desktop: %v", err)
		}
	}
	var account []string
	for _, v := range s.env {
		if strings.HasPrefix(v, "CALLTRAY_") {
			account = append(account, v)
		}
	}
	s.env, s.args = append(d.Env(), account...), nil
	s.begin()
	if err := d.Until(ctx, "the tray", func() bool {
		tray, ok = d.Tray(s.program.cmd.Process.Pid)
		return ok && strings.Contains(tray.ToolTip(), "online")
	}); err != nil {
		s.note("%v", err)
		return tray, false
	}
	var docs []string
	for i := range manyCalls {
		id, number := fmt.Sprint("t-", i), fmt.Sprint(30000000+i)
		docs = append(docs, ringing("SIP/"+id, id, number), cleared("SIP/"+id, id, number))
	}
	s.send(docs...)
	return tray, true
}
