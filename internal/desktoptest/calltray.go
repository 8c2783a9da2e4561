//go:build linux

package desktoptest

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Titles of Calltray's windows.
const (
	PopupTitle = "Calltray: incoming call"
	MainTitle  = "Calltray"
)

// Colours of Calltray's buttons, on a light and on a dark desktop.
var (
	Green = []color.RGBA{{0x1b, 0x7f, 0x46, 0xff}, {0x4f, 0xd0, 0x8a, 0xff}} // Answer, Dial
	Red   = []color.RGBA{{0xb8, 0x26, 0x1f, 0xff}, {0xff, 0x7b, 0x72, 0xff}} // Hang up
)

// NameColleagues writes the user's names for extensions, by number, to Calltray's file. domain is the PBX's.
func (d *Desktop) NameColleagues(domain string, names map[string]string) error {
	var text strings.Builder
	fmt.Fprintf(&text, "[%q]\n", domain)
	for number, name := range names {
		fmt.Fprintf(&text, "%s = %q\n", number, name)
	}
	folder := d.path(".config/calltray")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "names.toml"), []byte(text.String()), 0o600)
}

// App is a running Calltray with its icon in the tray, as a person sees it.
type App struct {
	*Process
	Tray
	d *Desktop
}

// StartApp starts Calltray, and waits until the panel shows its icon.
func (d *Desktop) StartApp(ctx context.Context, c *exec.Cmd) (*App, error) {
	p, err := d.Run(c)
	if err != nil {
		return nil, err
	}
	a := &App{Process: p, d: d}
	return a, d.Until(ctx, "Calltray's icon in the tray", func() bool {
		var ok bool
		a.Tray, ok = d.Tray(p.Process.Pid)
		return ok
	})
}

// TypeAccount types the account of a PBX, for one extension, into the empty settings, which have the keyboard: field
// after field, in their order.
func (d *Desktop) TypeAccount(x *PBX, extension string) error {
	for i, text := range []string{x.User, x.Password, extension, x.TCP, x.Domain} {
		if i > 0 {
			if err := d.Key("Tab"); err != nil {
				return err
			}
		}
		if err := d.Type(text); err != nil {
			return err
		}
	}
	return nil
}

// Popup is the incoming-call popup; ok is false while it is not on the screen.
func (a *App) Popup() (Window, bool) { return a.d.WindowByTitle(PopupTitle) }

// Rings reports whether the popup shows a ringing call: after an answer there, it stays as a panel.
func (a *App) Rings() bool {
	w, ok := a.Popup()
	return ok && a.d.HasColour(w.Rect, Green)
}

// Says waits until the tray's tooltip contains a text.
func (a *App) Says(ctx context.Context, text string) error {
	if err := a.d.Until(ctx, fmt.Sprintf("the tray to say %q", text), func() bool {
		return strings.Contains(a.ToolTip(), text)
	}); err != nil {
		return fmt.Errorf("%w; it says %q", err, a.ToolTip())
	}
	return nil
}

// Offers waits until the tray's menu has a line that starts with a text.
func (a *App) Offers(ctx context.Context, label string) error {
	if err := a.d.Until(ctx, fmt.Sprintf("%q in the tray menu", label), func() bool { return a.Has(label) }); err != nil {
		return fmt.Errorf("%w; it has %q", err, a.Labels())
	}
	return nil
}

// Press presses the button with a colour in the popup, the topmost if there are several, until the effect is
// seen. A button that has lost its colour has been pressed.
func (a *App) Press(ctx context.Context, colours []color.RGBA, effect func() bool) error {
	return a.d.Again(ctx, func() error {
		w, ok := a.Popup()
		if !ok {
			return fmt.Errorf("there is no popup to press a button on")
		}
		if b, err := a.d.button(w.Rect, colours); err == nil {
			return a.d.Click(ctx, middle(b))
		}
		return nil
	}, effect)
}

// PressIn presses the topmost button with a colour in a part of the screen, until the effect is seen.
func (d *Desktop) PressIn(ctx context.Context, in image.Rectangle, colours []color.RGBA, effect func() bool) error {
	return d.Again(ctx, func() error { return d.press(ctx, in, colours) }, effect)
}

// Cross presses the cross in the corner of the popup's topmost call, until the effect is seen.
func (a *App) Cross(ctx context.Context, effect func() bool) error {
	return a.d.Again(ctx, func() error {
		w, ok := a.Popup()
		if !ok {
			return fmt.Errorf("there is no popup to close")
		}
		return a.d.Click(ctx, image.Pt(w.Rect.Max.X-24, w.Rect.Min.Y+24))
	}, effect)
}

// PassOn presses the button to the right of Hang up, of the popup's topmost call, until the effect is seen.
func (a *App) PassOn(ctx context.Context, effect func() bool) error {
	return a.d.Again(ctx, func() error {
		w, ok := a.Popup()
		if !ok {
			return fmt.Errorf("there is no popup to pass a call on from")
		}
		b, err := a.d.button(w.Rect, Red)
		if err != nil {
			return err
		}
		return a.d.Click(ctx, image.Pt(b.Max.X+b.Dx()/2, (b.Min.Y+b.Max.Y)/2)) // they have the same width
	}, effect)
}

// Again does something, with the pointer or a key, until its effect is seen, waiting longer each time. Then it
// moves the pointer away, since a button under the pointer has another colour. A person who presses a button or
// a key just when another call comes to the front must press again: Calltray takes the first press for a
// mistake, and ignores it.
func (d *Desktop) Again(ctx context.Context, do func() error, effect func() bool) error {
	defer func() { _ = d.Point(image.Pt(2, 2)) }()
	for limit := 400 * time.Millisecond; limit < patience/4; limit += limit / 2 {
		if err := do(); err != nil {
			if effect() {
				return nil
			}
			return err
		}
		short, cancel := context.WithTimeout(ctx, limit)
		err := d.Until(short, "an effect", effect)
		cancel()
		if err == nil || effect() {
			return nil
		}
	}
	return fmt.Errorf("pressing had no effect")
}

// press clicks the centre of the topmost button with a colour.
func (d *Desktop) press(ctx context.Context, in image.Rectangle, colours []color.RGBA) error {
	b, err := d.button(in, colours)
	if err != nil {
		return err
	}
	return d.Click(ctx, middle(b))
}

func middle(r image.Rectangle) image.Point { return r.Min.Add(r.Max).Div(2) }

// buttonRun is the least number of adjacent pixels in a button's colour. Letters in that colour have fewer.
const buttonRun = 12

// button finds the topmost button with a colour: everything coloured within a button's height of the first
// coloured row.
func (d *Desktop) button(in image.Rectangle, colours []color.RGBA) (image.Rectangle, error) {
	const height = 30
	for _, c := range colours {
		if b, ok := d.find(in, c, buttonRun); ok {
			b.Max.Y = min(b.Max.Y, b.Min.Y+height)
			b, _ = d.find(b, c, buttonRun)
			return b, nil
		}
	}
	return image.Rectangle{}, fmt.Errorf("there is no button of the colour %v", colours)
}

// HasButton reports whether a part of the screen shows a button with one of the colours.
func (d *Desktop) HasButton(in image.Rectangle, colours []color.RGBA) bool {
	_, err := d.button(in, colours)
	return err == nil
}

// HasColour reports whether a part of the screen shows one of the colours.
func (d *Desktop) HasColour(in image.Rectangle, colours []color.RGBA) bool {
	for _, c := range colours {
		if _, ok := d.FindColour(in, c); ok {
			return true
		}
	}
	return false
}
