//go:build linux

// Command record puts the built application, on a desktop without a screen, through everything that interrupts
// a session, and writes down what a person at that desktop would have seen, and when: one line for each event,
// with the seconds since the fault, and a table at the end. The exit code is 1 if something did not recover, or
// a call made right afterwards was not shown.
//
//	go run ./internal/tools/record              all, in eight minutes
//	go run ./internal/tools/record -only sleep  those whose name begins so
//
// It needs what scripts/test.sh installs; the fault "network" needs root and ip(8), for a network namespace.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	"calltray/internal/desktoptest"
)

func main() {
	only := flag.String("only", "", "play only the faults whose name begins so")
	folder := flag.String("out", filepath.Join("out", "record"), "the folder for the program and pictures of failures")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	results, err := record(ctx, os.Stdout, *folder, *only)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
	if !table(os.Stdout, results) {
		os.Exit(1)
	}
}

// record builds the program and causes the faults. The two lanes run in parallel, each on a desktop of its own:
// nearly all of the time is spent waiting.
func record(ctx context.Context, out io.Writer, folder, only string) ([]*result, error) {
	program, err := filepath.Abs(filepath.Join(folder, "calltray"))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	if said, err := exec.CommandContext(ctx, "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, said)
	}
	began := time.Now()
	lanes := [][]fault{faults(), expiries()}
	perLane := make([][]*result, len(lanes))
	var (
		wg    sync.WaitGroup
		print sync.Mutex
	)
	for i, lane := range lanes {
		wg.Go(func() {
			for _, f := range lane {
				if !strings.HasPrefix(f.name, only) || ctx.Err() != nil {
					continue
				}
				r := play(ctx, program, folder, f)
				perLane[i] = append(perLane[i], &r.result)
				print.Lock()
				fmt.Fprintf(out, "%s: %s\n%s\n", f.name, f.title, r.text.String())
				print.Unlock()
			}
		})
	}
	wg.Wait()
	results := append(perLane[0], perLane[1]...)
	if len(results) == 0 && ctx.Err() == nil {
		return nil, fmt.Errorf("there is no fault whose name begins with %q", only)
	}
	fmt.Fprintf(out, "%d faults, played in %v\n\n", len(results), time.Since(began).Round(time.Second))
	return results, ctx.Err()
}

// play plays one fault from the start: a desktop, a PBX, a Calltray that is online.
func play(ctx context.Context, program, folder string, f fault) *recorder {
	r := &recorder{ctx: ctx, result: result{name: f.name}, notes: map[uint32]string{}}
	if f.root && os.Geteuid() != 0 {
		r.remark = "not played: a network namespace needs root"
		r.say("This needs root, since it makes a network namespace: run it as root, or the others with -only.")
		return r
	}
	err := func() error {
		var err error
		if r.desk, err = desktoptest.Start(ctx, folder); err != nil {
			return err
		}
		defer r.desk.Close()
		if err := r.open(program, f); err != nil {
			return r.failed(err)
		}
		defer r.close()
		if err := f.play(r); err != nil {
			return r.failed(err)
		}
		return nil
	}()
	r.err = err
	if err != nil {
		r.say("FAILED: %v", err)
	}
	return r
}

// result is a row of the table.
type result struct {
	name    string
	noticed moment // when the tray no longer said online
	back    moment // when it said so again
	login   moment // when the PBX saw the login
	call    moment // when a call made right after was on the screen
	remark  string
	err     error
}

// moment is a time since something; the zero moment did not happen.
type moment struct {
	after time.Duration
	was   bool
}

func since(from, at time.Time) moment { return moment{max(0, at.Sub(from)), true} }

func (m moment) String() string {
	if !m.was {
		return "-"
	}
	return fmt.Sprintf("%.1f s", m.after.Seconds())
}

// table prints the results, and reports whether all came back.
func table(out io.Writer, results []*result) bool {
	well := true
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "fault\tnoticed after\tback after\tlogin after\tnext call shown\tremark")
	for _, r := range results {
		shown := "no"
		if r.call.was {
			shown = "yes, " + r.call.String()
		}
		switch {
		case r.err != nil:
			well = false
			r.remark = strings.TrimPrefix(r.remark+"; FAILED", "; ")
		case !r.call.was && strings.HasPrefix(r.remark, "not played"):
			shown = "-"
		case !r.call.was:
			well = false
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.name, r.noticed, r.back, r.login, shown, r.remark)
	}
	w.Flush()
	fmt.Fprintln(out, "\nnoticed: from the fault's beginning until the tray no longer said online. back, login: from its end until")
	fmt.Fprintln(out, "the tray said online again, and the PBX saw the login. call: from the PBX's call until the popup showed it.")
	return well
}
