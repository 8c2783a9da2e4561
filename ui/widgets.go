package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
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

// surface is a rectangle in the colours of the theme, with an edge.
type surface struct {
	widget.BaseWidget
	fill, edge fyne.ThemeColorName
	radius     float32
}

func newSurface(fill, edge fyne.ThemeColorName, radius float32) *surface {
	s := &surface{fill: fill, edge: edge, radius: radius}
	s.ExtendBaseWidget(s)
	return s
}

func (s *surface) CreateRenderer() fyne.WidgetRenderer {
	r := &surfaceRenderer{surface: s, rect: canvas.NewRectangle(color.Transparent)}
	r.Refresh()
	return r
}

type surfaceRenderer struct {
	surface *surface
	rect    *canvas.Rectangle
}

func (r *surfaceRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *surfaceRenderer) Layout(size fyne.Size)        { r.rect.Resize(size) }
func (r *surfaceRenderer) Destroy()                     {}
func (r *surfaceRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.rect} }
func (r *surfaceRenderer) Refresh() {
	r.rect.FillColor = themeColor(r.surface.fill)
	r.rect.CornerRadius = r.surface.radius
	r.rect.StrokeWidth = 0
	if r.surface.edge != "" {
		r.rect.StrokeColor, r.rect.StrokeWidth = themeColor(r.surface.edge), 1
	}
	r.rect.Refresh()
}

// tapArea makes what lies under it one big button: by pointer, and by Tab and Space or Enter.
type tapArea struct {
	widget.BaseWidget
	window           *mainWindow // if set, it gets the keys for which there is no use here
	tapped           func()
	focused, hovered bool
	rect             *canvas.Rectangle
}

var (
	_ fyne.Focusable    = (*tapArea)(nil)
	_ fyne.Tappable     = (*tapArea)(nil)
	_ desktop.Keyable   = (*tapArea)(nil)
	_ desktop.Hoverable = (*tapArea)(nil)
)

func newTapArea(tapped func()) *tapArea {
	t := &tapArea{tapped: tapped, rect: canvas.NewRectangle(color.Transparent)}
	t.ExtendBaseWidget(t)
	return t
}

func (t *tapArea) CreateRenderer() fyne.WidgetRenderer {
	t.draw()
	return widget.NewSimpleRenderer(t.rect)
}

func (t *tapArea) draw() {
	t.rect.CornerRadius = theme.Size(theme.SizeNameSelectionRadius)
	switch {
	case t.focused:
		t.rect.FillColor = themeColor(theme.ColorNameFocus)
	case t.hovered:
		t.rect.FillColor = themeColor(theme.ColorNameHover)
	default:
		t.rect.FillColor = color.Transparent
	}
	t.rect.Refresh()
}

func (t *tapArea) Tapped(*fyne.PointEvent)  { t.tapped() }
func (t *tapArea) FocusGained()             { t.focused = true; t.draw() }
func (t *tapArea) FocusLost()               { t.focused = false; t.draw() }
func (t *tapArea) KeyDown(e *fyne.KeyEvent) { t.window.keyDown(e) }
func (t *tapArea) KeyUp(*fyne.KeyEvent)     {}
func (t *tapArea) TypedRune(r rune)         { t.window.typedRune(r) }
func (t *tapArea) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		t.tapped()
	default:
		t.window.typedKey(e)
	}
}
func (t *tapArea) MouseIn(*desktop.MouseEvent)    { t.hovered = true; t.draw() }
func (t *tapArea) MouseMoved(*desktop.MouseEvent) {}
func (t *tapArea) MouseOut()                      { t.hovered = false; t.draw() }

// stack lays its objects out in a column of full width, with a gap between them; hidden ones take no
// room.
type stack struct{ gap, padX, padY float32 }

func (s stack) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	n := 0
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		size.Width = fyne.Max(size.Width, m.Width)
		size.Height += m.Height
		n++
	}
	if n > 1 {
		size.Height += s.gap * float32(n-1)
	}
	return size.AddWidthHeight(2*s.padX, 2*s.padY)
}

func (s stack) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := s.padY
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		h := o.MinSize().Height
		o.Move(fyne.NewPos(s.padX, y))
		o.Resize(fyne.NewSize(size.Width-2*s.padX, h))
		y += h + s.gap
	}
}

// row lays its objects out side by side, centred in height; the one at grow gets what is left over.
type row struct {
	gap  float32
	grow int
}

func (r row) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	n := 0
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		size.Width += m.Width
		size.Height = fyne.Max(size.Height, m.Height)
		n++
	}
	if n > 1 {
		size.Width += r.gap * float32(n-1)
	}
	return size
}

func (r row) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	spare := size.Width - r.MinSize(objects).Width
	var x float32
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		if i == r.grow {
			m.Width += fyne.Max(spare, 0)
		}
		o.Move(fyne.NewPos(x, (size.Height-m.Height)/2))
		o.Resize(m)
		x += m.Width + r.gap
	}
}

// striped lays its first object out as a stripe along the left edge of its second.
type striped struct{}

func (striped) MinSize(o []fyne.CanvasObject) fyne.Size { return o[1].MinSize() }

func (striped) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(5, size.Height))
	o[1].Resize(size)
}

// spacer is nothing, of a height.
func spacer(height float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(0, height))
	return r
}

// rule is a thin line across.
func rule() fyne.CanvasObject {
	return container.NewStack(newSurface(colorEdge, "", 0), spacer(1))
}

// input is an entry that lets Esc through: Fyne gives a key to what has the keyboard, and to nobody else,
// and an entry keeps the ones that it has no use for.
type input struct {
	widget.Entry
	escape func(*fyne.KeyEvent)
	window *mainWindow // if set, it gets its keys first
	moves  bool        // up and down move the choice of a colleague
}

func newInput(escape func(*fyne.KeyEvent)) *input {
	i := &input{escape: escape}
	i.Wrapping = fyne.TextWrapOff
	i.ExtendBaseWidget(i)
	return i
}

// newPasswordInput is an input that shows dots.
func newPasswordInput(escape func(*fyne.KeyEvent)) *input {
	i := newInput(escape)
	i.Password = true
	return i
}

// KeyDown gives the keys with a name to the window.
func (i *input) KeyDown(e *fyne.KeyEvent) {
	if i.window != nil {
		i.window.keyDown(e)
	}
	i.Entry.KeyDown(e)
}

// TypedKey gives Esc to the window, and what moves the choice of a colleague.
func (i *input) TypedKey(e *fyne.KeyEvent) {
	switch {
	case e.Name == fyne.KeyEscape:
		i.escape(e)
	case i.moves && i.window.movedChoice(e):
	default:
		i.Entry.TypedKey(e)
	}
}
