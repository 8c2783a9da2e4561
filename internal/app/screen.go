package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/notify"
	"calltray/ui"
)

// CheckScreen shows the popup and a notification for a moment, as the application would, and reports each step:
// the popup as a sentence in English, a key of the translations. Both are tried, whatever the result of the
// first. It must be called on the main goroutine.
func CheckScreen(ctx context.Context, p Platform, settings account.Settings, log *slog.Logger, report func(name string, took time.Duration, err error)) error {
	a := New(Config{Platform: p, Settings: settings, Logger: log})
	if err := display(a.desk); err != nil {
		return err
	}
	a.notes = notify.New(a.notifications())
	defer a.notes.Close()
	tried := make(chan error, 1)
	go func() {
		tried <- errors.Join(checkScreen(ctx, a.ui, a.notes, func(s ui.Step) { report(s.Name, s.Took, s.Err) })...)
		a.ui.Quit()
	}()
	if err := a.ui.Run(ctx); err != nil {
		return err
	}
	return <-tried
}

// checkScreen tries what shows a call: the popup and the notification. Both are tried, whatever the result of
// the first.
func checkScreen(ctx context.Context, window *ui.UI, notes *notify.Notifier, report func(ui.Step)) []error {
	began := time.Now()
	popup := window.TestPopup(ctx)
	report(ui.Step{Name: "The popup can be shown", Took: time.Since(began), Err: popup})
	began = time.Now()
	note := notes.Test(ctx)
	if note != nil {
		var said *text.Error
		if !errors.As(note, &said) {
			note = &text.Error{Err: note, Message: text.New("notifications-refused", "The desktop's service for notifications refused one: only the popup announces calls.")}
		}
	}
	report(ui.Step{Name: "The desktop accepts notifications", Took: time.Since(began), Err: note})
	return []error{popup, note}
}
