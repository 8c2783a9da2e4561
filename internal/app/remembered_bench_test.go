package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"calltray/internal/contacts"
	"calltray/internal/journal"
	"calltray/internal/store"
	"calltray/ui"
)

// BenchmarkRemembered tells what 50,000 contacts and 100,000 calls cost, beside none: to open the file at the start, to
// look up what the popup shows of a caller, to search as somebody types, and in memory. Medians and 95th percentiles
// are in microseconds.
//
//	go test -run - -bench Remembered -benchtime 1x ./internal/app
func BenchmarkRemembered(b *testing.B) {
	for _, c := range []struct {
		name            string
		contacts, calls int
	}{{"without", 0, 0}, {"with", 50_000, 100_000}} {
		b.Run(c.name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "calltray.db")
			remember(b, path, c.contacts, c.calls)
			debug.FreeOSMemory()
			before := resident(b)
			for b.Loop() {
				began := time.Now()
				j := journal.New(journal.Config{Open: func(ctx context.Context) *store.Store { return store.Open(ctx, path) }, OnChange: func() {}})
				j.Start()
				if _, err := j.Ready(b.Context()); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(time.Since(began).Milliseconds()), "open-ms")
				book := &contacts.Book{Ready: j.Ready}
				p := &people{book: book, journal: j, changed: func() {}, known: map[string]ui.Known{}, asked: map[string]bool{}}
				report(b, "popup", 1000, func(i int) error { p.look(b.Context(), fmt.Sprint("+45", 20_000_000+i*37)); return nil })
				report(b, "lookup", 1000, func(i int) error { _, err := book.Lookup(b.Context(), fmt.Sprint("+45", 20_000_000+i*37)); return err })
				report(b, "search", 100, func(i int) error { _, err := book.Find(b.Context(), fmt.Sprint("agard ", 490+i), 50); return err })
				debug.FreeOSMemory()
				b.ReportMetric(float64(resident(b)-before)/1024, "MB")
				j.Close()
			}
		})
	}
}

// report measures how long something takes, and reports its median and 95th percentile in microseconds.
func report(b *testing.B, what string, times int, do func(i int) error) {
	b.Helper()
	var took []time.Duration
	for i := range times {
		began := time.Now()
		if err := do(i); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[times/2].Microseconds()), what+"-p50-µs")
	b.ReportMetric(float64(took[times*95/100].Microseconds()), what+"-p95-µs")
}

// remember writes a file with so many contacts and calls.
func remember(b *testing.B, path string, people, calls int) {
	b.Helper()
	s := store.Open(b.Context(), path)
	defer s.Close()
	if err := s.Trouble(); err != nil {
		b.Fatal(err)
	}
	var list []contacts.Contact
	for i := range people {
		list = append(list, contacts.Contact{Name: fmt.Sprintf("Person %d Ågård", i), Company: fmt.Sprintf("Firma %d", i/10),
			Numbers: []contacts.Number{{Label: contacts.Mobile, Number: fmt.Sprint(20_000_000 + i)}}})
	}
	book := &contacts.Book{Ready: func(context.Context) (*store.Store, error) { return s, nil }}
	if _, err := book.Add(b.Context(), list); err != nil {
		b.Fatal(err)
	}
	const sentence = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
		INSERT INTO calls (kind, direction, number, tail, name, first, began, answered, ended, outcome, words)
		SELECT 'call', 'incoming', 20000000 + i % 50000, substr(20000000 + i % 50000, -7), 'Person ' || i, ?2 - i * 60000, ?2 - i * 60000, ?2 - i * 60000 + 5000,
			?2 - i * 60000 + 65000, 'answered', 'person ' || i FROM n WHERE ?1 > 0`
	if _, err := s.DB().ExecContext(b.Context(), sentence, calls, time.Now().UnixMilli()); err != nil {
		b.Fatal(err)
	}
}

// resident is how much memory the process has, in kB; 0 where the system does not tell.
func resident(b *testing.B) (kB int) {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	_, _ = fmt.Sscan(after, &kB)
	return kB
}
