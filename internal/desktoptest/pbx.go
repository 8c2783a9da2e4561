//go:build linux

package desktoptest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
)

// PBX is a running "calltray pbx", with somebody at its prompt.
type PBX struct {
	*Process
	// TCP and HTTP are the addresses of its gateways, Domain its name; the account is User and Password.
	TCP, HTTP, Domain, User, Password string

	in io.Writer

	mu    sync.Mutex
	lines []string
	d     *Desktop
}

// StartPBX starts "calltray pbx" on free ports of this machine, and waits for its addresses. Further arguments
// follow the usual ones: --tcp and --http override them.
func (d *Desktop) StartPBX(ctx context.Context, program string, more ...string) (*PBX, error) {
	c := d.Command(program, append([]string{"pbx", "--tcp", "127.0.0.1:0", "--http", "127.0.0.1:0"}, more...)...)
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	// A pipe of our own: exec.Cmd's is closed by Wait before everything has been read.
	out, outside, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	c.Stdout = outside
	p, err := d.Run(c)
	outside.Close()
	if err != nil {
		out.Close()
		return nil, err
	}
	x := &PBX{Process: p, in: in, d: d}
	go func() {
		defer out.Close()
		for sc := bufio.NewScanner(out); sc.Scan(); {
			x.mu.Lock()
			x.lines = append(x.lines, sc.Text())
			x.mu.Unlock()
		}
	}()
	return x, d.Until(ctx, "the simulated PBX to say where it listens", func() bool {
		for _, line := range x.said() {
			words := strings.Fields(strings.ReplaceAll(line, ",", ""))
			for i, w := range words {
				switch {
				case strings.HasPrefix(w, "tcp://"):
					x.TCP = w
				case strings.HasPrefix(w, "http://"):
					x.HTTP = w
				case i+1 == len(words):
				case w == "user":
					x.User = words[i+1]
				case w == "password":
					x.Password = words[i+1]
				case w == "domain":
					x.Domain = words[i+1]
				}
			}
		}
		return x.TCP != "" && x.HTTP != "" && x.Domain != ""
	})
}

func (x *PBX) said() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.lines[:len(x.lines):len(x.lines)]
}

// Do types a command at the PBX's prompt.
func (x *PBX) Do(command string) error {
	_, err := fmt.Fprintln(x.in, command)
	return err
}

// Mark returns the current position in the PBX's output, for Since and Saw.
func (x *PBX) Mark() int { return len(x.said()) }

// Since returns what the PBX has printed since the mark.
func (x *PBX) Since(mark int) string { return strings.Join(x.said()[mark:], "\n") }

// Said returns the last lines that the PBX has printed.
func (x *PBX) Said(lines int) string { return x.Since(max(0, x.Mark()-lines)) }

// Saw waits until the PBX has printed, since the mark, a line that starts with a text.
func (x *PBX) Saw(ctx context.Context, mark int, text string) error {
	if err := x.d.Until(ctx, fmt.Sprintf("the PBX to see %q", text), func() bool {
		for _, line := range x.said()[mark:] {
			if strings.Contains(line, text) {
				return true
			}
		}
		return false
	}); err != nil {
		return fmt.Errorf("%w; it saw\n  %s", err, strings.Join(x.said()[mark:], "\n  "))
	}
	return nil
}

// Ask types commands at the PBX's prompt, and returns the output since: answers, and what happened meanwhile.
func (x *PBX) Ask(ctx context.Context, commands ...string) (lines []string, err error) {
	mark := x.Mark()
	if err := x.Do(strings.Join(append(commands, "calls"), "\n")); err != nil { // "calls" ends with a line of its own
		return nil, err
	}
	err = x.d.Until(ctx, fmt.Sprintf("the PBX to answer %q", commands), func() bool {
		lines = x.said()[mark:]
		last := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "calls ") })
		lines = lines[:max(last, 0)]
		return last >= 0
	})
	return lines, err
}

// Tells waits until the PBX answers a command with a line that contains a text.
func (x *PBX) Tells(ctx context.Context, command, text string) error {
	var lines []string
	err := x.d.Until(ctx, fmt.Sprintf("the PBX to tell %q", text), func() bool {
		lines, _ = x.Ask(ctx, command)
		return slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, text) })
	})
	if err != nil {
		return fmt.Errorf("%w; it tells\n  %s", err, strings.Join(lines, "\n  "))
	}
	return nil
}

// Legs asks the PBX for its calls: one line for each leg.
func (x *PBX) Legs(ctx context.Context) (legs []string, err error) {
	lines, err := x.Ask(ctx)
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !strings.HasPrefix(line, "leg ") }), err
}

// Parties asks the PBX for the legs of its own telephones and queues, in order: "201 Held 22334455", "202
// Alerting 201" are a device, its status, and the other party.
func (x *PBX) Parties(ctx context.Context) (parties []string, err error) {
	legs, err := x.Legs(ctx)
	for _, leg := range legs {
		if f := strings.Fields(leg); len(f) > 6 && len(f[3]) <= 4 { // an outside number is longer
			parties = append(parties, f[3]+" "+f[4]+" "+f[6])
		}
	}
	slices.Sort(parties)
	return parties, err
}

// Calls waits until the PBX has exactly these calls, as returned by Parties, in any order.
func (x *PBX) Calls(ctx context.Context, want ...string) error {
	slices.Sort(want)
	var have []string
	if err := x.d.Until(ctx, fmt.Sprintf("the PBX to have the calls %q", want), func() bool {
		have, _ = x.Parties(ctx)
		return slices.Equal(have, want)
	}); err != nil {
		return fmt.Errorf("%w; it has %q", err, have)
	}
	return nil
}

// Leg waits until a device has a leg with a status: Alerting, Ringing, Active, Held.
func (x *PBX) Leg(ctx context.Context, device, status string) error {
	var legs []string
	err := x.d.Until(ctx, fmt.Sprintf("%s to be %s at the PBX", device, status), func() bool {
		legs, _ = x.Legs(ctx)
		for _, l := range legs {
			if f := strings.Fields(l); len(f) > 4 && f[3] == device && f[4] == status {
				return true
			}
		}
		return false
	})
	if err != nil {
		return fmt.Errorf("%w; it has %q", err, legs)
	}
	return nil
}

// Idle waits until the PBX has no call.
func (x *PBX) Idle(ctx context.Context) error {
	return x.d.Until(ctx, "the PBX to have no call", func() bool {
		legs, err := x.Legs(ctx)
		return err == nil && len(legs) == 0
	})
}
