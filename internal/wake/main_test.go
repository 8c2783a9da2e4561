package wake

import (
	"os"
	"testing"

	"calltray/internal/leaktest"
)

// TestMain fails when a test leaves a goroutine behind. child is what a process that a test starts
// does instead; it is nil without the tag desktop.
func TestMain(m *testing.M) {
	if child != nil && os.Getenv("WAKE_TEST_CHILD") != "" {
		child()
		return
	}
	leaktest.Main(m, "godbus")
}

var child func()
