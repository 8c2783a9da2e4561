package ui

import (
	"bytes"
	"errors"
	"image"
	"image/draw"
	"math"
	"os"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"calltray/internal/account"
	"calltray/ui/widgets"
)

// picture makes the desktop show the popup as a picture, painted by Fyne's software painter: without OpenGL, a window
// of Fyne's or its loop. The desktop reports the pointer, and only buttons get its events.
type picture struct {
	popup  *popup
	root   *fyne.Container // which the pieces are of
	pieces pieces
	sent   *image.NRGBA // as the desktop has it, nil if it has none
	frame  *image.NRGBA // the same while it is on the screen, otherwise nil
	spare  *image.NRGBA // the one before, for the next
	area   image.Rectangle
	scale  float32
	chosen time.Time // when area and scale were; zero after the popup is taken from the screen

	under   *widgets.Action // the button under the pointer
	pressed *widgets.Action // the button on which the pointer was pressed
	down    bool
	place   account.PopupPlace // which corner
	drag    drag
}

const choice = time.Second / 4 // how long a choice of the screen holds until the popup is shown

var errNoScreen = errors.New("no screen is attached")

func newPicture(p *popup) *picture {
	s := &picture{popup: p}
	p.ui.cfg.Desk.PopupPointer(func(at, pointer image.Point, on, pressed bool) {
		p.ui.post(func() { s.point(at, pointer, on, pressed) })
	})
	return s
}

func (s *picture) ready() bool { return true }

// put paints the popup, and shows the part that has changed.
func (s *picture) put() error {
	shown := s.frame != nil
	changed := s.next()
	if s.frame = s.sent; shown && changed.Empty() {
		return nil
	}
	return s.send(changed)
}

// prepare paints the popup, and does everything else that takes time, so that put only has to show it.
func (s *picture) prepare() {
	changed := s.next()
	if err := s.popup.ui.cfg.Desk.PreparePopup(s.sent, changed); err != nil {
		s.sent = nil // the error is reported when the popup is shown
	}
}

// next paints the popup as the next picture for the desktop, and returns where that differs from the last one.
func (s *picture) next() (changed image.Rectangle) {
	before := s.sent
	s.sent, s.spare = s.paint(s.spare), before
	if before == nil || before.Rect != s.sent.Rect {
		return s.sent.Rect
	}
	return difference(before, s.sent)
}

// room returns the popup's maximum height on its screen, which is chosen anew unless the popup is shown already, or is
// about to be.
func (s *picture) room() (float32, error) {
	if !s.popup.shown && time.Since(s.chosen) > choice {
		place, screen := s.popup.ui.popupPlace()
		area, scale, ok := s.popup.ui.cfg.Desk.PopupScreen(screen)
		if !ok {
			return 0, errNoScreen
		}
		s.place, s.area, s.scale, s.chosen, s.frame = place, area, s.popup.ui.userScale(scale), time.Now(), nil
	}
	return float32(s.area.Dy())/s.scale - 2*popupMargin, nil
}

// warm paints the popup without showing it.
func (s *picture) warm() {
	if _, err := s.room(); err == nil {
		s.prepare()
		s.popup.ui.tidySoon()
	}
}

// paint paints the popup, on an earlier picture if that has the right size.
func (s *picture) paint(on *image.NRGBA) *image.NRGBA {
	p := s.popup
	p.ui.wakeFyne()
	if s.root != p.root {
		s.root, s.under, s.pressed, s.pieces = p.root, nil, nil, pieces{}
	}
	size := p.size()
	p.root.Resize(size)
	pixels := func(length float32) int { return int(math.Ceil(float64(length * s.scale))) } // as Fyne rounds
	if r := image.Rect(0, 0, pixels(size.Width), pixels(size.Height)); on == nil || on.Rect != r {
		on = image.NewNRGBA(r)
	}
	ground := opaque(on)
	fill(ground, on.Rect, widgets.ColorEdge)
	fill(ground, on.Rect.Inset(int(math.Round(float64(s.scale)))), widgets.ColorCard)
	s.pieces.draw(ground, p.body, s.scale)
	return on
}

// opaque returns an opaque picture as an image.RGBA of the same pixels, on which Go draws several times as fast.
func opaque(frame *image.NRGBA) *image.RGBA {
	return &image.RGBA{Pix: frame.Pix, Stride: frame.Stride, Rect: frame.Rect}
}

func fill(ground *image.RGBA, part image.Rectangle, name fyne.ThemeColorName) {
	draw.Draw(ground, part, image.NewUniform(widgets.ThemeColor(name)), image.Point{}, draw.Src)
}

// send makes the desktop show a part of the frame.
func (s *picture) send(part image.Rectangle) error {
	err := s.popup.ui.cfg.Desk.ShowPopup(s.frame, s.corner(), part)
	if err != nil {
		s.sent = nil
	}
	return err
}

func (s *picture) take() {
	s.popup.ui.cfg.Desk.HidePopup()
	s.frame, s.under, s.pressed, s.down, s.drag, s.chosen = nil, nil, nil, false, drag{}, time.Time{}
	s.popup.ui.tidySoon()
}

func (s *picture) tick() { s.update() }

// update shows what has changed in the popup on the screen.
func (s *picture) update() {
	if err := s.put(); err != nil {
		s.popup.ui.log.Warn("the popup cannot be brought up to date", "reason", err)
	}
}

// userScale returns the screen's scale times the user's, as for Fyne's windows.
func (u *UI) userScale(screen float32) float32 {
	user := u.application().Settings().Scale()
	if env := os.Getenv("FYNE_SCALE"); env != "" {
		if v, err := strconv.ParseFloat(env, 32); err == nil && v > 0 {
			user = float32(v)
		}
	}
	if user <= 0 {
		user = 1
	}
	return max(0.1, float32(math.Round(float64(screen*user)*10)/10))
}

// point handles the pointer; at is in pixels of the picture, pointer in those of the desktop. A button is activated on
// release if it was also pressed there; pressing where there is no button starts a drag.
func (s *picture) point(at, pointer image.Point, on, down bool) {
	switch {
	case s.frame == nil:
		return
	case s.drag.on && down:
		s.dragTo(pointer)
		return
	case s.drag.on:
		s.down = false
		s.drop()
		return
	}
	var under *widgets.Action
	if on && at.In(s.frame.Rect) {
		under = button(s.root, fyne.NewPos(float32(at.X)/s.scale, float32(at.Y)/s.scale))
	}
	if under != s.under {
		before := s.under
		if s.under = under; before != nil {
			before.MouseOut()
			s.look(before)
		}
		if under != nil {
			under.MouseIn(&desktop.MouseEvent{})
			s.look(under)
		}
	}
	switch before := s.down; {
	case down && !before:
		if s.pressed = under; under == nil && on {
			s.drag = drag{on: true, grab: pointer, from: s.corner()}
		}
	case !down && before && on && under != nil && under == s.pressed:
		if under.Press(); s.frame != nil {
			s.look(under) // its picture may have changed, or it tells why it is disabled
		}
	}
	s.down = down
}

// look updates a button when the pointer enters, leaves or presses it. A disabled one shows the reason why, which may
// need more room.
func (s *picture) look(b *widgets.Action) {
	if b.Disabled() {
		s.popup.ui.changed = true
	} else {
		s.update()
	}
}

// button returns the visible button at a position in a tree, nil if there is none.
func button(o fyne.CanvasObject, at fyne.Position) (found *widgets.Action) {
	if !o.Visible() {
		return nil
	}
	switch o := o.(type) {
	case *widgets.Action:
		if at.X >= 0 && at.Y >= 0 && at.X < o.Size().Width && at.Y < o.Size().Height {
			return o
		}
	case *fyne.Container:
		for _, inner := range o.Objects {
			if b := button(inner, at.Subtract(inner.Position())); b != nil {
				found = b // the last one is on top
			}
		}
	}
	return found
}

// placeIn returns an object's position in a tree.
func placeIn(o, wanted fyne.CanvasObject) (at fyne.Position, found bool) {
	if o == wanted {
		return o.Position(), true
	}
	if c, ok := o.(*fyne.Container); ok {
		for _, inner := range c.Objects {
			if at, found := placeIn(inner, wanted); found {
				return at.Add(c.Position()), true
			}
		}
	}
	return at, false
}

// difference returns the smallest rectangle that contains all differences between two frames of the same size.
func difference(a, b *image.NRGBA) (r image.Rectangle) {
	for y := a.Rect.Min.Y; y < a.Rect.Max.Y; y++ {
		i := a.PixOffset(a.Rect.Min.X, y)
		before, now := a.Pix[i:i+4*a.Rect.Dx()], b.Pix[i:i+4*a.Rect.Dx()]
		if bytes.Equal(before, now) {
			continue
		}
		left, right := 0, a.Rect.Dx()
		for bytes.Equal(before[4*left:4*left+4], now[4*left:4*left+4]) {
			left++
		}
		for bytes.Equal(before[4*right-4:4*right], now[4*right-4:4*right]) {
			right--
		}
		r = r.Union(image.Rect(a.Rect.Min.X+left, y, a.Rect.Min.X+right, y+1))
	}
	return r
}
