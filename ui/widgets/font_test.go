package widgets

import (
	"bytes"
	"image"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// paint is what an object looks like.
func paint(o fyne.CanvasObject, size fyne.Size) *image.NRGBA {
	c := software.NewTransparentCanvas()
	c.SetPadded(false)
	c.SetContent(o)
	c.Resize(size)
	return c.Capture().(*image.NRGBA)
}

// A text looks the same in the one face as in all that Fyne has: none of its characters is drawn by another.
func TestPlainCharacters(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.DefaultTheme())
	var texts []string
	for _, r := range plain.R16 {
		for c := rune(r.Lo); c <= rune(r.Hi); c += 24 {
			text := ""
			for d := c; d <= min(c+23, rune(r.Hi)); d++ {
				text += string(d)
			}
			texts = append(texts, text)
		}
	}
	texts = append(texts, "Ærø Bageri", "Αθήνα", "Щукин", "\u2068Bo\u2069 · +45 22 33 44 55 …")
	for _, text := range texts {
		for _, bold := range []bool{false, true} {
			all, one := canvas.NewText(text, ThemeColor(theme.ColorNameForeground)), canvas.NewText(text, ThemeColor(theme.ColorNameForeground))
			all.TextStyle.Bold, one.TextStyle.Bold = bold, bold
			if one.FontSource = fontOf(text, bold); one.FontSource == nil {
				t.Fatalf("%q is not plain", text)
			}
			if all.MinSize() != one.MinSize() || !bytes.Equal(paint(all, all.MinSize()).Pix, paint(one, one.MinSize()).Pix) {
				t.Errorf("%q, bold %v: another face draws some of it", text, bold)
			}
		}
	}
}

// What the one face has not is still drawn by the others.
func TestNamesThatTakeMoreFonts(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.DefaultTheme())
	for _, name := range []string{"Bo 🙂", "☎ Kontor", "☎️", "1️⃣", "株式会社", "→"} {
		if fontOf(name, false) != nil {
			t.Errorf("%q is drawn in one face", name)
		}
	}
	smile := NewLine(16, true, theme.ColorNameForeground)
	smile.Set("🙂")
	nothing := NewLine(16, true, theme.ColorNameForeground)
	nothing.Set("\U0010ffff") // a box
	size := fyne.NewSize(40, 24)
	if bytes.Equal(paint(smile, size).Pix, paint(nothing, size).Pix) || bytes.Equal(paint(smile, size).Pix, image.NewNRGBA(image.Rect(0, 0, 40, 24)).Pix) {
		t.Error("a smile is a box, or nothing")
	}
}
