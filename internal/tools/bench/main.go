//go:build linux

// Command bench measures the built program on a desktop without a screen, and the packages by their
// own benchmarks, and prints one table in Markdown: the one in README.md.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"calltray/ui/native"
)

// How much is measured.
const (
	starts   = 15
	popups   = 100
	calls    = 500
	idleTime = 30 * time.Second
	warming  = 3 * time.Second // after the login, until the popup is ready
	settle   = 5 * time.Second // between the last thing that happened and "idle"
)

const extension = "203" // does not answer automatically

func main() {
	native.AnswerProbe()
	if len(os.Args) == 3 && os.Args[1] == "window" { // started by office
		size, err := strconv.Atoi(os.Args[2])
		if err == nil {
			err = showWindow(size)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: bench PROGRAM, or bench office")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	program, err := filepath.Abs(os.Args[1])
	switch {
	case os.Args[1] == "office":
		var rows []row
		if rows, err = offices(ctx); err == nil {
			printTable(rows)
		}
	case err == nil:
		err = run(ctx, program)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1)
	}
}

// row is a line of the table. A ratio is against what is named: an aim, or a measured lower bound.
type row struct{ what, value, ratio string }

func run(ctx context.Context, program string) error {
	rows, err := packages(ctx)
	if err != nil {
		return err
	}
	for _, gateway := range []string{"TCP", "SignalR"} {
		fmt.Fprintf(os.Stderr, "The program over %s ...\n", gateway)
		more, err := measure(ctx, program, gateway)
		if err != nil {
			return fmt.Errorf("over %s: %w", gateway, err)
		}
		rows = append(rows, more...)
	}
	more, err := offices(ctx)
	if err != nil {
		return err
	}
	printTable(append(rows, more...))
	return nil
}

func printTable(rows []row) {
	fmt.Printf("Measured with `sh scripts/bench.sh` on %s, %d threads, %s/%s, %s; software OpenGL under Xvfb.\n\n",
		processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	fmt.Println("| What | Measured | Ratio |\n|---|---|---|")
	for _, r := range rows {
		fmt.Printf("| %s | %s | %s |\n", r.what, r.value, r.ratio)
	}
}

func quantile(d []time.Duration, q float64) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[int(q*float64(len(d)-1)+0.5)]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// µs formats nanoseconds as microseconds, small values with decimals.
func µs(ns float64) string {
	if ns < 10_000 {
		return fmt.Sprintf("%.2f µs", ns/1000)
	}
	return fmt.Sprintf("%.0f µs", ns/1000)
}

func mb(v float64) string                      { return fmt.Sprintf("%.1f MB", v) }
func percent(v float64) string                 { return fmt.Sprintf("%.2f %%", v) }
func ratio(v, of float64, words string) string { return fmt.Sprintf("%.2f %s", v/of, words) }

func processor() string {
	b, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(b)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
		}
	}
	return "an unknown processor"
}
