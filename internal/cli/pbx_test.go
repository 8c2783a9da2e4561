package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPBXCommand drives the PBX as an integrator would: a script, then the prompt.
func TestPBXCommand(t *testing.T) {
	home := t.TempDir()
	script := filepath.Join(home, "script")
	if err := os.WriteFile(script, []byte("# a remark\ncall 22334455 200 \"Ærø Bageri\"\ncalls\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, bare(home), "pbx", "--tcp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--script", script)
	var seen []string
	for p.stdout.Scan() {
		seen = append(seen, p.stdout.Text())
		if p.stdout.Text() == "calls 1" {
			break
		}
	}
	p.interrupt(t)
	if code := p.finish(t); code != 0 {
		t.Errorf("exit code %d, %s", code, &p.stderr)
	}
	all := strings.Join(seen, "\n")
	for _, want := range []string{"tcp://127.0.0.1:", "http://127.0.0.1:", "password secret", "22334455", "Ærø Bageri"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in:\n%s", want, all)
		}
	}
}

// TestPBXOffice: an office of any size, with life in it.
func TestPBXOffice(t *testing.T) {
	for args, want := range map[string]string{
		"":                            "PBX domain 12345678.pbx.one-connect.dk, extensions 200-203, queues 400",
		"--extensions 1":              "extensions 200, queues 400-401",
		"--extensions 500":            "extensions 200-399, 5000-5299, queues 400-409",
		"--extensions 20 --life 50/s": "event Established",
		"--life 50/s":                 "event ConnectionCleared",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			p := start(t, bare(t.TempDir()), append([]string{"pbx", "--tcp", "127.0.0.1:0"}, strings.Fields(args)...)...)
			for p.stdout.Scan() && !strings.Contains(p.stdout.Text(), want) {
			}
			p.interrupt(t)
			if code := p.finish(t); code != 0 || !strings.Contains(p.printed.String(), want) {
				t.Errorf("exit code %d, %s\nno %q in:\n%s", code, &p.stderr, want, &p.printed)
			}
		})
	}
}
