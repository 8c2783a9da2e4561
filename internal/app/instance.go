package app

import (
	"context"
	"encoding/json"
	"errors"
	standard "log"
	"log/slog"
	"time"

	"calltray/internal/account"
	"calltray/internal/command"
	"calltray/internal/control"
	"calltray/internal/store"
	"calltray/internal/support"
	"calltray/internal/text"
)

// instanceName is the instance that a second start, and commands such as "calltray hangup", talk to.
const instanceName = "calltray"

// Opening is the purpose of a start, apart from showing the application.
type Opening struct {
	Link   string // a telephone link to ask the user about; "" for none
	Hidden bool   // no window, and an application that is already running stays where it is
}

// Start runs the application until the user quits or ctx ends. If one is already running, Start passes the
// purpose of the start on to it and returns its answer. log is for standard error; the log file follows the
// configured level. Start must be called on the main goroutine.
func Start(ctx context.Context, p Platform, o Opening, log *slog.Logger, level slog.Level) (text.Message, error) {
	cfg := configure()
	cfg.Hidden = o.Hidden || o.Link != ""

	// The lock decides who is first before anything is opened that only one process may have open: the log, the
	// crash file.
	var a *App
	ready := make(chan struct{})
	instance, running := control.Acquire(instanceName, func(ctx context.Context, request []byte) []byte {
		select {
		case <-ready:
			return a.Reply(ctx, request)
		case <-time.After(startLimit):
			return encode(command.Refusal(text.Errorf("starting", "Calltray is starting: try again in a moment.")))
		}
	})
	switch link := (command.Request{Command: command.Dial, Written: o.Link, From: command.FromLink}); {
	case errors.Is(running, control.ErrRunning) && o.Link != "":
		return hand(ctx, link)
	case errors.Is(running, control.ErrRunning) && o.Hidden:
		return text.Message{}, nil
	case errors.Is(running, control.ErrRunning):
		return hand(ctx, command.Request{Command: command.Show})
	}
	if running != nil {
		return text.Message{}, running
	}
	defer instance.Close()

	file, log, crash := openLog(log, level)
	defer file.Close()
	if err := instance.Unreachable(); err != nil {
		log.Warn("no other process can reach this one", "err", err)
	}
	if cfg.SettingsErr != nil {
		log.Warn("settings", "err", cfg.SettingsErr)
	}
	file.Hide(cfg.Password)
	cfg.Platform, cfg.Logger, cfg.File = p, log, file
	if crash != "" {
		cfg.Notice = text.Say("Calltray ended unexpectedly last time: run “calltray diagnostics” to write the file that the support needs.")
	}
	a = New(cfg)
	close(ready)
	open := func(link string) {
		if _, err := a.askToDial(ctx, command.Request{Command: command.Dial, Written: link, From: command.FromLink}); err != nil {
			log.Info("the link was not dialled") // the window shows why
		}
	}
	if o.Link != "" {
		go open(o.Link)
	}
	if p.Links != nil {
		p.Links(open)
	}
	return text.Message{}, a.Run(ctx)
}

// configure reads the settings, with the environment taking precedence. Errors in the settings do not prevent a
// start.
func configure() (cfg Config) {
	managed, _ := account.LoadManaged() // Load reports what is wrong with it
	cfg.Locks = managed.Locks
	saved, err := account.Load()
	cfg.SettingsErr = err
	cfg.Settings, cfg.Password, cfg.FromEnv = account.FromEnv(saved)
	cfg.History = store.Path()
	return cfg
}

// Speak sets the language of all sentences to that of the settings.
func Speak() {
	saved, _ := account.Load() // a caller that needs the settings reads them again and reports what is wrong with them
	text.Use(saved.Language)
}

// hand makes the running application execute a request, and come to the front for it.
func hand(ctx context.Context, r command.Request) (text.Message, error) {
	answer, err := Ask(ctx, r)
	if err == nil && !answer.OK {
		err = &text.Error{Message: answer.Message}
	}
	return answer.Message, err
}

// openLog opens the log file in addition to the given log, and has crashes recorded. It returns the trace of a
// crash in the last run, if any. If neither file can be opened, the program runs all the same.
func openLog(stderr *slog.Logger, level slog.Level) (file *support.Log, log *slog.Logger, crash string) {
	file, err := support.OpenLog(support.Folder(), level)
	log = slog.New(slog.NewMultiHandler(stderr.Handler(), file.Handler()))
	if err != nil {
		log.Warn("no log file", "err", err)
	}
	// Output of Fyne, systray and other libraries.
	standard.SetFlags(0)
	standard.SetOutput(slog.NewLogLogger(log.Handler(), slog.LevelWarn).Writer())
	crash, err = support.CatchCrashes(support.Folder())
	if err != nil {
		log.Warn("a crash would leave no trace", "err", err)
	}
	log.Info("started", "version", Version)
	return file, log, crash
}

// Reply returns the line with which the application answers a line from another process.
func (a *App) Reply(ctx context.Context, line []byte) []byte {
	r, err := command.ReadRequest(line)
	if err != nil {
		return encode(command.Refusal(err))
	}
	ctx, cancel := context.WithTimeout(ctx, r.Limit())
	defer cancel()
	response, err := a.handle(ctx, r)
	if err != nil {
		response = command.Refusal(err)
	}
	return encode(response)
}

// encode encodes a response as one line, or a refusal if it is too long.
func encode(r command.Response) []byte {
	line, err := json.Marshal(r)
	if err != nil || len(line) >= control.MaxAnswer {
		line, _ = json.Marshal(command.Refusal(text.Errorf("answer-too-long", "The answer is too long to be sent to the command: ask for less.")))
	}
	return line
}

// handle executes a request from another process of this user: a second start, or a command.
func (a *App) handle(ctx context.Context, r command.Request) (command.Response, error) {
	switch r.Command {
	case command.Show:
		a.ui.ShowWindow()
		return command.Response{OK: true, Message: text.New("shown", "Calltray is already running: its window is open now.")}, nil
	case command.Dial:
		return a.askToDial(ctx, r)
	case command.Dialled:
		response, _ := a.dialling.progress(r.Args[0])
		return response, nil
	case command.Withdraw:
		return a.withdraw(ctx, r.Args[0], len(r.Args) > 1)
	case command.Diagnostics:
		facts, err := a.diagnose(ctx, r.Numbers)
		return command.Response{OK: err == nil, Text: facts}, err
	case command.History:
		return a.history(ctx, r)
	case command.Contacts:
		return a.changeContacts(ctx, r.Args)
	case command.Who:
		return who(ctx, a.book, a.journal.LastNote, r.Args[0])
	case command.Note:
		return a.note(r.Args[0])
	case command.Reload, command.LogIn:
		err := a.reload(r.Command == command.LogIn)
		return command.Response{OK: err == nil}, err
	case command.LogOut:
		err := a.logout(ctx)
		return command.Response{OK: err == nil}, err
	}
	session, err := a.Session()
	if err != nil {
		return command.Response{}, err
	}
	a.mu.Lock()
	device := a.settings.Device
	a.mu.Unlock()
	return command.Execute(ctx, command.Target{Session: session, State: a.State(), Names: a.names.known(), Device: device}, r)
}

// Ask makes the running application execute a request. The error is control.ErrNotRunning if there is none.
func Ask(ctx context.Context, r command.Request) (answer command.Response, err error) {
	line, err := json.Marshal(r)
	if err != nil {
		return answer, err
	}
	if r.Command == command.Show || r.Command == command.Dial {
		control.AllowForeground()
	}
	limited, cancel := context.WithTimeout(ctx, r.Limit()+grace)
	defer cancel()
	line, err = control.Send(limited, instanceName, line)
	if err == nil {
		if err = json.Unmarshal(line, &answer); err != nil {
			return answer, text.Errorf("other-version", "The running Calltray is another version: quit it, and start it again.")
		}
	}
	if errors.Is(err, control.ErrNoAnswer) && ctx.Err() == nil {
		err = text.Errorf("not-answering", "Calltray is running but does not answer: quit it, and start it again.")
	}
	return answer, err
}

// startLimit is how long a request waits for an application that is starting.
const startLimit = 2 * time.Second

// grace is how much longer a client waits than a request may take.
const grace = time.Second
