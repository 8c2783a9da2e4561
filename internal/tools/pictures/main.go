//go:build linux

// Command pictures takes a picture of every state of Calltray's window, on a desktop without a screen, for
// review: nothing cut off, nothing overlapping, every language, light and dark.
//
//	go build -o out/calltray . && go run ./internal/tools/pictures -theme dark -lang da_DK.UTF-8 out/calltray out/pictures
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
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: pictures [-theme dark] [-lang da_DK.UTF-8] PROGRAM FOLDER-FOR-PICTURES")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := play(ctx, flag.Arg(0), flag.Arg(1), *theme, *language, *guide); err != nil {
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
	prefix string // prefix of the pictures' names, or with guide their suffix
	guide  bool
	shots  int
	mark   int // position in the PBX's output at the last command
	last   *image.RGBA
}

func play(ctx context.Context, program, folder, theme, language string, guide bool) (err error) {
	program, err = filepath.Abs(program)
	if err != nil {
		return err
	}
	d, err := desktoptest.Start(ctx, folder)
	if err != nil {
		return err
	}
	defer d.Close()
	p := &photographer{d: d, prefix: fmt.Sprintf("window-%s-%s", theme, language[:min(2, len(language))])}
	if guide {
		p.guide, p.prefix, story = true, "en", guideStory
		if strings.HasPrefix(language, "da") {
			p.prefix = "da"
		}
	}
	if p.pbx, err = d.StartPBX(ctx, program); err != nil {
		return err
	}
	if err := d.NameColleagues(p.pbx.Domain, map[string]string{"200": "Astrid Møller", "202": "Cecilie Bang-Østergaard", "203": "Søren"}); err != nil {
		return err
	}
	c := d.Command(program)
	c.Env = append(c.Env, "FYNE_THEME="+theme, "LANG="+language, "CALLTRAY_URL="+p.pbx.TCP, "CALLTRAY_USER="+p.pbx.User,
		"CALLTRAY_PASSWORD="+p.pbx.Password, "CALLTRAY_PBX_DOMAIN="+p.pbx.Domain, "CALLTRAY_DEVICE=201")
	if p.app, err = d.StartApp(ctx, c); err != nil {
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
//	click X Y       in the window; negative ones are from its other end
//	size W H        of the window, as the user drags it
//	copy TEXT       another program puts a text on the clipboard
//	picture NAME    of the window, once it shows something else than on the last picture
//	screen NAME     the same, of the whole screen
//	look            takes no picture: the next one shows something else than this
//	popup NAME      of the popup, once it is there
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
		width, height, _ := strings.Cut(rest, " ")
		p.last = nil
		return p.d.Again(ctx, func() error {
			return p.d.Command("xdotool", "windowsize", strconv.Itoa(int(p.window.ID)), width, height).Run()
		}, func() bool {
			p.find()
			return strconv.Itoa(p.window.Rect.Dx()) == width
		})
	case "copy":
		return p.d.SetClipboard(ctx, rest)
	case "look":
		return p.look(ctx)
	case "popup":
		return p.popup(ctx, rest)
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
	p.last, err = p.d.Still(ctx, p.window.Rect)
	return err
}

// popup takes a picture of the popup.
func (p *photographer) popup(ctx context.Context, name string) error {
	var popup desktoptest.Window
	if err := p.d.Until(ctx, "the popup", func() bool {
		w, ok := p.d.WindowByTitle(desktoptest.PopupTitle)
		popup = w
		return ok
	}); err != nil {
		return err
	}
	img, err := p.d.Still(ctx, popup.Rect)
	if err != nil {
		return err
	}
	p.shots++
	return p.write(name, img.SubImage(popup.Rect))
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

func (p *photographer) point(words string) (image.Point, error) {
	var at [2]int
	for i, word := range strings.Fields(words)[:2] {
		n, err := strconv.Atoi(word)
		if err != nil {
			return image.Point{}, err
		}
		if at[i] = n; n < 0 {
			at[i] += []int{p.window.Rect.Dx(), p.window.Rect.Dy()}[i]
		}
	}
	return p.window.Rect.Min.Add(image.Pt(at[0], at[1])), nil
}

func (p *photographer) picture(ctx context.Context, state string, whole bool) error {
	var img *image.RGBA
	if err := p.d.Until(ctx, "something else in the window", func() bool {
		var err error
		img, err = p.d.Still(ctx, p.window.Rect)
		return err == nil && (p.last == nil || desktoptest.Different(p.last, img, p.window.Rect))
	}); err != nil {
		return err
	}
	p.last = img
	p.shots++
	part := image.Image(img)
	if !whole {
		part = img.SubImage(p.window.Rect)
	}
	return p.write(state, part)
}
