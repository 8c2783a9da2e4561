package pbxsim

import (
	"testing"

	"calltray/internal/leaktest"
)

// TestMain fails the run when goroutines of this package outlive its tests.
func TestMain(m *testing.M) {
	leaktest.Main(m)
}
