package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"calltray/internal/app"
	"calltray/internal/leaktest"
)

// TestMain lets a test start the program as a process of its own: the test binary is the program, on a computer
// without a display.
func TestMain(m *testing.M) {
	if os.Getenv("CALLTRAY_TEST_AS_PROGRAM") != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		context.AfterFunc(ctx, stop)
		signal.Ignore(syscall.SIGPIPE)
		os.Exit(Run(ctx, app.Platform{}, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Setenv("LC_ALL", "C") // commands in this process speak English, too
	leaktest.Main(m)
}
