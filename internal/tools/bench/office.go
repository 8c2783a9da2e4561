//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"calltray/internal/desktoptest"
)

// frameAim is the longest frame time at which scrolling looks smooth.
const frameAim = 32 * time.Millisecond

// sizes are the offices that are measured.
var sizes = []int{50, 500, 5000}

func offices(ctx context.Context) (rows []row, err error) {
	for _, size := range sizes {
		more, err := office(ctx, size)
		if err != nil {
			return nil, fmt.Errorf("an office of %d: %w", size, err)
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// scrolling is what the wheel does: it scrolls to the end of the list and back while measuring.
func scrolling(size int) (xdotool []string) {
	const down, up, step = "5", "4", 16 * time.Millisecond
	const perRow = 2 // clicks, about
	left := int((warmTime + windowTime + 5*time.Second) / step)
	for button, other := down, up; left > 0; button, other = other, button {
		n := min(left, size*perRow)
		xdotool = append(xdotool, "click", "--repeat", strconv.Itoa(n), "--delay", strconv.Itoa(int(step.Milliseconds())), button)
		left -= n
	}
	return xdotool
}

// office measures the real window of an office of that size, with events, while the list of colleagues is
// scrolled with the wheel of the mouse.
func office(ctx context.Context, size int) ([]row, error) {
	fmt.Fprintf(os.Stderr, "The window of an office of %d ...\n", size)
	d, err := desktoptest.Start(ctx, filepath.Join("out", "bench"))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := d.Command(self, "window", strconv.Itoa(size))
	var out, log bytes.Buffer
	c.Stdout, c.Stderr = &out, &log
	if err := c.Start(); err != nil {
		return nil, err
	}
	var w desktoptest.Window
	if err := d.Until(ctx, "the window", func() (ok bool) { w, ok = d.WindowByTitle(desktoptest.MainTitle); return ok }); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, &log)
	}
	// Into the list: the right half of the window.
	if err := d.Point(image.Pt(w.Rect.Min.X+w.Rect.Dx()*3/4, w.Rect.Min.Y+w.Rect.Dy()/2)); err != nil {
		return nil, err
	}
	wheel := d.Command("xdotool", scrolling(size)...)
	if err := wheel.Start(); err != nil {
		return nil, err
	}
	defer func() { _ = wheel.Process.Kill(); _ = wheel.Wait() }()
	if err := c.Wait(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, &log)
	}
	var seen stretches
	if err := json.Unmarshal(out.Bytes(), &seen); err != nil || len(seen) == 0 {
		return nil, fmt.Errorf("%d frames: %w\n%s", len(seen), err, &log)
	}
	p95 := quantile(seen, 0.95)
	return []row{{fmt.Sprintf("A frame of the window while %d colleagues are scrolled, %d events/s: median", size, eventsPerSecond), ms(quantile(seen, 0.5)),
		fmt.Sprintf("%.0f frames/s", float64(len(seen))/windowTime.Seconds())},
		{"The same, 95th percentile, and the longest", ms(p95) + ", " + ms(quantile(seen, 1)), ratio(float64(p95), float64(frameAim), "of the aim of 32 ms")}}, nil
}
