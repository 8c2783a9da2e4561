package leaktest

import (
	"strings"
	"testing"
)

func TestMain(m *testing.M) { Main(m) }

// A goroutine that is left is found, and not found when it has ended.
func TestOurs(t *testing.T) {
	has := func() bool { return strings.Contains(ours(nil), "leaktest.TestOurs.func") }
	stop := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-stop
	}()
	if !has() {
		t.Error("a goroutine was not found")
	}
	close(stop)
	<-ended
	for range 1000 {
		if !has() {
			return
		}
	}
	t.Errorf("a goroutine that has ended is found: %s", ours(nil))
}
