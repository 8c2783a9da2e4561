package app

import (
	"log/slog"

	"fyne.io/fyne/v2"

	"calltray/internal/text"
	"calltray/ui"
)

// Platform is what the application needs from the system, and gets only from a program built with a C compiler.
// Without it there is no display.
type Platform struct {
	NewFyne func() fyne.App
	Desk    func(*slog.Logger) ui.Desk
	Links   func(open func(link string)) // asks the system for telephone links that arrive without a second start; may be nil
}

// Display returns why there can be no window, nil if there can.
func (p Platform) Display() error { return display(p.desk(slog.New(slog.DiscardHandler))) }

func (p Platform) desk(log *slog.Logger) ui.Desk {
	if p.Desk == nil {
		return nil
	}
	return p.Desk(log)
}

func display(desk ui.Desk) error {
	if desk == nil {
		return text.Errorf("no-display", "There is no display: start Calltray in a graphical session, or use “calltray monitor” and “calltray dial”.")
	}
	return desk.Display()
}
