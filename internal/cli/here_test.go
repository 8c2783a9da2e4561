package cli

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/adrg/xdg"

	"calltray/internal/app"
)

// result is what a command printed, and its exit code.
type result struct {
	stdout, stderr string
	code           int
}

// begin runs a command in this process, on a computer without a display. It ends when ctx does, as after
// Ctrl-C. What is a process's own is tested with start.
func begin(ctx context.Context, t *testing.T, env []string, args ...string) <-chan result {
	t.Helper()
	adopt(t, env)
	ended := make(chan result, 1)
	go func() {
		var stdout, stderr logBuffer // a command that was ended may still be printing
		code := Run(ctx, app.Platform{}, args, strings.NewReader(""), &stdout, &stderr)
		ended <- result{stdout.String(), stderr.String(), code}
	}()
	return ended
}

// said runs a command in this process and returns what it printed on either output, and its exit code.
func said(t *testing.T, env []string, args string) (string, int) {
	t.Helper()
	r := <-begin(t.Context(), t, env, strings.Fields(args)...)
	return strings.TrimSpace(r.stdout + r.stderr), r.code
}

// adopted is the environment that adopt made this process's.
var adopted []string

// adopt makes env the environment of this process, as far as commands read it, until the test ends.
func adopt(t *testing.T, env []string) {
	t.Helper()
	if slices.Equal(adopted, env) { // the application may be running, and reads the others
		for _, pair := range env {
			if name, value, _ := strings.Cut(pair, "="); name == "CALLTRAY_PASSWORD" {
				t.Setenv(name, value) // whoever reads it takes it out of the environment
			}
		}
		return
	}
	before := adopted
	t.Cleanup(func() { adopted = before; xdg.Reload() }) // runs when Setenv has put the variables back
	adopted = slices.Clone(env)
	wanted := map[string]string{"DISPLAY": "", "WAYLAND_DISPLAY": "", "DBUS_SESSION_BUS_ADDRESS": ""}
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "CALLTRAY_") || strings.HasPrefix(name, "XDG_") {
			wanted[name] = ""
		}
	}
	for _, pair := range env {
		if name, value, _ := strings.Cut(pair, "="); name != "PATH" && name != "GORACE" {
			wanted[name] = value
		}
	}
	for name, value := range wanted {
		t.Setenv(name, value)
	}
	xdg.Reload()
}
