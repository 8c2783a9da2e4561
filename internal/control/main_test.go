package control

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/adrg/xdg"

	"calltray/internal/leaktest"
)

// asInstance is the environment variable that makes the test program a start of the application.
const asInstance = "CONTROL_TEST_INSTANCE"

// TestMain is the application's start for the tests that need several processes, and fails when a test
// leaves a goroutine of this package behind.
func TestMain(m *testing.M) {
	if name := os.Getenv(asInstance); name != "" {
		instance(name)
		return
	}
	leaktest.Main(m)
}

// instance starts as the application does: it is the first and says "primary", and ends with its
// standard input; or it asks the first to show itself, and says what that answered.
func instance(name string) {
	i, err := Acquire(name, func(context.Context, []byte) []byte { return fmt.Append(nil, os.Getpid()) })
	if err == nil {
		defer i.Close()
		fmt.Println("primary", os.Getpid())
		_, _ = os.Stdin.Read(make([]byte, 1))
		return
	}
	fmt.Println(err)
	answer, err := Send(context.Background(), name, []byte("show"))
	fmt.Println("shown", string(answer), err)
}

// runtimeDir gives the test a runtime folder of its own. Its path is short: a socket's name has 104
// bytes at most.
func runtimeDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ct")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", dir)
	xdg.Reload()
	t.Cleanup(func() {
		xdg.Reload()
		_ = os.RemoveAll(dir)
	})
	return filepath.Join(dir, "calltray")
}
