//go:build linux

// Command pictures takes a picture of every state of Calltray's window, on a desktop without a screen, for
// review: nothing cut off, nothing overlapping, every language, light and dark.
//
//	go build -o out/calltray . && go run ./internal/tools/pictures -theme dark -lang da_DK.UTF-8 out/calltray out/pictures
//
// The screen is a small office's; -screen 1024x600 or -screen 2560x1600 -scale 2 takes them on another.
//
// With -guide it takes the pictures of the user's guide instead:
//
//	go run ./internal/tools/pictures -guide -lang da_DK.UTF-8 out/calltray docs/pictures
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"image"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"calltray/internal/desktoptest"
)

// story is what happens, one step per line; see photographer.step.
//
//go:embed story.txt
var story string

// guideStory has the pictures of the guide.
//
//go:embed guide.txt
var guideStory string

func main() {
	theme := flag.String("theme", "light", "light or dark")
	language := flag.String("lang", "C.UTF-8", "the user's locale")
	guide := flag.Bool("guide", false, "take the pictures of the guide")
	screen := flag.String("screen", "1280x800", "the screen's size in pixels")
	other := flag.String("story", "", "a file with another story")
	scale := flag.Int("scale", 1, "how many pixels wide a point is: 2 on a fine screen")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: pictures [-theme dark] [-lang da_DK.UTF-8] [-screen 2560x1600] [-scale 2] [-story FILE] PROGRAM FOLDER-FOR-PICTURES")
		os.Exit(2)
	}
	if *guide {
		story = guideStory
	}
	if *other != "" {
		text, err := os.ReadFile(*other)
		if err != nil {
			fmt.Fprintln(os.Stderr, "pictures:", err)
			os.Exit(1)
		}
		story = string(text)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := play(ctx, flag.Arg(0), flag.Arg(1), *theme, *language, *guide, *screen, *scale); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		stop()
		os.Exit(1)
	}
}

// photographer plays the story.
type photographer struct {
	d      *desktoptest.Desktop
	pbx    *desktoptest.PBX
	app    *desktoptest.App
	window desktoptest.Window
	// command runs Calltray with these arguments.
	command func(args ...string) *exec.Cmd
	prefix  string // prefix of the pictures' names, or with guide their suffix
	scale   int
	guide   bool
	shots   int
	mark    int // position in the PBX's output at the last command
	last    *image.RGBA
	lastAt  image.Rectangle // where the window was then
}

func play(ctx context.Context, program, folder, theme, language string, guide bool, screen string, scale int) (err error) {
	program, err = filepath.Abs(program)
	if err != nil {
		return err
	}
	d, err := desktoptest.Start(ctx, folder, "-screen", "0", screen+"x24") // the last screen counts
	if err != nil {
		return err
	}
	defer d.Close()
	words := "en"
	if strings.HasPrefix(language, "da") {
		words = "da"
	}
	p := &photographer{d: d, scale: scale, guide: guide, prefix: fmt.Sprintf("window-%s-%s-%s", screen, theme, words)}
	if guide {
		p.prefix = words
	}
	if p.pbx, err = d.StartPBX(ctx, program); err != nil {
		return err
	}
	if err := d.NameColleagues(p.pbx.Domain, map[string]string{"200": "Astrid Møller", "202": "Cecilie Bang-Østergaard", "203": "Søren"}); err != nil {
		return err
	}
	p.command = func(args ...string) *exec.Cmd {
		c := d.Command(program, args...)
		c.Env = append(c.Env, "FYNE_THEME="+theme, "FYNE_SCALE="+strconv.Itoa(scale), "LANG="+language, "CALLTRAY_URL="+p.pbx.TCP, "CALLTRAY_USER="+p.pbx.User,
			"CALLTRAY_PASSWORD="+p.pbx.Password, "CALLTRAY_PBX_DOMAIN="+p.pbx.Domain, "CALLTRAY_DEVICE=201")
		return c
	}
	if p.app, err = d.StartApp(ctx, p.command()); err != nil {
		return err
	}
	if err := p.pbx.Saw(ctx, 0, "monitor u-12345678-201"); err != nil {
		return err
	}
	for n, line := range strings.Split(story, "\n") {
		if err := p.step(ctx, line); err != nil {
			shot, _ := d.Screenshot(p.prefix + "-failed")
			return fmt.Errorf("line %d, %q: %w (the screen then: %s)\n%s", n+1, line, err, shot, p.app.Log())
		}
	}
	fmt.Printf("%d pictures are in %s.\n", p.shots, folder)
	return nil
}

// step plays a line of the story:
//
//	open            a click on the tray's icon, which opens the window
//	pbx COMMAND     a command at the PBX's prompt
//	saw TEXT        waits until the PBX tells of something, since the last command
//	calls A, B      waits until the PBX's telephones have these calls
//	type TEXT       on the keyboard
//	key NAME        as X calls it
//	click X Y       in the window, in points; negative ones are from its other end
//	size W H        of the window, as the user drags it; a height of 0 is as it is
//	copy TEXT       another program puts a text on the clipboard
//	link ADDRESS    another program opens a link
//	picture NAME    of the window, once it shows something else than on the last picture
//	screen NAME     the same, of the whole screen
//	look            takes no picture: the next one shows something else than this
//	popup NAME      of the popup, once it is there
//	question NAME   of the question before a link is dialled, which is then closed
func (p *photographer) step(ctx context.Context, line string) error {
	verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	rest = strings.TrimSpace(rest)
	switch verb {
	case "", "#":
		return nil
	case "open":
		if err := p.app.Activate(); err != nil {
			return err
		}
		return p.d.Until(ctx, "the window", func() bool {
			w, ok := p.d.FocusedWindow()
			p.window = w
			return ok && w.Title == desktoptest.MainTitle
		})
	case "pbx":
		p.mark = p.pbx.Mark()
		return p.pbx.Do(rest)
	case "saw":
		return p.pbx.Saw(ctx, p.mark, rest)
	case "calls":
		var want []string
		for c := range strings.SplitSeq(rest, ",") {
			if c = strings.TrimSpace(c); c != "" {
				want = append(want, c)
			}
		}
		return p.pbx.Calls(ctx, want...)
	case "type":
		return p.d.Type(rest)
	case "key":
		return p.d.Key(rest)
	case "click":
		at, err := p.point(rest)
		if err != nil {
			return err
		}
		return p.d.Click(ctx, at)
	case "size":
		size, err := points(rest, p.scale)
		if err != nil {
			return err
		}
		if size.Y == 0 {
			size.Y = p.window.Rect.Dy()
		}
		p.last = nil
		return p.d.Again(ctx, func() error {
			return p.d.Command("xdotool", "windowsize", strconv.Itoa(int(p.window.ID)), strconv.Itoa(size.X), strconv.Itoa(size.Y)).Run()
		}, func() bool {
			p.find()
			return p.window.Rect.Dx() == size.X
		})
	case "copy":
		return p.d.SetClipboard(ctx, rest)
	case "link":
		_, err := p.d.Run(p.command(rest))
		return err
	case "look":
		return p.look(ctx)
	case "popup":
		return p.other(ctx, desktoptest.PopupTitle, rest)
	case "question":
		return p.question(ctx, rest)
	case "picture", "screen":
		return p.picture(ctx, rest, verb == "screen")
	}
	return fmt.Errorf("there is no step %q", verb)
}

// find records where the window is.
func (p *photographer) find() {
	if w, ok := p.d.WindowByTitle(desktoptest.MainTitle); ok {
		p.window = w
	}
}

// look records what the window shows, and where it is.
func (p *photographer) look(ctx context.Context) (err error) {
	p.find()
	p.lastAt = p.window.Rect
	p.last, err = p.d.Still(ctx, p.window.Rect)
	return err
}

// other takes a picture of another window.
func (p *photographer) other(ctx context.Context, title, name string) error {
	var other desktoptest.Window
	if err := p.d.Until(ctx, title, func() (ok bool) {
		other, ok = p.d.WindowByTitle(title)
		return ok
	}); err != nil {
		return err
	}
	img, err := p.d.Still(ctx, other.Rect)
	if err != nil {
		return err
	}
	if moved, ok := p.d.WindowByTitle(title); ok && moved.Rect != other.Rect { // the window manager has just placed it
		return p.other(ctx, title, name)
	}
	p.shots++
	return p.write(name, img.SubImage(other.Rect))
}

// question takes a picture of the question, and closes it.
func (p *photographer) question(ctx context.Context, name string) error {
	const title = "Calltray: call?"
	if err := p.other(ctx, title, name); err != nil {
		return err
	}
	return p.d.Again(ctx, func() error { return p.d.Key("Escape") }, func() bool {
		_, open := p.d.WindowByTitle(title)
		return !open
	})
}

// write keeps a picture.
func (p *photographer) write(name string, picture image.Image) error {
	file := fmt.Sprintf("%s-%02d-%s", p.prefix, p.shots, name)
	if p.guide {
		file = name + "-" + p.prefix
	}
	_, err := p.d.WritePicture(file, picture)
	return err
}

// points reads two numbers of points, and returns how many pixels these are.
func points(words string, scale int) (at image.Point, err error) {
	if _, err = fmt.Sscan(words, &at.X, &at.Y); err != nil {
		return at, fmt.Errorf("two numbers are wanted: %w", err)
	}
	return at.Mul(scale), nil
}

func (p *photographer) point(words string) (image.Point, error) {
	at, err := points(words, p.scale)
	if at.X < 0 {
		at.X += p.window.Rect.Dx()
	}
	if at.Y < 0 {
		at.Y += p.window.Rect.Dy()
	}
	return p.window.Rect.Min.Add(at), err
}

func (p *photographer) picture(ctx context.Context, state string, whole bool) error {
	var img *image.RGBA
	if err := p.d.Until(ctx, "something else in the window", func() bool {
		p.find()
		var err error
		img, err = p.d.Still(ctx, p.window.Rect)
		return err == nil && (p.last == nil || p.window.Rect != p.lastAt || desktoptest.Different(p.last, img, p.window.Rect))
	}); err != nil {
		return err
	}
	p.last, p.lastAt = img, p.window.Rect
	p.shots++
	part := image.Image(img)
	if !whole {
		part = img.SubImage(p.window.Rect)
	}
	return p.write(state, part)
}
