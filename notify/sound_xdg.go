//go:build !windows && !darwin

package notify

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ringingSound is its name in the Sound Naming Specification of freedesktop.org.
const ringingSound = "phone-incoming-call"

// playRinging plays the sound of the desktop's theme with one of the usual programs, if installed.
func playRinging(ctx context.Context) error {
	err := errors.New("no program that plays sounds is installed")
	run := func(program string, args ...string) bool {
		if _, absent := exec.LookPath(program); absent != nil {
			return false
		}
		err = exec.CommandContext(ctx, program, args...).Run()
		return err == nil
	}
	if run("canberra-gtk-play", "--id="+ringingSound, "--description=Calltray") {
		return nil
	}
	for folder := range strings.SplitSeq(cmp.Or(os.Getenv("XDG_DATA_DIRS"), "/usr/local/share:/usr/share"), ":") {
		file := filepath.Join(folder, "sounds", "freedesktop", "stereo", ringingSound+".oga")
		if _, absent := os.Stat(file); absent == nil && (run("pw-play", file) || run("paplay", file)) {
			return nil
		}
	}
	return err
}
