package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// line is one line of text without Fyne's padding, which is as wide as it is told and ends in an ellipsis
// where the text does not fit: no name from the network can widen a window.
type line struct {
	widget.BaseWidget
	text  string
	size  float32
	bold  bool
	color fyne.ThemeColorName
	align fyne.TextAlign
	least string // it is never narrower than this text
}

func newLine(size float32, bold bool, color fyne.ThemeColorName) *line {
	l := &line{size: size, bold: bold, color: color}
	l.ExtendBaseWidget(l)
	return l
}

// set changes the text, and redraws only if it is another one.
func (l *line) set(text string) {
	if text != l.text {
		l.text = text
		l.Refresh()
	}
}

// setIn changes the text and its colour.
func (l *line) setIn(text string, color fyne.ThemeColorName) {
	if text != l.text || color != l.color {
		l.text, l.color = text, color
		l.Refresh()
	}
}

// width is how wide the whole text is.
func (l *line) width() float32 {
	return fyne.MeasureText(l.text, l.size, fyne.TextStyle{Bold: l.bold}).Width
}

func (l *line) CreateRenderer() fyne.WidgetRenderer {
	r := &lineRenderer{line: l, text: canvas.NewText("", themeColor(l.color))}
	r.text.TextSize, r.text.TextStyle, r.text.Alignment = l.size, fyne.TextStyle{Bold: l.bold}, l.align
	return r
}

type lineRenderer struct {
	line *line
	text *canvas.Text
	fits string // the text that was cut
	in   float32
}

func (r *lineRenderer) MinSize() fyne.Size {
	size := fyne.MeasureText("Åg", r.line.size, r.text.TextStyle)
	if r.line.least != "" {
		size.Width = fyne.MeasureText(r.line.least, r.line.size, r.text.TextStyle).Width
	}
	return size
}

func (r *lineRenderer) Layout(size fyne.Size) {
	r.text.Resize(size)
	if r.line.text != r.fits || size.Width != r.in {
		r.fits, r.in = r.line.text, size.Width
		r.text.Text = ellipsis(r.line.text, size.Width, func(s string) float32 {
			return fyne.MeasureText(s, r.line.size, r.text.TextStyle).Width
		})
	}
}

func (r *lineRenderer) Refresh() {
	r.text.Color = themeColor(r.line.color)
	r.text.Alignment = r.line.align
	r.Layout(r.line.Size())
	r.text.Refresh()
}

func (r *lineRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.text} }
func (r *lineRenderer) Destroy()                     {}

// ellipsis cuts a text to a width.
func ellipsis(text string, width float32, measure func(string) float32) string {
	if width <= 0 || measure(text) <= width {
		return text
	}
	runes := []rune(text)
	low, high := 0, len(runes) // low fits, high does not
	for low+1 < high {
		mid := (low + high) / 2
		if measure(string(runes[:mid])+"…") <= width {
			low = mid
		} else {
			high = mid
		}
	}
	return string(runes[:low]) + "…"
}

// lines is a text of a fixed number of lines: what is below it stays where it is, however long the
// sentence. It is wrapped at blanks, and the last line ends in an ellipsis if need be.
type lines struct {
	widget.BaseWidget
	text  string
	size  float32
	count int
	color fyne.ThemeColorName
}

func newLines(count int, size float32, color fyne.ThemeColorName) *lines {
	l := &lines{size: size, count: count, color: color}
	l.ExtendBaseWidget(l)
	return l
}

func (l *lines) set(text string, color fyne.ThemeColorName) {
	if text != l.text || color != l.color {
		l.text, l.color = text, color
		l.Refresh()
	}
}

func (l *lines) CreateRenderer() fyne.WidgetRenderer {
	r := &linesRenderer{lines: l}
	for range l.count {
		t := canvas.NewText("", themeColor(l.color))
		t.TextSize = l.size
		r.texts = append(r.texts, t)
		r.objects = append(r.objects, t)
	}
	return r
}

type linesRenderer struct {
	lines   *lines
	texts   []*canvas.Text
	objects []fyne.CanvasObject
}

func (r *linesRenderer) height() float32 {
	return fyne.MeasureText("Åg", r.lines.size, fyne.TextStyle{}).Height
}

func (r *linesRenderer) MinSize() fyne.Size {
	return fyne.NewSize(r.lines.size, r.height()*float32(r.lines.count))
}

func (r *linesRenderer) Layout(size fyne.Size) {
	cut := wrap(r.lines.text, r.lines.count, size.Width, func(s string) float32 {
		return fyne.MeasureText(s, r.lines.size, fyne.TextStyle{}).Width
	})
	for i, t := range r.texts {
		t.Move(fyne.NewPos(0, float32(i)*r.height()))
		t.Resize(fyne.NewSize(size.Width, r.height()))
		if t.Text != cut[i] {
			t.Text = cut[i]
			t.Refresh()
		}
	}
}

func (r *linesRenderer) Refresh() {
	for _, t := range r.texts {
		t.Color = themeColor(r.lines.color)
	}
	r.Layout(r.lines.Size())
	for _, t := range r.texts {
		t.Refresh()
	}
}

func (r *linesRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *linesRenderer) Destroy()                     {}

// wrap breaks a text at blanks into count lines.
func wrap(text string, count int, width float32, measure func(string) float32) []string {
	out := make([]string, count)
	rest := []rune(text)
	for i := range out {
		if i == count-1 || width <= 0 || measure(string(rest)) <= width {
			out[i] = ellipsis(string(rest), width, measure)
			break
		}
		end, blank := 0, 0
		for end < len(rest) && measure(string(rest[:end+1])) <= width {
			if rest[end] == ' ' {
				blank = end
			}
			end++
		}
		if end < len(rest) && rest[end] == ' ' {
			blank = end
		}
		if blank > 0 {
			end = blank
		}
		out[i] = string(rest[:end])
		for end < len(rest) && rest[end] == ' ' {
			end++
		}
		rest = rest[end:]
	}
	return out
}
