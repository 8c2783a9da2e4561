package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"calltray/internal/account"
	"calltray/internal/command"
	"calltray/internal/control"
	"calltray/internal/support"
)

// runApp is calltray without a command: the application in the tray.
func runApp(cmd *cobra.Command) error {
	saved, err := account.Load()
	if err != nil && !errors.Is(err, account.ErrIgnored) {
		return err
	}
	settings, password, _ := account.FromEnv(saved)

	// Who is first decides before anything is opened that two must not have open: the log, the crash file.
	var a *app
	ready := make(chan struct{})
	instance, running := control.Acquire(instanceName, func(ctx context.Context, request []byte) []byte {
		select {
		case <-ready:
			return a.reply(ctx, request)
		case <-time.After(startLimit):
			return encode(command.Response{Message: "Calltray is starting: try again in a moment."})
		}
	})
	if errors.Is(running, control.ErrRunning) {
		answer, err := send(cmd.Context(), command.Request{Command: command.Show})
		if err != nil {
			return err
		}
		return printReply(cmd, answer)
	}
	if running != nil {
		return running
	}
	defer instance.Close()

	file, log, crash := openLog(cmd)
	defer file.Close()
	if err != nil {
		log.Warn("settings", "err", err)
	}
	if err := instance.Unreachable(); err != nil {
		log.Warn("commands and a second start do not reach this program", "err", err)
	}
	file.Hide(password)
	a = newApp(settings, false, log)
	a.file, a.crash = file, crash
	if password != "" {
		a.memory.keep(settings, password)
	}
	close(ready)
	return a.run(cmd.Context())
}

// openLog opens the log file beside the standard error, and has crashes written down. It returns the
// trace that a crash of the last run left, if any. Without a place for them the program runs all the
// same.
func openLog(cmd *cobra.Command) (file *support.Log, log *slog.Logger, crash string) {
	level := slog.LevelInfo
	if debug, _ := cmd.Flags().GetBool("debug"); debug {
		level = slog.LevelDebug
	}
	file, err := support.OpenLog(support.Folder(), level)
	log = slog.New(slog.NewMultiHandler(logger(cmd).Handler(), file.Handler()))
	if err != nil {
		log.Warn("no log file", "err", err)
	}
	crash, err = support.CatchCrashes(support.Folder())
	if err != nil {
		log.Warn("a crash would leave no trace", "err", err)
	}
	log.Info("started", "version", version)
	return file, log, crash
}

// reply is the line with which the application answers a line of another process.
func (a *app) reply(ctx context.Context, line []byte) []byte {
	r, err := command.ReadRequest(line)
	if err != nil {
		return encode(command.Response{Message: err.Error()})
	}
	ctx, cancel := context.WithTimeout(ctx, r.Limit())
	defer cancel()
	return encode(a.handle(ctx, r))
}

// encode makes a line of a response, if it is not too long for one.
func encode(r command.Response) []byte {
	line, err := json.Marshal(r)
	if err != nil || len(line) >= control.MaxAnswer {
		line, _ = json.Marshal(command.Response{Message: "The answer is longer than an answer can be."})
	}
	return line
}

// handle answers another process of this user: a second start, or a command.
func (a *app) handle(ctx context.Context, r command.Request) command.Response {
	switch r.Command {
	case command.Show:
		a.ui.ShowWindow()
		return command.Response{OK: true, Message: "Calltray is already running; its window is on the screen now."}
	case command.Diagnostics:
		path, err := a.diagnose(ctx, r.Numbers)
		if err != nil {
			return command.Response{Message: explain(err)}
		}
		return command.Response{OK: true, Path: path}
	}
	return a.serve(ctx, r) // of control's requests, all others
}

// diagnose writes the text for the support into a file of its own, for its user alone.
func (a *app) diagnose(ctx context.Context, numbers bool) (path string, err error) {
	a.mu.Lock()
	facts := factsOf(a.settings, numbers)
	facts.Links = slices.Clone(a.links)
	settings := a.settings
	a.mu.Unlock()
	facts.Secrets = secrets(ctx, settings, a.memory.of(settings))
	if a.file != nil {
		facts.Log = a.file.Recent()
	}
	f, err := os.CreateTemp(support.Folder(), "diagnostics-*.txt") // readable by its user alone
	if err != nil {
		return "", err
	}
	err = support.Diagnostics(f, facts)
	return f.Name(), errors.Join(err, f.Close())
}

// send asks the running application for something.
func send(ctx context.Context, r command.Request) (answer command.Response, err error) {
	line, err := json.Marshal(r)
	if err != nil {
		return answer, err
	}
	if r.Command == command.Show {
		control.AllowForeground()
	}
	limited, cancel := context.WithTimeout(ctx, r.Limit()+grace)
	defer cancel()
	line, err = control.Send(limited, instanceName, line)
	if err == nil {
		if err = json.Unmarshal(line, &answer); err != nil {
			return answer, sentence("The running Calltray is another version: end it, and start it again.")
		}
	}
	if errors.Is(err, control.ErrNoAnswer) && ctx.Err() == nil {
		err = sentence("Calltray is running but does not answer: end it, and start it again.")
	}
	return answer, err
}

// startLimit is how long a request waits for an application that starts.
const startLimit = 2 * time.Second

// grace is how much longer a client waits than a request may take.
const grace = time.Second

// printReply prints what the running application answered.
func printReply(cmd *cobra.Command, r command.Response) error {
	if !r.OK {
		return sentence(r.Message)
	}
	cmd.Println(r.Message)
	return nil
}
