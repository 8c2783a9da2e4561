//go:build linux && wine

package winetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestStreams: each standard stream goes where it was sent.
func TestStreams(t *testing.T) {
	o := open(t)
	version := o.command("--version")
	if !strings.HasPrefix(version, "calltray ") {
		t.Fatalf("the version is %q", version)
	}
	for _, tt := range []struct{ name, line, file, rest string }{
		{"output to a file", `--version > C:\out.txt`, version, ""},
		{"errors to a file", `nonsense 2> C:\out.txt`, "calltray: There is no command", ""},
		{"output stays when errors go to a file", `--version 2> C:\out.txt`, "", version},
		{"errors stay when output goes to a file", `nonsense > C:\out.txt`, "", "calltray: There is no command"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(o.Drive, "out.txt")
			_ = os.Remove(file)
			rest, _ := o.Output(o.ctx, "cmd", "/c", o.exe+" "+tt.line)
			got := strings.ReplaceAll(read(file), "\r\n", "\n")
			if !strings.HasPrefix(got, tt.file) || !strings.HasPrefix(rest, tt.rest) || (tt.file == "") != (got == "") || (tt.rest == "") != (rest == "") {
				t.Errorf("the file holds %q, want %q; the rest is %q, want %q", got, tt.file, rest, tt.rest)
			}
		})
	}
	t.Run("input from a pipe", func(t *testing.T) { // the PBX reads its commands there
		o.must(o.pbx.Tells(o.ctx, "help", "call"))
	})
}
