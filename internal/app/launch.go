package app

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"time"

	"calltray/internal/command"
	"calltray/internal/control"
	"calltray/internal/text"
)

// launchLimit is how long after its start an application may take to become reachable.
const launchLimit = 20 * time.Second

// Launch starts the application in a process of its own, in the tray, and makes it execute a request.
func Launch(ctx context.Context, r command.Request) (command.Response, error) {
	cannot := func(err error) (command.Response, error) {
		return command.Response{}, &text.Error{Err: err, Message: text.New("not-started", "Calltray could not be started: start it, and try again.")}
	}
	program, err := os.Executable()
	if err != nil {
		return cannot(err)
	}
	started := exec.Command(program, "--"+HiddenFlag)
	started.SysProcAttr = detached()
	if err := started.Start(); err != nil {
		return cannot(err)
	}
	ended := make(chan struct{})
	go func() { _ = started.Wait(); close(ended) }() // it may outlive us; if it ends early, it could not start
	limit := time.NewTimer(launchLimit)
	defer limit.Stop()
	for {
		answer, err := Ask(ctx, r)
		if !errors.Is(err, control.ErrNotRunning) {
			return answer, err
		}
		select {
		case <-ended:
			if answer, err := Ask(ctx, r); !errors.Is(err, control.ErrNotRunning) {
				return answer, err // another process was first
			}
			return cannot(err)
		case <-limit.C:
			return cannot(err)
		case <-ctx.Done():
			return command.Response{}, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
