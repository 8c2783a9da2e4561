package pbxsim

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestOffice(t *testing.T) {
	for _, n := range []int{0, 1, 2, 10, 500, 5000} {
		cfg := Office(n)
		numbers, names := map[string]bool{}, map[string]bool{}
		for _, e := range cfg.Extensions {
			numbers[e.Number], names[e.Name] = true, true
		}
		if len(numbers) != n || len(names) != n || n > 0 && !numbers["200"] {
			t.Errorf("%d: %d numbers, %d names, 200 %v", n, len(numbers), len(names), numbers["200"])
		}
		if len(cfg.Queues) < 2 || len(cfg.Queues) > 100 {
			t.Errorf("%d: %d queues", n, len(cfg.Queues))
		}
		for _, q := range cfg.Queues {
			if numbers[q.Number] || q.Name == "" || n > 0 && len(q.Members) == 0 || slices.ContainsFunc(q.Members, func(m string) bool { return !numbers[m] }) {
				t.Errorf("%d: queue %+v", n, q)
			}
		}
	}
}

// TestLife: two offices of the same seed do the same, and in an hour much of it; nothing is done at a
// phone that is spared, or monitored by name.
func TestLife(t *testing.T) {
	hour := func() (lines []string) {
		synctest.Test(t, func(t *testing.T) {
			cfg := Office(30)
			cfg.Seed, cfg.Behaviour.NoAnswer = 7, 40*time.Second
			p := newPBX(t, cfg)
			defer p.Watch(func(line string) { lines = append(lines, line) })()
			ctx, stop := context.WithTimeout(t.Context(), time.Hour)
			defer stop()
			c := pipe(t, p)
			login(t, c, "201", "400")
			_ = c.conn.SetReadDeadline(time.Time{})
			go io.Copy(io.Discard, c.conn)
			p.Life(ctx, 1, "200")
		})
		return lines
	}
	one, two := hour(), hour()
	if !slices.Equal(one, two) {
		t.Errorf("two runs differ: %d and %d lines", len(one), len(two))
	}
	count := map[string]int{}
	for _, line := range one {
		words := strings.Fields(line)
		count[words[1]]++
		if (words[2] == "200" || words[2] == "201") && words[0] == "event" && words[1] != "Delivered" && words[1] != "ConnectionCleared" && words[1] != "Diverted" {
			t.Errorf("somebody did something where the user is: %s", line)
		}
	}
	for _, event := range []string{"Delivered", "Established", "Held", "Transfered", "Conferenced", "Diverted", "ConnectionCleared", "DoNotDisturb", "Forwarding", "QueueMember", "QueueStatistics"} {
		if count[event] == 0 {
			t.Errorf("no %s in an hour: %v", event, count)
		}
	}
}

func TestRate(t *testing.T) {
	for s, want := range map[string]float64{"2/s": 2, "30/m": 0.5, "3": 3, "7200/h": 2} {
		if got, err := Rate(s); got != want || err != nil {
			t.Errorf("%s: got %v %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "0", "-1/s", "2/w", "x/s", "NaN", "Inf", "1e9/s"} {
		if got, err := Rate(s); err == nil {
			t.Errorf("%q: got %v", s, got)
		}
	}
}

// BenchmarkCall is what a call costs the PBX, from its beginning to its end, among as many others as
// the office has extensions: the figure should not grow.
func BenchmarkCall(b *testing.B) {
	for _, n := range []int{50, 500, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := New(Office(n))
			defer p.Close()
			for i := range n - 1 {
				if _, err := p.Call(fmt.Sprint(30_000_000+i), p.cfg.Extensions[i+1].Number, ""); err != nil {
					b.Fatal(err)
				}
			}
			rnd := rand.New(rand.NewPCG(1, 1))
			b.ResetTimer()
			for range b.N {
				c, err := p.Call("22334455", "200", "")
				if err != nil {
					b.Fatal(err)
				}
				_ = c.Answer("200")
				_ = c.Hold("200")
				_ = c.Clear([]string{"200", "22334455"}[rnd.IntN(2)])
			}
		})
	}
}
