//go:build !darwin

package native

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/go-gl/glfw/v3.4/glfw"
)

// probing is in the environment of a process that only tries to create a window.
const probing = "CALLTRAY_PROBE"

// probeLimit is how long creating a window may take. It usually takes a quarter of a second; a computer on
// which everything starts at once, at login, may need half a minute. Only a hanging driver needs more.
const probeLimit = time.Minute

// CanOpenWindow returns why there can be no Fyne window, nil if there can: a separate process tries it, since
// Fyne ends the program if it fails. The error includes the output of that process and of the graphics driver.
// The program must begin with AnswerProbe.
func (d *Desk) CanOpenWindow(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	probe := exec.CommandContext(ctx, self)
	probe.Env = append(os.Environ(), probing+"=1")
	var said bytes.Buffer
	probe.Stdout, probe.Stderr = &said, &said
	probe.WaitDelay = time.Second
	// ErrWaitDelay: it succeeded, and something that it or the driver started still holds its output.
	if err := probe.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		if ctx.Err() != nil {
			err = fmt.Errorf("no answer: %w", context.Cause(ctx)) // the exit status only says that we ended it
		}
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}

// AnswerProbe ends the process if CanOpenWindow started it. It must be the first call in main.
func AnswerProbe() {
	if os.Getenv(probing) == "" {
		return
	}
	if err := makeWindow(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// makeWindow creates a window as Fyne does, and never shows it.
func makeWindow() error {
	switch os.Getenv("FYNE_PLATFORM") {
	case "x11":
		glfw.InitHint(glfw.PlatformHint, int(glfw.PlatformX11))
	case "wayland":
		glfw.InitHint(glfw.PlatformHint, int(glfw.PlatformWayland))
	}
	if err := glfw.Init(); err != nil {
		return err
	}
	glfw.WindowHint(glfw.Visible, glfw.False)
	glfw.WindowHint(glfw.ContextVersionMajor, 2)
	glfw.WindowHint(glfw.ContextVersionMinor, 1)
	w, err := glfw.CreateWindow(100, 100, "", nil, nil)
	if err != nil {
		return err
	}
	if w == nil {
		return errors.New("no window")
	}
	w.MakeContextCurrent()
	return nil
}
