package support

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain fails when a test leaves a goroutine of this package or of its log's file behind. As the
// child of TestCrash it crashes instead.
func TestMain(m *testing.M) {
	if folder := os.Getenv("SUPPORT_TEST_CRASH"); folder != "" {
		crash(folder)
	}
	code := m.Run()
	if leaked := leaks(); code == 0 && leaked != "" {
		fmt.Println("goroutines left behind:\n" + leaked)
		code = 1
	}
	os.Exit(code)
}

func leaks() string {
	var left []string
	for deadline := time.Now().Add(2 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		buf := make([]byte, 1<<20)
		left = nil
		for _, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")[1:] {
			if strings.Contains(stack, "calltray/") || strings.Contains(stack, "timberjack") {
				left = append(left, stack)
			}
		}
		if left == nil {
			return ""
		}
	}
	return strings.Join(left, "\n\n")
}
