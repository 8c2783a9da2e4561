package cli

import (
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"calltray/internal/app"
)

// manCommand is for the makers of packages: it writes what the packages hold of documentation.
func manCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "man FOLDER",
		Short:  "Write the manual pages of all commands into a folder",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			root.DisableAutoGenTag = true
			// cobra takes the date from SOURCE_DATE_EPOCH, so that two packages are the same.
			return doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "Calltray " + app.Version, Manual: "Calltray"}, args[0])
		},
	}
}

// builtFrom says what the program was built from: the commit, Go and Fyne.
func builtFrom() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	commit, changed := "unknown", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " with changes"
		}
	}
	parts := []string{"commit " + commit + changed, info.GoVersion}
	for _, m := range info.Deps {
		if m.Path == "fyne.io/fyne/v2" {
			parts = append(parts, "Fyne "+m.Version)
		}
	}
	return strings.Join(parts, ", ")
}
