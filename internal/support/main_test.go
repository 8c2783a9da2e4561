package support

import (
	"os"
	"testing"

	"calltray/internal/leaktest"
)

// TestMain fails when a test leaves a goroutine of this package or of its log's file behind. As the
// child of TestCrash it crashes instead.
func TestMain(m *testing.M) {
	if folder := os.Getenv("SUPPORT_TEST_CRASH"); folder != "" {
		crash(folder)
	}
	leaktest.Main(m, "timberjack")
}
