package ui

import (
	"image"
	"image/draw"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
)

// pieces paints a tree of objects with Fyne's software painter, each object for itself, and keeps what it has painted:
// from one call to the next, only a few lines of a popup change.
//
// Fyne destroys the renderers of widgets that it has not painted for a minute, and does not lay out their successors
// (v2.8.1, internal/cache): a widget is refreshed, which lays it out, before it is painted. See also wakeFyne.
type pieces struct {
	canvas software.WindowlessCanvas // nil until the first painting
	kept   map[fyne.CanvasObject]piece
}

// piece is the picture of one object.
type piece struct {
	picture image.Image
	of      subject
}

// subject is all that a piece depends on. An object that lies between two pixels looks different from one that does not.
type subject struct {
	content any // what the object shows
	size    fyne.Size
	between fyne.Position
	scale   float32
}

// contentOf returns what changes whenever an object shows something else: for our widgets a count, for a picture the
// picture. It returns nil for other objects: they are painted each time.
func contentOf(o fyne.CanvasObject) any {
	switch o := o.(type) {
	case interface{ Looks() int }:
		return o.Looks()
	case *canvas.Image:
		return o.Resource
	}
	return nil
}

// draw draws what is visible of a tree.
func (p *pieces) draw(on *image.RGBA, tree fyne.CanvasObject, scale float32) {
	if p.canvas == nil {
		p.canvas = software.NewTransparentCanvas()
		p.canvas.SetPadded(false)
	}
	kept := make(map[fyne.CanvasObject]piece, len(p.kept))
	p.drawAt(on, tree, fyne.Position{}, scale, kept)
	p.kept = kept
}

func (p *pieces) drawAt(on *image.RGBA, o fyne.CanvasObject, from fyne.Position, scale float32, kept map[fyne.CanvasObject]piece) {
	if !o.Visible() {
		return
	}
	at := from.Add(o.Position())
	if c, is := o.(*fyne.Container); is {
		for _, inner := range c.Objects {
			p.drawAt(on, inner, at, scale, kept)
		}
		return
	}
	const overhang = 2 // pixels, for glyphs
	low := func(v float32) int { return int(math.Floor(float64(v*scale))) - overhang }
	high := func(v float32) int { return int(math.Ceil(float64(v*scale))) + overhang }
	part := image.Rect(low(at.X), low(at.Y), high(at.X+o.Size().Width), high(at.Y+o.Size().Height))
	shift := at.SubtractXY(float32(part.Min.X)/scale, float32(part.Min.Y)/scale)
	now := func() subject { return subject{contentOf(o), o.Size(), shift, scale} }
	done, has := p.kept[o]
	if !has || done.of != now() || done.of.content == nil {
		done.picture = p.paint(o, shift, part.Size(), scale)
		done.of = now() // painting may lay something out
	}
	kept[o] = done
	draw.Draw(on, part, done.picture, image.Point{}, draw.Over)
}

// paint paints an object at a position of a picture.
func (p *pieces) paint(o fyne.CanvasObject, at fyne.Position, size image.Point, scale float32) image.Image {
	if w, is := o.(fyne.Widget); is {
		w.Refresh()
	}
	// The object keeps its position in its container: one around it is moved instead.
	around := &fyne.Container{Objects: []fyne.CanvasObject{o}}
	p.canvas.SetContent(&fyne.Container{Objects: []fyne.CanvasObject{around}})
	p.canvas.SetScale(scale)
	p.canvas.Resize(fyne.NewSize(float32(size.X)/scale, float32(size.Y)/scale))
	around.Move(at.Subtract(o.Position()))
	return p.canvas.Capture()
}
