//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// The ends of the wire, in the range that is kept for tests of networks. (RFC 2544, C.2.2)
const (
	wireOutside = "198.18.77.1"
	wireInside  = "198.18.77.2"
)

// wire is a network of two: a namespace with one interface, and this machine at the other end.
type wire struct{ name string }

// layWire makes a namespace and the wire to it. It needs root and ip(8).
func layWire(ctx context.Context) (*wire, error) {
	w := &wire{fmt.Sprintf("ct%d", os.Getpid())}
	for _, line := range []string{
		"netns add " + w.name,
		"link add " + w.name + "o type veth peer name eth0 netns " + w.name,
		"addr add " + wireOutside + "/30 dev " + w.name + "o",
		"link set " + w.name + "o up",
		"-n " + w.name + " addr add " + wireInside + "/30 dev eth0",
		"-n " + w.name + " link set lo up",
		"-n " + w.name + " link set eth0 up",
	} {
		if err := ip(ctx, line); err != nil {
			w.remove()
			return nil, err
		}
	}
	return w, nil
}

// inside returns the command that runs a program at the inner end; it keeps the program's process ID.
func (w *wire) inside(program string) []string {
	return []string{"ip", "netns", "exec", w.name, program}
}

func (w *wire) down() error { return ip(context.Background(), "-n "+w.name+" link set eth0 down") }

func (w *wire) up() error { return ip(context.Background(), "-n "+w.name+" link set eth0 up") }

// remove deletes the namespace, and the wire with it. It may be called twice.
func (w *wire) remove() {
	_ = ip(context.Background(), "link del "+w.name+"o")
	_ = ip(context.Background(), "netns del "+w.name)
}

func ip(ctx context.Context, line string) error {
	said, err := exec.CommandContext(ctx, "ip", strings.Fields(line)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %s: %w: %s", line, err, strings.TrimSpace(string(said)))
	}
	return nil
}
