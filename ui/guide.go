package ui

import (
	"bytes"
	"image/png"
	"path"
	"regexp"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
	"calltray/docs"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// guidePage is the user's guide. It is built in, so it can be read without a network.
type guidePage struct {
	root   *fyne.Container
	scroll *container.Scroll
	back   *widgets.Action
	filled bool
}

func newGuidePage(u *UI) *guidePage {
	p := &guidePage{scroll: container.NewVScroll(widgets.NewColumn(0))}
	p.back = u.window.button(widget.LowImportance, text.Say("Calls"), theme.NavigateBackIcon(), func() { u.window.open(pageCalls) })
	title := widgets.NewLine(20, true, theme.ColorNameForeground)
	title.Align = fyne.TextAlignCenter
	title.Set(text.Say("Guide"))
	top := container.New(layout.NewCustomPaddedLayout(0, 6, 8, 8), widgets.NewRow(0, 1, p.back, title, sizeOf(p.back)))
	p.root = container.New(layout.NewCustomPaddedLayout(10, 12, 0, 0), container.NewBorder(top, nil, nil, nil, p.scroll))
	return p
}

// fill makes the content when it is first read.
func (p *guidePage) fill() {
	if p.filled {
		return
	}
	p.filled = true
	p.scroll.Content = container.New(layout.NewCustomPaddedLayout(0, 16, 16, 16), widgets.NewColumn(4, guideParts(docs.Guide(text.Language()))...))
	p.scroll.Refresh()
}

// pictureLine matches a picture in the guide, or a list item that starts with one.
var pictureLine = regexp.MustCompile(`^(?:\* )?!\[[^\]]*\]\(([^)]+)\) *(.*)$`)

// guideParts turns Markdown into widgets: Fyne renders the words, but not the pictures, which are files inside the
// program.
func guideParts(markdown string) (parts []fyne.CanvasObject) {
	var words strings.Builder
	flush := func() {
		if strings.TrimSpace(words.String()) != "" {
			rich := widget.NewRichTextFromMarkdown(words.String())
			rich.Wrapping = fyne.TextWrapWord
			parts = append(parts, rich)
		}
		words.Reset()
	}
	for line := range strings.Lines(markdown) {
		m := pictureLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			words.WriteString(line)
			continue
		}
		flush()
		if part := guidePicture(m[1], m[2]); part != nil {
			parts = append(parts, part)
		}
	}
	flush()
	return parts
}

// guidePicture returns a picture with the words after it, nil if the program does not have it.
func guidePicture(file, words string) fyne.CanvasObject {
	name := strings.TrimSuffix(path.Base(file), path.Ext(file))
	for _, i := range assets.Icons() {
		if string(i) == name {
			img := canvas.NewImageFromResource(nil)
			img.FillMode = canvas.ImageFillContain
			img.SetMinSize(fyne.NewSquareSize(28))
			widgets.SetIcon(img, i)
			line := widgets.NewLine(theme.TextSize(), false, theme.ColorNameForeground)
			line.Set(words)
			return container.New(layout.NewCustomPaddedLayout(2, 2, 12, 0), widgets.NewRow(12, 1, img, line))
		}
	}
	data, err := docs.Picture(file)
	if err != nil {
		return nil
	}
	img := canvas.NewImageFromResource(fyne.NewStaticResource(path.Base(file), data))
	img.FillMode = canvas.ImageFillContain
	height := float32(0)
	if c, err := png.DecodeConfig(bytes.NewReader(data)); err == nil && c.Width > 0 {
		height = float32(c.Height) * min(1, pictureWidth/float32(c.Width))
	}
	img.SetMinSize(fyne.NewSize(narrowPicture, height))
	return img
}

// A picture is pictureWidth wide if the window has room, and at least narrowPicture.
const (
	pictureWidth  = 600
	narrowPicture = 300
)
