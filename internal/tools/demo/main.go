//go:build linux

// Command demo operates "calltray demo" on a machine without a display, as a person would: an incoming call,
// hung up; a number dialled from the clipboard, hung up from the tray; once over each gateway. It prints what
// happens, saves pictures, and fails if something did not happen.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"calltray/internal/desktoptest"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: demo PROGRAM FOLDER-FOR-PICTURES")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	program, err := filepath.Abs(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, gateway := range []string{"tcp", "signalr"} {
		if err := play(ctx, program, os.Args[2], gateway); err != nil {
			fmt.Fprintf(os.Stderr, "\nThe demonstration failed: %v\n", err)
			stop()
			os.Exit(1)
		}
	}
	pictures, _ := filepath.Glob(filepath.Join(os.Args[2], "*.png"))
	fmt.Printf("\nEverything happened. %d pictures are in %s.\n", len(pictures), os.Args[2])
}

var gateways = map[string]string{"tcp": "XML over TCP", "signalr": "JSON over SignalR"}

// play plays the story over one gateway, on a desktop of its own.
func play(ctx context.Context, program, pictures, gateway string) (err error) {
	fmt.Printf("\n%s:\n", gateways[gateway])
	d, err := desktoptest.Start(ctx, pictures)
	if err != nil {
		return err
	}
	defer d.Close()
	s := &story{d: d, gateway: gateway, began: time.Now()}
	defer func() {
		if err != nil {
			if shot, e := d.Screenshot(gateway + "-failed"); e == nil {
				err = fmt.Errorf("%w (the screen then: %s)", err, shot)
			}
		}
	}()
	s.app, err = d.StartApp(ctx, d.Command(program, "demo", "--gateway", gateway))
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{s.login, s.incoming, s.hangUp, s.dial, s.hangUpFromTray, s.office, s.quit} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

type story struct {
	d       *desktoptest.Desktop
	app     *desktoptest.App
	gateway string
	began   time.Time
	shots   int
}

// tell prints what has happened, and saves a picture of it.
func (s *story) tell(picture, format string, args ...any) error {
	s.shots++
	shot, err := s.d.Screenshot(fmt.Sprintf("%s-%d-%s", s.gateway, s.shots, picture))
	if err != nil {
		return err
	}
	fmt.Printf("  %5.1f s  %-26s %s\n", time.Since(s.began).Seconds(), filepath.Base(shot), fmt.Sprintf(format, args...))
	return nil
}

// pbx waits until the PBX, which prints requests, has received one. count is how often, since the start.
func (s *story) pbx(ctx context.Context, text string, count int) error {
	return s.d.Until(ctx, fmt.Sprintf("the PBX to see %q", text), func() bool {
		return strings.Count(s.app.Log(), "pbx: "+text) >= count
	})
}

func (s *story) login(ctx context.Context) error {
	if err := s.app.Says(ctx, "online"); err != nil {
		return err
	}
	return s.tell("online", "Calltray is in the tray: %q.", s.app.ToolTip())
}

func (s *story) incoming(ctx context.Context) error {
	var popup desktoptest.Window
	if err := s.d.Until(ctx, "the popup of the incoming call", func() bool {
		var ok bool
		popup, ok = s.app.Popup()
		return ok
	}); err != nil {
		return err
	}
	var note desktoptest.Notification
	if err := s.d.Until(ctx, "the notification of the incoming call", func() bool {
		var ok bool
		note, ok = s.d.Notification("Ærø Bageri")
		return ok
	}); err != nil {
		return err
	}
	if err := s.app.Offers(ctx, "Answer"); err != nil {
		return err
	}
	area := s.d.WorkArea()
	if popup.Rect.Max.X < area.Max.X-40 || popup.Rect.Max.Y < area.Max.Y-40 || !popup.Rect.In(area) {
		return fmt.Errorf("the popup is at %v, not in the corner of %v", popup.Rect, area)
	}
	if w, ok := s.d.FocusedWindow(); ok && w.ID == popup.ID {
		return fmt.Errorf("the popup has taken the keyboard")
	}
	if err := s.painted(ctx, popup); err != nil {
		return err
	}
	return s.tell("ringing", "Ærø Bageri calls: popup in the corner, without the keyboard; notification %q.", note.Summary+", "+note.Body)
}

// painted waits until the popup's buttons are on the screen: a window is mapped before it is drawn.
func (s *story) painted(ctx context.Context, w desktoptest.Window) error {
	return s.d.Until(ctx, "the popup's buttons", func() bool { return s.d.HasColour(w.Rect, desktoptest.Green) })
}

func (s *story) hangUp(ctx context.Context) error {
	if err := s.app.Press(ctx, desktoptest.Red, func() bool { _, ok := s.app.Popup(); return !ok }); err != nil {
		return err
	}
	if err := s.pbx(ctx, "service ClearConnection", 1); err != nil {
		return err
	}
	if err := s.d.Until(ctx, "the notification to go", func() bool { _, ok := s.d.Notification("Ærø Bageri"); return !ok }); err != nil {
		return err
	}
	return s.tell("declined", "Declined, in the popup: the PBX has cleared the call; popup and notification are gone.")
}

func (s *story) dial(ctx context.Context) error {
	const copied = "Tlf.: +45 33 44 55 66 (kontor)"
	if err := s.d.SetClipboard(ctx, copied); err != nil {
		return err
	}
	if err := s.app.Click(ctx, "Dial +45 33 44 55 66"); err != nil {
		return err
	}
	if err := s.pbx(ctx, "service MakeCall 200 +4533445566", 1); err != nil {
		return err
	}
	if err := s.app.Offers(ctx, "Calling"); err != nil {
		return err
	}
	if err := s.tell("calling", "%q is on the clipboard: dialled from the tray.", copied); err != nil {
		return err
	}
	if err := s.app.Offers(ctx, "Talking to"); err != nil {
		return err
	}
	if err := s.app.Click(ctx, "Open"); err != nil {
		return err
	}
	if err := s.d.Until(ctx, "the window", func() bool { _, ok := s.d.WindowByTitle(desktoptest.MainTitle); return ok }); err != nil {
		return err
	}
	w, _ := s.d.WindowByTitle(desktoptest.MainTitle)
	if err := s.d.Until(ctx, "the window's Hang up", func() bool { return s.d.HasButton(w.Rect, desktoptest.Red) }); err != nil {
		return err
	}
	return s.tell("talking", "Answered: %q.", s.app.ToolTip())
}

func (s *story) hangUpFromTray(ctx context.Context) error {
	if err := s.app.Click(ctx, "Hang up"); err != nil {
		return err
	}
	if err := s.pbx(ctx, "service ClearConnection", 2); err != nil {
		return err
	}
	if err := s.d.Until(ctx, "the call to leave the tray menu", func() bool { return !s.app.Has("Talking to") && !s.app.Has("Hang up") }); err != nil {
		return err
	}
	return s.tell("over", "Hung up from the tray: the PBX has cleared the call.")
}

// office is what the colleagues have done meanwhile: the window, which is open, shows them.
func (s *story) office(ctx context.Context) error {
	for _, asked := range []string{"service MonitorTrunk", "service GetQueue 400", "service GetQueue 410"} {
		if err := s.pbx(ctx, asked, 1); err != nil {
			return err
		}
	}
	return s.tell("office", "Ten colleagues and two queues are at work.")
}

func (s *story) quit(ctx context.Context) error {
	if err := s.app.Click(ctx, "Quit"); err != nil {
		return err
	}
	if err := s.app.Ended(); err != nil {
		return fmt.Errorf("calltray ended with %w:\n%s", err, s.app.Log())
	}
	if err := s.pbx(ctx, "link 1 logout", 1); err != nil {
		return err
	}
	fmt.Printf("  %5.1f s  %-26s Quit: logged out.\n", time.Since(s.began).Seconds(), "")
	return nil
}
