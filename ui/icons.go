package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"calltray/assets"
)

// icon makes a Fyne resource of a drawing, coloured by the theme.
func icon(g assets.Glyph) fyne.Resource {
	return theme.NewThemedResource(fyne.NewStaticResource(string(g)+".svg", g.SVG()))
}

// drawing is a picture in two colourings: an assets.Icon or an assets.Shape.
type drawing interface {
	~string
	SVG(onDark bool) []byte
}

// drawings are the resources of the drawings, by name: a list of thousands shows the same few.
var drawings = map[string]fyne.Resource{}

// setIcon shows a state's drawing, in the colours of the theme.
func setIcon[D drawing](img *canvas.Image, d D) {
	name, dark := string(d)+".svg", onDark()
	if dark {
		name = string(d) + "-dark.svg"
	}
	if img.Resource != nil && img.Resource.Name() == name {
		return
	}
	if drawings[name] == nil {
		drawings[name] = fyne.NewStaticResource(name, d.SVG(dark))
	}
	img.Resource = drawings[name]
	img.Refresh()
}
