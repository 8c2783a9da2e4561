package support

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// system returns Windows' real version, not the one that old programs are told.
func system() string {
	v := windows.RtlGetVersion()
	return fmt.Sprintf("Windows %d.%d, build %d", v.MajorVersion, v.MinorVersion, v.BuildNumber)
}

func resident() string { return "an unknown amount" }
