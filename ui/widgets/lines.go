package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Line is one line of text without Fyne's padding. It ends in an ellipsis if the text does not fit: no name
// from the network can widen a window.
type Line struct {
	widget.BaseWidget
	looks
	Text  string // change it with Set
	Color fyne.ThemeColorName
	Align fyne.TextAlign
	Least string // the line is never narrower than this text
	size  float32
	bold  bool
}

// NewLine returns an empty line in a text size and a theme colour.
func NewLine(size float32, bold bool, color fyne.ThemeColorName) *Line {
	l := &Line{size: size, bold: bold, Color: color}
	l.ExtendBaseWidget(l)
	return l
}

// NewCaption returns the heading of a part of the window.
func NewCaption(text string) *Line {
	l := NewLine(theme.CaptionTextSize()+1, true, ColorMuted)
	l.Set(text)
	return l
}

// Set changes the text. It draws nothing if the text is unchanged.
func (l *Line) Set(text string) {
	if text != l.Text {
		l.Text = text
		l.Refresh()
	}
}

// SetIn changes the text and its colour.
func (l *Line) SetIn(text string, color fyne.ThemeColorName) {
	if text != l.Text || color != l.Color {
		l.Text, l.Color = text, color
		l.Refresh()
	}
}

// SetTextSize changes the text size.
func (l *Line) SetTextSize(size float32) {
	if l.size != size {
		l.size = size
		l.Refresh()
	}
}

// Width returns the width of the whole text.
func (l *Line) Width() float32 {
	return measure(l.Text, l.size, l.bold).Width
}

// WidthOf returns how wide another text would be.
func (l *Line) WidthOf(text string) float32 { return measure(text, l.size, l.bold).Width }

// Shortened returns as much of another text as fits a width, with an ellipsis if that is not all of it, and "" if it is next
// to nothing.
func (l *Line) Shortened(text string, width float32) string {
	if l.WidthOf(text) <= width {
		return text
	}
	if width <= l.WidthOf("Åge…") {
		return ""
	}
	return ellipsis(text, width, l.WidthOf)
}

// Cut reports whether the text is wider than the line.
func (l *Line) Cut() bool { return l.Width() > l.Size().Width+0.5 }

// CreateRenderer is for Fyne.
func (l *Line) CreateRenderer() fyne.WidgetRenderer {
	r := &lineRenderer{line: l, text: canvas.NewText("", ThemeColor(l.Color))}
	r.text.TextSize, r.text.TextStyle, r.text.Alignment = l.size, fyne.TextStyle{Bold: l.bold}, l.Align
	r.text.FontSource = fontOf("", l.bold) // an empty text is drawn, too
	return r
}

type lineRenderer struct {
	line *Line
	text *canvas.Text
	fits string // the text that was cut
	in   float32
}

func (r *lineRenderer) MinSize() fyne.Size {
	size := measure("Åg", r.line.size, r.line.bold)
	if r.line.Least != "" {
		size.Width = measure(r.line.Least, r.line.size, r.line.bold).Width
	}
	return size
}

func (r *lineRenderer) Layout(size fyne.Size) {
	r.text.Resize(size)
	if r.line.Text != r.fits || size.Width != r.in {
		r.fits, r.in = r.line.Text, size.Width
		r.line.looks++
		r.text.Text = ellipsis(r.line.Text, size.Width, func(s string) float32 {
			return measure(s, r.line.size, r.line.bold).Width
		})
		r.text.FontSource = fontOf(r.text.Text, r.line.bold)
	}
}

func (r *lineRenderer) Refresh() {
	r.line.looks++
	r.text.Color = ThemeColor(r.line.Color)
	if r.text.TextSize != r.line.size {
		r.text.TextSize, r.fits = r.line.size, "" // the text may be cut elsewhere
	}
	r.text.Alignment = r.line.Align
	r.Layout(r.line.Size())
	r.text.Refresh()
}

func (r *lineRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.text} }
func (r *lineRenderer) Destroy()                     {}

// ellipsis cuts a text to fit a width.
func ellipsis(text string, width float32, wide func(string) float32) string {
	if width <= 0 || wide(text) <= width {
		return text
	}
	runes := []rune(text)
	return string(runes[:fitting(runes, "…", width, wide)]) + "…"
}

// fitting returns how many characters of a text, which does not fit as a whole, fit before an end.
func fitting(text []rune, end string, width float32, wide func(string) float32) int {
	low, high := 0, len(text) // low fits, high does not
	for low+1 < high {
		mid := (low + high) / 2
		if wide(string(text[:mid])+end) <= width {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

// Lines is a text of a fixed number of lines, so that what is below does not move, however long the sentence.
// The text is wrapped at spaces, and the last line ends in an ellipsis if the text does not fit.
type Lines struct {
	widget.BaseWidget
	looks
	Text  string // change it with Set
	Least int    // always has space for this many lines; 0 for all. Further lines appear only if needed
	Most  int    // never has more lines than this; 0 for the number it was made with
	Bold  bool   // set it before the text is first drawn
	color fyne.ThemeColorName
	size  float32
	count int
}

// NewLines returns an empty text with that many lines, in a text size and a theme colour.
func NewLines(count int, size float32, color fyne.ThemeColorName) *Lines {
	l := &Lines{size: size, count: count, color: color}
	l.ExtendBaseWidget(l)
	return l
}

// Set changes the text and its colour. It draws nothing if they are unchanged.
func (l *Lines) Set(text string, color fyne.ThemeColorName) {
	if text != l.Text || color != l.color {
		l.Text, l.color = text, color
		l.Refresh()
	}
}

// Fit chooses the largest text size in which the text fits a width in one line; or the least one, and as many lines as a
// height has room for. It draws nothing if nothing changes.
func (l *Lines) Fit(width, height, largest, least float32) {
	size, most := largest, 1
	for size > least && measure(l.Text, size, l.Bold).Width > width {
		size--
	}
	if measure(l.Text, size, l.Bold).Width > width {
		most = max(1, min(l.count, int(height/measure("Åg", size, l.Bold).Height)))
	}
	if size != l.size || most != l.Most {
		l.size, l.Most = size, most
		l.Refresh()
	}
}

// Width returns how wide the text is in one line.
func (l *Lines) Width() float32 { return l.measure(l.Text) }

// Cut reports whether the text does not fit.
func (l *Lines) Cut() bool {
	lines := l.wrap(l.Size().Width)
	last := lines[len(lines)-1]
	return strings.HasSuffix(last, "…") && !strings.HasSuffix(l.Text, last)
}

// room returns the number of lines with space.
func (l *Lines) room() int {
	lines := l.wrap(l.Size().Width)
	if l.Least == 0 {
		return len(lines)
	}
	needed := l.Least
	for i, line := range lines {
		if line != "" {
			needed = max(needed, i+1)
		}
	}
	return needed
}

// wrap wraps the text into as many lines as it may have.
func (l *Lines) wrap(width float32) []string {
	count := l.count
	if l.Most > 0 {
		count = min(l.Most, count)
	}
	return wrap(l.Text, count, width, l.measure)
}

func (l *Lines) measure(s string) float32 {
	return measure(s, l.size, l.Bold).Width
}

// CreateRenderer is for Fyne.
func (l *Lines) CreateRenderer() fyne.WidgetRenderer {
	r := &linesRenderer{lines: l}
	for range l.count {
		t := canvas.NewText("", ThemeColor(l.color))
		t.TextSize, t.TextStyle.Bold, t.FontSource = l.size, l.Bold, fontOf("", l.Bold)
		r.texts = append(r.texts, t)
		r.objects = append(r.objects, t)
	}
	return r
}

type linesRenderer struct {
	lines   *Lines
	texts   []*canvas.Text
	objects []fyne.CanvasObject
}

func (r *linesRenderer) height() float32 {
	return measure("Åg", r.lines.size, r.lines.Bold).Height
}

func (r *linesRenderer) MinSize() fyne.Size {
	return fyne.NewSize(r.lines.size, r.height()*float32(r.lines.room()))
}

func (r *linesRenderer) Layout(size fyne.Size) {
	cut := make([]string, len(r.texts))
	copy(cut, r.lines.wrap(size.Width))
	for i, t := range r.texts {
		t.Move(fyne.NewPos(0, float32(i)*r.height()))
		t.Resize(fyne.NewSize(size.Width, r.height()))
		if t.Text != cut[i] {
			r.lines.looks++
			t.Text, t.FontSource = cut[i], fontOf(cut[i], r.lines.Bold)
			t.Refresh()
		}
	}
}

func (r *linesRenderer) Refresh() {
	r.lines.looks++
	for _, t := range r.texts {
		t.Color, t.TextSize = ThemeColor(r.lines.color), r.lines.size
	}
	r.Layout(r.lines.Size())
	for _, t := range r.texts {
		t.Refresh()
	}
}

func (r *linesRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *linesRenderer) Destroy()                     {}

// wrap wraps a text at spaces into count lines.
func wrap(text string, count int, width float32, wide func(string) float32) []string {
	out := make([]string, count)
	rest := []rune(text)
	for i := range out {
		if i == count-1 || width <= 0 || wide(string(rest)) <= width {
			out[i] = ellipsis(string(rest), width, wide)
			break
		}
		end := fitting(rest, "", width, wide)
		for blank := end; blank > 0; blank-- {
			if rest[blank] == ' ' {
				end = blank
				break
			}
		}
		out[i] = string(rest[:end])
		for end < len(rest) && rest[end] == ' ' {
			end++
		}
		rest = rest[end:]
	}
	return out
}
