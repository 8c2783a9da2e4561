package pbxsim

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestDemoNumbers(t *testing.T) {
	for number, want := range map[string][]string{
		"22334455": {"Established 2s"},
		"999":      {"ConnectionCleared 0s"},
		"998":      {"ConnectionCleared 1m0s"}, // given up by the no-answer switch
	} {
		t.Run(number, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPBX(t, Config{Outside: Demo, Behaviour: Behaviour{NoAnswer: time.Minute}})
				c := pipe(t, p)
				login(t, c, "200")
				start := time.Now()
				run(t, p, "dial 200 "+number)
				c.next() // Delivered
				_ = c.conn.SetReadDeadline(start.Add(time.Hour))
				s, err := c.in.ReadString(0)
				if err != nil {
					t.Fatal(err)
				}
				m := parseXML(t, strings.TrimSuffix(s, "\x00"))
				if got := m.root + " " + time.Since(start).String(); !slices.Contains(want, got) {
					t.Errorf("got %s, want %v: %s", got, want, m)
				}
				if number == "998" && m.leaf["cause"] != "No user responding" {
					t.Errorf("cause %q", m.leaf["cause"])
				}
			})
		})
	}
}
