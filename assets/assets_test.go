package assets

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"
)

// panelSize is the width of an icon in most panels, in pixels.
const panelSize = 22

// silhouette reduces a picture to panel size and to black and white: true where it covers the panel.
func silhouette(t *testing.T, data []byte) [panelSize][panelSize]bool {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return reduced(img)
}

// outline is the silhouette of a drawing of which no picture is kept, as the window's renderer draws it.
func outline(t *testing.T, svg []byte) [panelSize][panelSize]bool {
	t.Helper()
	icon, err := oksvg.ReadIconStream(bytes.NewReader(svg))
	if err != nil {
		t.Fatal(err)
	}
	const size = 64
	icon.SetTarget(0, 0, size, size)
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	icon.Draw(rasterx.NewDasher(size, size, rasterx.NewScannerGV(size, size, img, img.Bounds())), 1)
	return reduced(img)
}

func reduced(img image.Image) [panelSize][panelSize]bool {
	var mask [panelSize][panelSize]bool
	b := img.Bounds()
	for y := range panelSize {
		for x := range panelSize {
			cell := image.Rect(b.Dx()*x/panelSize, b.Dy()*y/panelSize, b.Dx()*(x+1)/panelSize, b.Dy()*(y+1)/panelSize)
			var sum, n uint32
			for j := cell.Min.Y; j < cell.Max.Y; j++ {
				for i := cell.Min.X; i < cell.Max.X; i++ {
					_, _, _, a := img.At(i, j).RGBA()
					sum, n = sum+a>>8, n+1
				}
			}
			mask[y][x] = sum/n > 127
		}
	}
	return mask
}

// differ counts the cells that only one of two silhouettes covers.
func differ(a, b [panelSize][panelSize]bool) (cells int) {
	for y := range a {
		for x := range a[y] {
			if a[y][x] != b[y][x] {
				cells++
			}
		}
	}
	return cells
}

// A state must be recognisable by its shape alone, at the size in which a panel shows it: at least a tenth of
// the picture differs.
func TestNoTwoStatesShareASilhouette(t *testing.T) {
	const least = panelSize * panelSize / 10
	icons := Icons()
	for n, a := range icons {
		for _, b := range icons[n+1:] {
			if got := differ(silhouette(t, a.PNG(false)), silhouette(t, b.PNG(false))); got < least {
				t.Errorf("%s and %s differ in %d of %d cells, want at least %d", a, b, got, panelSize*panelSize, least)
			}
		}
	}
}

// So must the states of the colleagues; and a button is found by its drawing before its word is read.
func TestNoTwoDrawingsShareASilhouette(t *testing.T) {
	const least = panelSize * panelSize / 20
	type drawing struct {
		name string
		mask [panelSize][panelSize]bool
	}
	var shapes, glyphs []drawing
	for _, s := range Shapes() {
		shapes = append(shapes, drawing{string(s), outline(t, s.SVG(false))})
	}
	for _, g := range Glyphs() {
		glyphs = append(glyphs, drawing{string(g), outline(t, g.SVG())})
	}
	for _, list := range [][]drawing{shapes, glyphs} {
		for n, a := range list {
			for _, b := range list[n+1:] {
				if got := differ(a.mask, b.mask); got < least {
					t.Errorf("%s and %s differ in %d of %d cells, want at least %d", a.name, b.name, got, panelSize*panelSize, least)
				}
			}
		}
	}
}

func TestShapesAreDrawnForLightAndDark(t *testing.T) {
	for _, s := range Shapes() {
		if bytes.Equal(s.SVG(false), s.SVG(true)) {
			t.Errorf("%s: the drawings for light and dark are the same", s)
		}
	}
}

func TestStatesAreDrawnForLightAndDarkPanels(t *testing.T) {
	for _, i := range Icons() {
		light, dark := i.PNG(false), i.PNG(true)
		if bytes.Equal(light, dark) {
			t.Errorf("%s: the pictures for light and dark panels are the same", i)
		}
		if got := differ(silhouette(t, light), silhouette(t, dark)); got != 0 {
			t.Errorf("%s: the silhouettes on light and dark differ in %d cells", i, got)
		}
		if bytes.Equal(i.SVG(false), i.SVG(true)) {
			t.Errorf("%s: the drawings for light and dark are the same", i)
		}
		for _, p := range [][]byte{light, dark} {
			c, err := png.DecodeConfig(bytes.NewReader(p))
			if err != nil || c.Width != 64 || c.Height != 64 {
				t.Errorf("%s: %d x %d pixels, error %v, want 64 x 64", i, c.Width, c.Height, err)
			}
		}
	}
}

func TestGlyphsAreDrawings(t *testing.T) {
	seen := map[string]Glyph{}
	for _, g := range Glyphs() {
		svg := string(g.SVG())
		if !strings.Contains(svg, "<path") || !strings.Contains(svg, "#000000") {
			t.Errorf("%s: no path in black: %s", g, svg)
		}
		if other, ok := seen[svg]; ok {
			t.Errorf("%s and %s are the same drawing", g, other)
		}
		seen[svg] = g
	}
}

// Fyne's renderer draws a stroke as wide on a 20 pixel icon as on a 64 pixel one.
func TestDrawingsHaveNoStrokes(t *testing.T) {
	drawings := map[string][]byte{"app": AppSVG()}
	for _, i := range Icons() {
		drawings[string(i)] = i.SVG(false)
	}
	for _, s := range Shapes() {
		drawings[string(s)] = s.SVG(false)
	}
	for _, g := range Glyphs() {
		drawings[string(g)] = g.SVG()
	}
	for name, svg := range drawings {
		if bytes.Contains(svg, []byte("stroke")) {
			t.Errorf("%s has a stroke", name)
		}
	}
}

func TestAppIcon(t *testing.T) {
	for _, size := range AppSizes() {
		c, err := png.DecodeConfig(bytes.NewReader(AppPNG(size)))
		if err != nil || c.Width != size || c.Height != size {
			t.Errorf("AppPNG(%d): %d x %d pixels, error %v", size, c.Width, c.Height, err)
		}
	}
	if AppPNG(17) != nil {
		t.Error("AppPNG(17) is a picture, want nil")
	}
	if !bytes.Contains(AppSVG(), []byte("<svg")) {
		t.Error("AppSVG is no drawing")
	}
}

func TestICOHoldsThePicture(t *testing.T) {
	pic := Online.PNG(false)
	ico := ICO(pic, 64)
	size, at := binary.LittleEndian.Uint32(ico[14:]), binary.LittleEndian.Uint32(ico[18:])
	if got := ico[at : at+size]; !bytes.Equal(got, pic) {
		t.Errorf("the entry names %d bytes at %d, which are not the picture of %d bytes", size, at, len(pic))
	}
	if ico[6] != 64 || ico[7] != 64 {
		t.Errorf("the entry says %d x %d, want 64 x 64", ico[6], ico[7])
	}
}
