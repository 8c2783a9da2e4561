package journal

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"calltray/internal/store"
)

// large is a file with 100,000 calls.
func large(b *testing.B) *store.Store {
	s := store.Open(b.Context(), filepath.Join(b.TempDir(), "calltray.db"))
	b.Cleanup(func() { s.Close() })
	j := New(Config{Open: func(context.Context) *store.Store { return s }})
	tx, err := s.DB().Begin()
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	for i := range 100_000 {
		r := &Row{ID: int64(i + 1), Kind: Call, Number: fmt.Sprint(20000000 + i%5000), Name: fmt.Sprintf("Person %d Ågård", i%5000), Attempts: 1,
			First: now.Add(-time.Duration(100_000-i) * time.Minute), Began: now.Add(-time.Duration(100_000-i) * time.Minute), Ended: now, Outcome: 1 + 1}
		j.save(r)
		w := j.queue[0]
		j.queue = j.queue[:0]
		if _, err := tx.Exec(w.sql, w.args...); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	return s
}

func BenchmarkList(b *testing.B) {
	s := large(b)
	last := Row{ID: 50_000, Began: time.Now().Add(-50_000 * time.Minute)}
	for name, q := range map[string]Query{"first": {Over: true, Limit: 100}, "deep": {Over: true, Limit: 100, Before: &last},
		"search": {Over: true, Limit: 100, Text: "agard 4999"}, "nothing": {Over: true, Limit: 100, Text: "nobody"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Read(b.Context(), s, q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if _, err := recall(b.Context(), s.DB()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
