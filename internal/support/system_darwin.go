package support

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// system returns the version of macOS.
func system() string {
	version, err := unix.Sysctl("kern.osproductversion")
	if err != nil {
		return "macOS"
	}
	return "macOS " + version
}

// resident returns the most memory that the program has used: getrusage(2), in bytes on this system.
func resident() string {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return "an unknown amount"
	}
	return fmt.Sprintf("at most %d KB", u.Maxrss>>10)
}
