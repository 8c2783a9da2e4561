package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Everything for people goes through a text.Terminal: no command knows another way to the screen, and the raw
// output gets JSON alone.
func TestOneWayToTheTerminal(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	other := regexp.MustCompile(`OutOrStd|ErrOrStd|cmd\.Print|os\.Std(out|err)|fmt\.(Print|Fprint)`)
	raw := regexp.MustCompile(`c\.raw`)
	allowed := map[string]int{"monitor.go": 1, "office.go": 1, "history.go": 2, "settings.go": 1}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "console_") {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if at := other.Find(b); at != nil {
			t.Errorf("%s uses %s", file, at)
		}
		if n := len(raw.FindAll(b, -1)); n != allowed[file] {
			t.Errorf("%s uses the raw output %d times, want %d", file, n, allowed[file])
		}
	}
}
