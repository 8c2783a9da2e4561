package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"calltray/assets"
)

// Icon returns a drawing in the colour of the text.
func Icon(g assets.Glyph) fyne.Resource {
	return theme.NewThemedResource(fyne.NewStaticResource(string(g)+".svg", g.SVG()))
}

// drawing is a picture in two colourings: an assets.Icon or an assets.Shape.
type drawing interface {
	~string
	SVG(onDark bool) []byte
}

// drawings are the resources by name: a list of thousands uses the same few.
var drawings = map[string]fyne.Resource{}

// SetIcon shows a drawing that has its own colours, in those for the current theme.
func SetIcon[D drawing](img *canvas.Image, d D) {
	name, dark := string(d)+".svg", OnDark()
	if dark {
		name = string(d) + "-dark.svg"
	}
	if drawings[name] == nil {
		drawings[name] = fyne.NewStaticResource(name, d.SVG(dark))
	}
	SetImage(img, drawings[name])
}

// SetImage shows a picture. It draws nothing if one of that name is shown already.
func SetImage(img *canvas.Image, now fyne.Resource) {
	if img.Resource == nil || img.Resource.Name() != now.Name() {
		img.Resource = now
		img.Refresh()
	}
}
