package support

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// system returns the version that Windows has, not the one it shows to old programs.
func system() string {
	v := windows.RtlGetVersion()
	return fmt.Sprintf("Windows %d.%d, build %d", v.MajorVersion, v.MinorVersion, v.BuildNumber)
}

func resident() string { return "an unknown amount" }
