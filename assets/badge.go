package assets

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
)

// MostInBadge is the highest number that a badge shows; more are "9+".
const MostInBadge = 9

// signs are the digits and the plus, three dots wide and five high.
var signs = map[byte][5]string{
	'1': {".#.", "##.", ".#.", ".#.", "###"}, '2': {"###", "..#", "###", "#..", "###"}, '3': {"###", "..#", ".##", "..#", "###"},
	'4': {"#.#", "#.#", "###", "..#", "..#"}, '5': {"###", "#..", "###", "..#", "###"}, '6': {"###", "#..", "###", "#.#", "###"},
	'7': {"###", "..#", "..#", ".#.", ".#."}, '8': {"###", "#.#", "###", "#.#", "###"}, '9': {"###", "#.#", "###", "..#", "###"},
	'+': {"...", ".#.", "###", ".#.", "..."},
}

// WithBadge returns the picture with a number in its lower right corner, as PNG; 0 is none.
func (i Icon) WithBadge(onDark bool, number int) []byte {
	picture := i.PNG(onDark)
	if number <= 0 {
		return picture
	}
	decoded, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return picture // a test decodes every one
	}
	img := image.NewNRGBA(decoded.Bounds())
	draw.Draw(img, img.Bounds(), decoded, decoded.Bounds().Min, draw.Src)

	said, dot := string(rune('0'+number)), 6
	if number > MostInBadge {
		said, dot = "9+", 5
	}
	width := (len(said)*4 - 1) * dot
	const margin = 4
	box := image.Rect(img.Bounds().Max.X-width-2*margin, img.Bounds().Max.Y-5*dot-2*margin, img.Bounds().Max.X, img.Bounds().Max.Y)
	draw.Draw(img, box.Inset(-3).Intersect(img.Bounds()), image.Transparent, image.Point{}, draw.Src) // a gap around it, whatever is behind
	draw.Draw(img, box, image.NewUniform(color.NRGBA{0xc8, 0x32, 0x2b, 0xff}), image.Point{}, draw.Src)
	for n := range len(said) {
		for y, line := range signs[said[n]] {
			for x, c := range line {
				if c == '#' {
					at := image.Pt(box.Min.X+margin+(n*4+x)*dot, box.Min.Y+margin+y*dot)
					draw.Draw(img, image.Rectangle{at, at.Add(image.Pt(dot, dot))}, image.White, image.Point{}, draw.Src)
				}
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return picture
	}
	return out.Bytes()
}
