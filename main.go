// Calltray shows who is calling the telephone on your desk, and dials and hangs up for you.
//
// This package contains the process, and what can only be built with a C compiler: the window's driver.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"calltray/internal/app"
	"calltray/internal/cli"
	"calltray/ui"
	"calltray/ui/native"
)

func init() {
	// A plain "go build" ignores FyneApp.toml. No migrations are set here: Fyne's thread checks stay on unless
	// a release is built with the tag migrated_fynedo.
	fyneapp.SetMetadata(fyne.AppMetadata{ID: app.ID, Name: "Calltray", Version: app.Version, Build: 1})
}

func main() {
	native.AnswerProbe()
	cli.AttachConsole()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	// A closed pipe ("calltray monitor | head") makes the write fail, and the program exit in an orderly way,
	// instead of being killed.
	signal.Ignore(syscall.SIGPIPE)
	code := cli.Run(ctx, app.Platform{
		NewFyne: func() fyne.App { return fyneapp.NewWithID(app.ID) },
		Desk:    func(log *slog.Logger) ui.Desk { return native.New(log) },
		Links:   native.Links,
	}, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
