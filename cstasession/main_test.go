package cstasession

import (
	"testing"

	"calltray/internal/leaktest"
)

// TestMain fails the run when a goroutine of ours, or of a library that we use, outlives the tests.
func TestMain(m *testing.M) {
	leaktest.Main(m, leaktest.Any)
}
