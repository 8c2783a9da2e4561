package cstasession

import (
	"bytes"
	"io"
	"os"
	"testing"
)

// capture returns what f makes the process write to standard output and standard error.
func capture(t *testing.T, f func()) []byte {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	printed := make(chan []byte, 1)
	go func() {
		b, _ := io.ReadAll(r)
		printed <- b
	}()
	out, errs := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = w, w
	defer func() { os.Stdout, os.Stderr = out, errs }()
	f()
	w.Close()
	return <-printed
}

// Row 12: nothing is written past the Logger: the package's own would print every frame.
func TestNothingOnStandardError(t *testing.T) {
	printed := capture(t, func() {
		_, server := newBareHub(t, func(p *peer) {
			if p.shake() && p.write(rings("c1"), `nonsense`) == nil {
				p.serve(switching)
			}
		})
		c := start(t, config(server.URL))
		c.await("online", online)
		c.stop()
		<-c.result
		c.result <- nil
		server.Close()
	})
	if len(bytes.TrimSpace(printed)) > 0 {
		t.Errorf("printed:\n%s", printed)
	}
}
