package wake

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain fails when a test leaves a goroutine behind. child is what a process that a test starts
// does instead; it is nil without the tag desktop.
func TestMain(m *testing.M) {
	if child != nil && os.Getenv("WAKE_TEST_CHILD") != "" {
		child()
		return
	}
	code := m.Run()
	if leaked := leaks(); code == 0 && leaked != "" {
		fmt.Println("goroutines left behind:\n" + leaked)
		code = 1
	}
	os.Exit(code)
}

var child func()

func leaks() string {
	var left []string
	for deadline := time.Now().Add(2 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		buf := make([]byte, 1<<20)
		left = nil
		for _, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")[1:] {
			if strings.Contains(stack, "calltray/") || strings.Contains(stack, "godbus") {
				left = append(left, stack)
			}
		}
		if left == nil {
			return ""
		}
	}
	return strings.Join(left, "\n\n")
}
