//go:build linux

package contacts

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"calltray/internal/store"
)

// BenchmarkServers copies 10,000 contacts from each of the real servers into a store on the disk, and tells how long
// that took (the first time, again with nothing new, again after one has changed at the server) and how much memory
// the process had at its peak beside what it had before.
//
//	go test -run - -bench Servers -benchtime 1x ./internal/contacts
func BenchmarkServers(b *testing.B) {
	const count = 10_000
	for _, c := range []struct {
		name  string
		start func() (address string)
	}{
		{"CardDAV", func() string {
			port, _, _ := radicale(b, count)
			return fmt.Sprintf("https://anna@127.0.0.1:%d/", port)
		}},
		{"LDAP", func() string {
			_, port, _ := slapd(b, count)
			return fmt.Sprintf("ldaps://cn=admin%%2Cdc=example@127.0.0.1:%d/dc=example", port)
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			address := c.start()
			warm := withPassword(b, password)
			began := time.Now()
			if _, err := warm.Try(b.Context(), address, nil); err != nil { // Radicale reads every card the first time
				b.Fatal(err)
			}
			b.Logf("the server's own first time: %v", time.Since(began).Round(time.Millisecond))
			for b.Loop() {
				s := store.Open(b.Context(), filepath.Join(b.TempDir(), "calltray.db"))
				book := &Book{Ready: func(context.Context) (*store.Store, error) { return s, nil }, Servers: warm.Servers}
				debug.FreeOSMemory()
				before := peak(b, true)
				took := func(what string, do func() error) {
					began := time.Now()
					if err := do(); err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(time.Since(began).Milliseconds()), what+"-ms")
				}
				took("first", func() error { _, err := book.AddSource(b.Context(), address, nil); return err })
				b.ReportMetric(float64(peak(b, false)-before)/1024, "peak-MB")
				took("same", func() error { _, err := book.Refresh(b.Context(), false); return err })
				took("again", func() error { _, err := book.Refresh(b.Context(), true); return err })
				if n, err := book.Count(b.Context()); err != nil || n < count {
					b.Fatal(n, err)
				}
				_ = s.Close()
			}
		})
	}
}

// peak is the most memory that the process has had, in kB; from now on, with anew.
func peak(b *testing.B, anew bool) int {
	b.Helper()
	if anew {
		if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	found := regexp.MustCompile(`VmHWM:\s*(\d+)`).FindSubmatch(status)
	if found == nil {
		b.Fatal("the system does not tell")
	}
	n, _ := strconv.Atoi(string(found[1]))
	return n
}
