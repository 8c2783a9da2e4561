package widgets

import (
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// plain are characters in both of Fyne's own faces, the regular and the bold one (TestPlainCharacters verifies
// it).
var plain = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x0020, Hi: 0x007e, Stride: 1},
	{Lo: 0x00a0, Hi: 0x0377, Stride: 1}, // Latin and its accents
	{Lo: 0x037a, Hi: 0x037f, Stride: 1}, // Greek
	{Lo: 0x0384, Hi: 0x038a, Stride: 1},
	{Lo: 0x038c, Hi: 0x038c, Stride: 1},
	{Lo: 0x038e, Hi: 0x03a1, Stride: 1},
	{Lo: 0x03a3, Hi: 0x03e1, Stride: 1},
	{Lo: 0x03f0, Hi: 0x052f, Stride: 1}, // Cyrillic
	{Lo: 0x1e00, Hi: 0x1f15, Stride: 1}, // Latin, as in Vietnam
	{Lo: 0x2000, Hi: 0x2064, Stride: 1}, // dashes, quotation marks, ellipsis
	{Lo: 0x2066, Hi: 0x2071, Stride: 1}, // isolates
	{Lo: 0x20a0, Hi: 0x20bf, Stride: 1}, // currencies
	{Lo: 0x2100, Hi: 0x215f, Stride: 1}, // the number sign of Russian, and the like
}}

// fontOf returns the single face that has all characters of a text, nil if one is not enough: with nil, Fyne
// loads its emoji and symbols and the list of the system's fonts, and keeps more than five megabytes of them
// for each style.
func fontOf(text string, bold bool) fyne.Resource {
	own := theme.DefaultTextFont()
	if bold {
		own = theme.DefaultTextBoldFont()
	}
	if theme.Font(fyne.TextStyle{Bold: bold}) != own {
		return nil // FYNE_FONT
	}
	for _, r := range text {
		if !unicode.Is(plain, r) {
			return nil
		}
	}
	return own
}

// measure returns the size of a text.
func measure(text string, size float32, bold bool) fyne.Size {
	room, _ := fyne.CurrentApp().Driver().RenderedTextSize(text, size, fyne.TextStyle{Bold: bold}, fontOf(text, bold))
	return room
}
