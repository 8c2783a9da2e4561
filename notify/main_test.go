package notify

import (
	"testing"

	"calltray/internal/leaktest"
)

// TestMain fails when a test leaves a goroutine of this package, or of the bus, behind.
func TestMain(m *testing.M) {
	leaktest.Main(m, "godbus")
}
