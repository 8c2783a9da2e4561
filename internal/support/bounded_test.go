package support

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Fourteen seconds of a server that sends nonsense: what is written has a bound, and it is said what is not.
func TestBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		w := Bounded(&out)
		line := []byte(strings.Repeat("x", 9_999) + "\n")
		for range 14_000 {
			if n, err := w.Write(line); n != len(line) || err != nil {
				t.Fatal(n, err)
			}
			time.Sleep(time.Millisecond)
		}
		if most := bytesAtOnce + 14*bytesPerSecond + 1<<20; out.Len() > most || out.Len() < bytesAtOnce {
			t.Errorf("%d bytes of 140 MB are written", out.Len())
		}
		if !strings.Contains(out.String(), "lines of the log were left out") {
			t.Error("it is not said that lines are missing")
		}
		out.Reset()
		time.Sleep(time.Minute)
		for range 100 {
			w.Write(line)
		}
		if got := strings.Count(out.String(), "\n"); got != 101 { // and how many were left out before
			t.Errorf("after a quiet minute %d lines of 101 are written", got)
		}
	})
}
