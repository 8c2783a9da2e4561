//go:build linux

package desktop

import (
	"bufio"
	"context"
	"fmt"
	"image"
	"image/color"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
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

// Popup is the incoming-call popup; ok is false while it is not on the screen.
func (a *App) Popup() (Window, bool) { return a.d.WindowByTitle(PopupTitle) }

// Says waits until the tray's tooltip holds a text.
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

// Press presses the button of a colour in the popup, the topmost if there are several, until the
// effect is seen. A person who presses a button that has just moved presses again: Calltray takes no
// press in the first third of a second after the calls on the popup changed.
func (a *App) Press(ctx context.Context, colours []color.RGBA, effect func() bool) error {
	return a.d.Again(ctx, func() error {
		w, ok := a.Popup()
		if !ok {
			return fmt.Errorf("there is no popup to press a button on")
		}
		return a.d.press(ctx, w.Rect, colours)
	}, effect)
}

// PressIn presses the topmost button of a colour in a part of the screen, until the effect is seen.
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

// Again does something, with the pointer or a key, until its effect is seen, at most five times. Then it takes the
// pointer away, since a button under a pointer has another colour.
func (d *Desktop) Again(ctx context.Context, do func() error, effect func() bool) error {
	defer func() { _ = d.Point(image.Pt(2, 2)) }()
	for range 5 {
		if err := do(); err != nil {
			if effect() {
				return nil
			}
			return err
		}
		short, cancel := context.WithTimeout(ctx, time.Second)
		err := d.Until(short, "an effect", effect)
		cancel()
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("pressing had no effect")
}

// press clicks the middle of the topmost button of a colour: what is coloured within a button's height
// from the first coloured row.
func (d *Desktop) press(ctx context.Context, in image.Rectangle, colours []color.RGBA) error {
	const height = 30
	for _, c := range colours {
		if b, ok := d.FindColour(in, c); ok {
			b.Max.Y = min(b.Max.Y, b.Min.Y+height)
			b, _ = d.FindColour(b, c)
			return d.Click(ctx, image.Pt((b.Min.X+b.Max.X)/2, (b.Min.Y+b.Max.Y)/2))
		}
	}
	return fmt.Errorf("there is no button of the colour %v", colours)
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

// PBX is a running "calltray pbx", with somebody at its prompt.
type PBX struct {
	*Process
	// TCP and HTTP are the addresses of its gateways, Domain its name; the account is User and Password.
	TCP, HTTP, Domain, User, Password string

	in io.Writer

	mu    sync.Mutex
	lines []string
	d     *Desktop
}

// StartPBX starts "calltray pbx" on free ports of this machine, and waits for its addresses. More
// arguments come after the usual ones: --tcp and --http there replace them.
func (d *Desktop) StartPBX(ctx context.Context, program string, more ...string) (*PBX, error) {
	c := d.Command(program, append([]string{"pbx", "--tcp", "127.0.0.1:0", "--http", "127.0.0.1:0"}, more...)...)
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	// A pipe of our own: that of exec.Cmd is closed by Wait, before everything has been read.
	out, outside, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	c.Stdout = outside
	p, err := d.Run(c)
	outside.Close()
	if err != nil {
		out.Close()
		return nil, err
	}
	x := &PBX{Process: p, in: in, d: d}
	go func() {
		defer out.Close()
		for sc := bufio.NewScanner(out); sc.Scan(); {
			x.mu.Lock()
			x.lines = append(x.lines, sc.Text())
			x.mu.Unlock()
		}
	}()
	return x, d.Until(ctx, "the simulated PBX to say where it listens", func() bool {
		for _, line := range x.said() {
			words := strings.Fields(strings.ReplaceAll(line, ",", ""))
			for i, w := range words {
				switch {
				case strings.HasPrefix(w, "tcp://"):
					x.TCP = w
				case strings.HasPrefix(w, "http://"):
					x.HTTP = w
				case i+1 == len(words):
				case w == "user":
					x.User = words[i+1]
				case w == "password":
					x.Password = words[i+1]
				case w == "domain":
					x.Domain = words[i+1]
				}
			}
		}
		return x.TCP != "" && x.HTTP != "" && x.Domain != ""
	})
}

func (x *PBX) said() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.lines[:len(x.lines):len(x.lines)]
}

// Do types a command at the PBX's prompt.
func (x *PBX) Do(command string) error {
	_, err := fmt.Fprintln(x.in, command)
	return err
}

// Mark is a place in what the PBX has printed: what was before it does not count.
func (x *PBX) Mark() int { return len(x.said()) }

// Since returns what the PBX has printed since the mark.
func (x *PBX) Since(mark int) string { return strings.Join(x.said()[mark:], "\n") }

// Said returns the last lines that the PBX has printed.
func (x *PBX) Said(lines int) string { return x.Since(max(0, x.Mark()-lines)) }

// Saw waits until the PBX has printed, since the mark, a line that starts with a text.
func (x *PBX) Saw(ctx context.Context, mark int, text string) error {
	if err := x.d.Until(ctx, fmt.Sprintf("the PBX to see %q", text), func() bool {
		for _, line := range x.said()[mark:] {
			if strings.Contains(line, text) {
				return true
			}
		}
		return false
	}); err != nil {
		return fmt.Errorf("%w; it saw\n  %s", err, strings.Join(x.said()[mark:], "\n  "))
	}
	return nil
}

// Legs asks the PBX for its calls: one line for each party's part in each call.
func (x *PBX) Legs(ctx context.Context) (legs []string, err error) {
	mark := x.Mark()
	if err := x.Do("calls"); err != nil {
		return nil, err
	}
	err = x.d.Until(ctx, "the PBX to list its calls", func() bool {
		legs = nil
		for _, line := range x.said()[mark:] {
			if strings.HasPrefix(line, "leg ") {
				legs = append(legs, line)
			}
			if strings.HasPrefix(line, "calls ") {
				return true
			}
		}
		return false
	})
	return legs, err
}

// Leg waits until a device has a part in a call with a status: Alerting, Ringing, Active, Held.
func (x *PBX) Leg(ctx context.Context, device, status string) error {
	var legs []string
	err := x.d.Until(ctx, fmt.Sprintf("%s to be %s at the PBX", device, status), func() bool {
		legs, _ = x.Legs(ctx)
		for _, l := range legs {
			if f := strings.Fields(l); len(f) > 4 && f[3] == device && f[4] == status {
				return true
			}
		}
		return false
	})
	if err != nil {
		return fmt.Errorf("%w; it has %q", err, legs)
	}
	return nil
}

// Idle waits until the PBX has no call.
func (x *PBX) Idle(ctx context.Context) error {
	return x.d.Until(ctx, "the PBX to have no call", func() bool {
		legs, err := x.Legs(ctx)
		return err == nil && len(legs) == 0
	})
}
