//go:build linux

package desktoptest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jezek/xgb/xproto"
)

// Window describes a window, according to the X server and the window manager.
type Window struct {
	ID    xproto.Window
	Title string
	Class string
	PID   int
	// Rect is where the window's contents are on the screen, without the frame.
	Rect    image.Rectangle
	Visible bool // mapped, and so are the windows it is in
	// State holds the _NET_WM_STATE atoms, without that prefix: ABOVE, SKIP_TASKBAR, ...
	State []string
}

// preparePicture paints the background, so that windows stand out in a picture.
func (d *Desktop) preparePicture() error {
	screen := xproto.Setup(d.x).DefaultScreen(d.x)
	d.root = screen.Root
	if err := xproto.ChangeWindowAttributesChecked(d.x, d.root, xproto.CwBackPixel, []uint32{0x3a5a78}).Check(); err != nil {
		return err
	}
	return xproto.ClearAreaChecked(d.x, false, d.root, 0, 0, 0, 0).Check()
}

func (d *Desktop) atom(name string) xproto.Atom {
	a, ok := d.atoms[name]
	if !ok {
		if r, err := xproto.InternAtom(d.x, false, uint16(len(name)), name).Reply(); err == nil {
			a = r.Atom
			d.atoms[name] = a
		}
	}
	return a
}

func (d *Desktop) property(w xproto.Window, name string) []byte {
	r, err := xproto.GetProperty(d.x, false, w, d.atom(name), xproto.GetPropertyTypeAny, 0, 1<<16).Reply()
	if err != nil {
		return nil
	}
	return r.Value
}

// numbers reads a property of 32-bit values.
func (d *Desktop) numbers(w xproto.Window, name string) (list []uint32) {
	for b := d.property(w, name); len(b) >= 4; b = b[4:] {
		list = append(list, uint32(b[0])|uint32(b[1])<<8|uint32(b[2])<<16|uint32(b[3])<<24)
	}
	return list
}

// windowManager is the name of the running window manager, "" when there is none.
func (d *Desktop) windowManager() string {
	check := d.numbers(d.root, "_NET_SUPPORTING_WM_CHECK")
	if len(check) == 0 {
		return ""
	}
	return string(d.property(xproto.Window(check[0]), "_NET_WM_NAME"))
}

// WorkArea returns the part of the screen that the panel leaves to windows.
func (d *Desktop) WorkArea() image.Rectangle {
	n := d.numbers(d.root, "_NET_WORKAREA")
	if len(n) < 4 {
		return image.Rectangle{}
	}
	return image.Rect(int(n[0]), int(n[1]), int(n[0]+n[2]), int(n[1]+n[3]))
}

// Windows lists every window that has a class, the topmost last.
func (d *Desktop) Windows() []Window { return d.children(d.root, nil) }

func (d *Desktop) children(parent xproto.Window, list []Window) []Window {
	tree, err := xproto.QueryTree(d.x, parent).Reply()
	if err != nil {
		return list
	}
	for _, id := range tree.Children {
		if w, ok := d.window(id); ok {
			list = append(list, w)
			continue // windows inside a program's window are of no interest
		}
		list = d.children(id, list)
	}
	return list
}

func (d *Desktop) window(id xproto.Window) (Window, bool) {
	class := strings.Split(strings.TrimRight(string(d.property(id, "WM_CLASS")), "\x00"), "\x00")
	if class[len(class)-1] == "" {
		return Window{}, false
	}
	attributes, err := xproto.GetWindowAttributes(d.x, id).Reply()
	if err != nil || attributes.Class == xproto.WindowClassInputOnly {
		return Window{}, false
	}
	geometry, err := xproto.GetGeometry(d.x, xproto.Drawable(id)).Reply()
	if err != nil {
		return Window{}, false
	}
	at, err := xproto.TranslateCoordinates(d.x, id, d.root, 0, 0).Reply()
	if err != nil {
		return Window{}, false
	}
	w := Window{ID: id, Class: class[len(class)-1], Visible: attributes.MapState == xproto.MapStateViewable}
	w.Title = cmp.Or(string(d.property(id, "_NET_WM_NAME")), string(d.property(id, "WM_NAME")))
	w.Rect = image.Rect(0, 0, int(geometry.Width), int(geometry.Height)).Add(image.Pt(int(at.DstX), int(at.DstY)))
	if pid := d.numbers(id, "_NET_WM_PID"); len(pid) > 0 {
		w.PID = int(pid[0])
	}
	for _, a := range d.numbers(id, "_NET_WM_STATE") {
		if r, err := xproto.GetAtomName(d.x, xproto.Atom(a)).Reply(); err == nil {
			w.State = append(w.State, strings.TrimPrefix(r.Name, "_NET_WM_STATE_"))
		}
	}
	return w, true
}

// WindowByTitle returns the visible window with that title, the topmost if there are several.
func (d *Desktop) WindowByTitle(title string) (Window, bool) {
	list := d.Windows()
	slices.Reverse(list)
	for _, w := range list {
		if w.Visible && w.Title == title {
			return w, true
		}
	}
	return Window{}, false
}

// FocusedWindow returns the window that receives typed text.
func (d *Desktop) FocusedWindow() (Window, bool) {
	r, err := xproto.GetInputFocus(d.x).Reply()
	if err != nil {
		return Window{}, false
	}
	// Toolkits may give the focus to a child of their window.
	for id := r.Focus; id > 1 && id != d.root; {
		if w, ok := d.window(id); ok {
			return w, true
		}
		tree, err := xproto.QueryTree(d.x, id).Reply()
		if err != nil {
			break
		}
		id = tree.Parent
	}
	return Window{}, false
}

// Picture takes a picture of the whole screen.
func (d *Desktop) Picture() (*image.RGBA, error) {
	screen := xproto.Setup(d.x).DefaultScreen(d.x)
	return d.part(image.Rect(0, 0, int(screen.WidthInPixels), int(screen.HeightInPixels)))
}

// part takes a picture of a part of the screen, in screen coordinates.
func (d *Desktop) part(in image.Rectangle) (*image.RGBA, error) {
	screen := xproto.Setup(d.x).DefaultScreen(d.x)
	in = in.Intersect(image.Rect(0, 0, int(screen.WidthInPixels), int(screen.HeightInPixels)))
	if in.Empty() {
		return image.NewRGBA(in), nil
	}
	r, err := xproto.GetImage(d.x, xproto.ImageFormatZPixmap, xproto.Drawable(d.root),
		int16(in.Min.X), int16(in.Min.Y), uint16(in.Dx()), uint16(in.Dy()), 0xffffffff).Reply()
	if err != nil {
		return nil, err
	}
	img := &image.RGBA{Pix: r.Data, Stride: 4 * in.Dx(), Rect: in}
	for i := 0; i+3 < len(r.Data); i += 4 { // X has blue first
		r.Data[i], r.Data[i+2], r.Data[i+3] = r.Data[i+2], r.Data[i], 0xff
	}
	return img, nil
}

// Screenshot writes a picture of the screen to Shots, as name.png, and returns its path.
func (d *Desktop) Screenshot(name string) (string, error) {
	img, err := d.Picture()
	if err != nil {
		return "", err
	}
	return d.WritePicture(name, img)
}

// WritePicture writes a picture, or a part of one, to Shots, as name.png, and returns its path.
func (d *Desktop) WritePicture(name string, img image.Image) (string, error) {
	path := filepath.Join(d.Shots, name+".png")
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(f, img); err != nil {
		f.Close()
		return "", err
	}
	return path, f.Close()
}

// Still waits until a part of the screen has not changed for half a second, and returns a picture of the whole
// screen. A blinking cursor, or a clock advancing by a second, does not count.
func (d *Desktop) Still(ctx context.Context, in image.Rectangle) (img *image.RGBA, err error) {
	var since time.Time
	e := d.Until(ctx, "the screen to stand still", func() bool {
		last := img
		if img, err = d.Picture(); err != nil {
			return true
		}
		if last == nil || Different(last, img, in) {
			since = time.Now()
		}
		return time.Since(since) > 500*time.Millisecond
	})
	return img, cmp.Or(err, e)
}

// Different reports whether a part of the screen differs between two pictures by more than a cursor or a second
// of a clock.
func Different(a, b *image.RGBA, in image.Rectangle) bool {
	pixels := 0
	changes(a, b, in, func(image.Point) { pixels++ })
	return pixels > 200
}

// Changed returns the bounds of what differs between two pictures within a part of the screen, except in the
// given places: empty if nothing does.
func Changed(a, b *image.RGBA, in image.Rectangle, but ...image.Rectangle) (bounds image.Rectangle) {
	changes(a, b, in, func(at image.Point) {
		if !slices.ContainsFunc(but, at.In) {
			bounds = bounds.Union(image.Rectangle{at, at.Add(image.Pt(1, 1))})
		}
	})
	return bounds
}

// changes calls report for every pixel that differs. Most lines do not, and cost little.
func changes(a, b *image.RGBA, in image.Rectangle, report func(image.Point)) {
	in = in.Intersect(a.Rect).Intersect(b.Rect)
	for y := in.Min.Y; y < in.Max.Y; y++ {
		i, n := a.PixOffset(in.Min.X, y), 4*in.Dx()
		if bytes.Equal(a.Pix[i:i+n], b.Pix[i:i+n]) {
			continue
		}
		for x := in.Min.X; x < in.Max.X; x++ {
			if a.RGBAAt(x, y) != b.RGBAAt(x, y) {
				report(image.Pt(x, y))
			}
		}
	}
}

// FindColour returns the bounds of the pixels within a rectangle of the screen that have a colour, or
// nearly. ok is false when there are fewer than 64.
func (d *Desktop) FindColour(in image.Rectangle, want color.RGBA) (bounds image.Rectangle, ok bool) {
	return d.find(in, want, 1)
}

// find is FindColour for pixels in horizontal runs of at least run.
func (d *Desktop) find(in image.Rectangle, want color.RGBA, run int) (bounds image.Rectangle, ok bool) {
	img, err := d.part(in)
	if err != nil {
		return bounds, false
	}
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= 24 } // a button under the pointer is a little lighter
	count := 0
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
		began := img.Rect.Min.X
		for x := began; x <= img.Rect.Max.X; x++ {
			if c := img.RGBAAt(x, y); x < img.Rect.Max.X && near(c.R, want.R) && near(c.G, want.G) && near(c.B, want.B) {
				continue
			}
			if x-began >= run {
				bounds = bounds.Union(image.Rect(began, y, x, y+1))
				count += x - began
			}
			began = x + 1
		}
	}
	return bounds, count >= 64
}

// Click moves the pointer to a place on the screen, and presses the left button.
func (d *Desktop) Click(ctx context.Context, at image.Point) error {
	if err := d.tool("xdotool", "mousemove", strconv.Itoa(at.X), strconv.Itoa(at.Y)); err != nil {
		return err
	}
	if err := d.Until(ctx, "the pointer to arrive", func() bool {
		r, err := xproto.QueryPointer(d.x, d.root).Reply()
		return err == nil && int(r.RootX) == at.X && int(r.RootY) == at.Y
	}); err != nil {
		return err
	}
	return d.tool("xdotool", "click", "1")
}

// Point moves the pointer without a click.
func (d *Desktop) Point(at image.Point) error {
	return d.tool("xdotool", "mousemove", strconv.Itoa(at.X), strconv.Itoa(at.Y))
}

// Type types ASCII text into the focused window, a key every 20 ms, like a quick typist.
func (d *Desktop) Type(text string) error { return d.tool("xdotool", "type", "--delay", "20", text) }

// Key presses one key, by its X name: Return, Tab, Escape, ctrl+a.
func (d *Desktop) Key(name string) error { return d.tool("xdotool", "key", name) }

// Activate brings a window to the front and gives it the focus, as a click on the task list does.
func (d *Desktop) Activate(ctx context.Context, w Window) error {
	if err := d.tool("xdotool", "windowactivate", strconv.Itoa(int(w.ID))); err != nil {
		return err
	}
	return d.Until(ctx, "the focus to reach "+w.Title, func() bool {
		f, ok := d.FocusedWindow()
		return ok && f.ID == w.ID
	})
}

// SetClipboard puts text on the clipboard, as another program would. The text stays until the next SetClipboard
// or Close.
func (d *Desktop) SetClipboard(ctx context.Context, text string) error {
	return d.offer(ctx, "clipboard", text)
}

// Select selects a text as in another program, until the next Select or Close.
func (d *Desktop) Select(ctx context.Context, text string) error {
	return d.offer(ctx, "primary", text)
}

// offer owns a selection of the X server.
func (d *Desktop) offer(ctx context.Context, selection, text string) error {
	c := d.Command("xclip", "-selection", selection, "-in", "-quiet") // -quiet: stay in the foreground
	c.Stdin = strings.NewReader(text)
	if _, err := d.Run(c); err != nil {
		return err
	}
	return d.Until(ctx, "the "+selection, func() bool {
		got, err := d.offered(selection)
		return err == nil && got == text
	})
}

// Clipboard returns the text on the clipboard.
func (d *Desktop) Clipboard() (string, error) { return d.offered("clipboard") }

func (d *Desktop) offered(selection string) (string, error) {
	out, err := d.Command("xclip", "-selection", selection, "-out").Output()
	return string(out), err
}

// tool runs a short-lived program to its end.
func (d *Desktop) tool(name string, arg ...string) error {
	if out, err := d.Command(name, arg...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(arg, " "), err, out)
	}
	return nil
}
