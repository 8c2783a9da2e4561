package support

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// system returns the distribution's name (os-release(5)) and the kernel's release.
func system() string {
	name := "Linux"
	for _, path := range []string{"/etc/os-release", "/usr/lib/os-release"} {
		b, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(b)) {
			if value, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
				name = strings.Trim(strings.TrimSpace(value), `"'`)
			}
		}
		break
	}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		name += ", kernel " + unix.ByteSliceToString(u.Release[:])
	}
	return name
}

// resident returns how much memory the program uses, according to the kernel (proc(5)).
func resident() string {
	b, err := os.ReadFile("/proc/self/statm")
	var total, pages int
	if err != nil {
		return "an unknown amount"
	}
	if _, err := fmt.Fscan(bytes.NewReader(b), &total, &pages); err != nil {
		return "an unknown amount"
	}
	return fmt.Sprintf("%d KB", pages*os.Getpagesize()>>10)
}
