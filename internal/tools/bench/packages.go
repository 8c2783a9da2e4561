//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// names describes what the benchmarks measure.
var names = map[string]string{
	"Decode":    "One Delivered event read, ",
	"Delivered": "Delivered on the wire to OnChange, ",
	"MakeCall":  "MakeCall to the event that shows it, ",

	"OfficeEvent": "An event of a colleague's telephone, from the socket to OnColleague; extensions and gateway: ",
	"Office":      "What such an event costs the window; list and extensions: ",
}

// packages runs the benchmarks of the session and of the window, and turns their results into rows.
func packages(ctx context.Context) ([]row, error) {
	fmt.Fprintln(os.Stderr, "The benchmarks of the packages ...")
	c := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "Decode|Delivered|MakeCall|Office", "./cstasession", "./ui")
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("go test -bench: %w\n%s", err, out)
	}
	var rows []row
	for sc := bufio.NewScanner(bytes.NewReader(out)); sc.Scan(); {
		f := strings.Fields(sc.Text())
		if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(f[0], "Benchmark"), "-")
		kind, variant, _ := strings.Cut(name, "/")
		unit := map[string]float64{}
		for i := 2; i+1 < len(f); i += 2 {
			unit[f[i+1]], _ = strconv.ParseFloat(f[i], 64)
		}
		r := row{what: names[kind] + strings.ReplaceAll(variant, "/", ", "), value: µs(unit["ns/op"])}
		if cpu, ok := unit["cpu-ns/event"]; ok {
			r.value = µs(cpu) + " of the processor"
			r.ratio = ratio(unit["core-%"], 10, "of the aim of 10 % of a core at 200 events/s")
		}
		if p50, ok := unit["p50-µs"]; ok {
			r.value = fmt.Sprintf("%.0f µs median, %.0f µs 99th percentile", p50, unit["p99-µs"])
			r.ratio = fmt.Sprintf("%.1f of a raw echo (%.0f µs median, %.0f µs 99th percentile)", unit["ratio-p50"], unit["raw-p50-µs"], unit["raw-p99-µs"])
		}
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("no benchmark in:\n%s", out)
	}
	return rows, nil
}
