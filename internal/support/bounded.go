package support

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// The limits of a Bounded writer, in bytes: however much is logged, a disk and a pipe can take it.
const (
	bytesAtOnce    = 4 << 20
	bytesPerSecond = 256 << 10
)

// Bounded returns a writer for a log that receives its lines one by one: it passes on 256 KiB a second, up to 4
// MiB at once after a quiet period, and drops whole lines beyond that. The number of dropped lines precedes the
// next line that is passed on. Any goroutine may write.
func Bounded(w io.Writer) io.Writer { return &bounded{w: w, room: bytesAtOnce} }

type bounded struct {
	mu   sync.Mutex
	w    io.Writer
	room float64 // bytes
	at   time.Time
	lost int
}

// Write passes on a line, or counts it.
func (b *bounded) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if !b.at.IsZero() {
		b.room = min(bytesAtOnce, b.room+now.Sub(b.at).Seconds()*bytesPerSecond)
	}
	b.at = now
	if float64(len(line)) > b.room {
		b.lost++
		return len(line), nil
	}
	if b.lost > 0 {
		note := fmt.Sprintf("time=%s level=WARN msg=\"lines of the log were left out\" count=%d\n", now.Format(time.RFC3339), b.lost)
		if _, err := io.WriteString(b.w, note); err != nil {
			return 0, err
		}
		b.lost = 0
	}
	b.room -= float64(len(line))
	return b.w.Write(line)
}
