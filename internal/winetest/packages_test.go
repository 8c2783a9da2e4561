//go:build linux && wine

package winetest

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestPackages runs the tests that packages have for Windows alone.
func TestPackages(t *testing.T) {
	tests, err := filepath.Glob(filepath.Join(*tests, "*.test.exe"))
	if err != nil || len(tests) == 0 {
		t.Fatalf("there are no tests: %v", err)
	}
	o := open(t)
	for _, test := range tests {
		t.Run(filepath.Base(test), func(t *testing.T) {
			exe, err := o.Install(test)
			if err != nil {
				t.Fatal(err)
			}
			arg := []string{"-test.v", "-test.timeout=3m"}
			switch filepath.Base(test) { // the others remove folders in a way that Wine 8 lacks
			case "account.test.exe":
				arg = append(arg, "-test.run=^TestTrustedOwner$")
			case "systemproxy.test.exe":
				arg = append(arg, "-test.run=^TestFind")
			case "notify.test.exe":
				arg = append(arg, "-test.run=^TestToast")
			}
			out, err := o.Output(o.ctx, exe, arg...)
			if strings.Contains(out, "panic: test timed out") {
				t.Logf("run again: Wine 8 at times loses the client of a pipe, and it waits for ever:\n%s", out)
				out, err = o.Output(o.ctx, exe, arg...)
			}
			if err != nil || !strings.Contains(out, "--- PASS") || strings.Contains(out, "--- FAIL") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
