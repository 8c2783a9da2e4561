// Command man writes the manual pages of all commands, in English, to an existing folder. It is for building
// packages.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra/doc"

	"calltray/internal/app"
	"calltray/internal/cli"
	"calltray/internal/text"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: man FOLDER")
		os.Exit(2)
	}
	text.Use(text.English)
	root := cli.Commands()
	root.DisableAutoGenTag = true
	// cobra takes the date from SOURCE_DATE_EPOCH, so that builds are reproducible.
	if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "Calltray " + app.Version, Manual: "Calltray"}, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
