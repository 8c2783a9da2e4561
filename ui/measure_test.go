package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
	"calltray/ui/widgets"
)

// cuttable are texts from the network, and notes, that the scenes make too long for their places: they may end in an
// ellipsis, as nothing of ours may.
var cuttable = []string{"Ringer om bestillingen", "Ærøskøbing Bageri og Konditori", "Åse Østergaard og mange flere ord", "Kundeservice og bestillinger"}

// place is where something that the user presses or types into is.
type place struct {
	what     string
	min, max fyne.Position
}

// measurement walks through what is seen of a window.
type measurement struct {
	wrong []string
	boxes []place
}

// measure reports every text of ours that is cut, and every control that is smaller than what it shows,
// outside of the window, or upon another. What it does not know how to measure it reports, too.
func measure(root fyne.CanvasObject) []string {
	var m measurement
	m.walk(root, fyne.Position{}, place{"the window", fyne.Position{}, fyne.NewPos(root.Size().Width, root.Size().Height)})
	return m.wrong
}

func (m *measurement) complain(format string, args ...any) {
	m.wrong = append(m.wrong, fmt.Sprintf(format, args...))
}

func (m *measurement) walk(o fyne.CanvasObject, at fyne.Position, clip place) {
	if !o.Visible() {
		return
	}
	at = at.Add(o.Position())
	box := place{min: at, max: at.AddXY(o.Size().Width, o.Size().Height)}
	switch w := o.(type) {
	case *fyne.Container:
		for _, c := range w.Objects {
			m.walk(c, at, clip)
		}
	case *container.Scroll:
		box.what = ""
		box.min.Y, box.max.Y = max(box.min.Y, clip.min.Y), min(box.max.Y, clip.max.Y)
		m.walk(w.Content, at, box)
	case *colleagueRow:
		for _, c := range test.WidgetRenderer(w).Objects() {
			m.walk(c, at, clip)
		}
	case *widgets.Line:
		m.text(w.Text, w.Cut(), w.Size().Height)
	case *widgets.Lines:
		m.text(w.Text, w.Cut(), w.Size().Height)
	case *widgets.Action:
		box.what = "the button " + w.Text
		m.control(w, box, clip)
	case *widget.Button:
		box.what = "the button " + w.Text
		m.control(w, box, clip)
	case *widgets.Toggle:
		box.what = "the tick box " + w.Text
		m.control(w, box, clip)
	case *widgets.Selection:
		box.what = "the list of " + strings.Join(w.Options, ", ")
		m.control(w, box, clip)
		for _, option := range append(slices.Clone(w.Options), w.PlaceHolder) {
			m.text(option, wide(option) > w.Size().Width-theme.IconInlineSize()-3*theme.InnerPadding(), w.Size().Height)
		}
	case *widgets.Input:
		box.what = "the entry " + w.PlaceHolder
		m.control(w, box, clip)
		m.text(w.PlaceHolder, wide(w.PlaceHolder) > w.Size().Width-2*theme.InnerPadding(), w.Size().Height)
	case *widgets.KeyField:
		box.what = "the hotkey " + w.Text
		m.control(w, box, clip)
		m.text(w.PlaceHolder, wide(w.PlaceHolder) > w.Size().Width-2*theme.InnerPadding(), w.Size().Height)
	case *widget.RichText: // the guide's words, which wrap
	case *widgets.Surface, *widgets.TapArea, *widgets.PickList, *widget.Icon, *canvas.Image, *canvas.Rectangle, *layout.Spacer:
		// nothing to read
	default:
		m.complain("nobody knows how to measure a %T", o)
	}
}

// text is something to read.
func (m *measurement) text(words string, cut bool, height float32) {
	if words != "" && (cut || height < 1) && !slices.ContainsFunc(cuttable, func(s string) bool { return strings.Contains(words, s) }) {
		m.complain("%q is cut", words)
	}
}

// control is something to press or to type into.
func (m *measurement) control(o fyne.CanvasObject, b, clip place) {
	if b.min.Y < clip.min.Y || b.max.Y > clip.max.Y {
		if clip.what != "" {
			m.complain("%s is outside of the window", b.what)
		}
		return // scrolled away
	}
	if least := o.MinSize(); o.Size().Width < least.Width-0.5 || o.Size().Height < least.Height-0.5 {
		m.complain("%s is cut: %v, needs %v", b.what, o.Size(), least)
	}
	for _, other := range m.boxes {
		if b.min.X < other.max.X-1 && other.min.X < b.max.X-1 && b.min.Y < other.max.Y-1 && other.min.Y < b.max.Y-1 {
			m.complain("%s lies upon %s", b.what, other.what)
		}
	}
	m.boxes = append(m.boxes, b)
}

func wide(s string) float32 { return fyne.MeasureText(s, theme.TextSize(), fyne.TextStyle{}).Width }

// The measurement finds what it is there for.
func TestMeasure(t *testing.T) {
	test.NewTempApp(t)
	line := func(text string, width float32) fyne.CanvasObject {
		l := widgets.NewLine(14, false, theme.ColorNameForeground)
		l.Set(text)
		l.Resize(fyne.NewSize(width, 20))
		return l
	}
	button := func(label string, x, width float32) fyne.CanvasObject {
		a := widgets.NewAction(widget.MediumImportance, nil, func() {}, widgets.Face{Label: label, Glyph: assets.Hold})
		a.Move(fyne.NewPos(x, 0))
		a.Resize(fyne.NewSize(width, a.MinSize().Height))
		return a
	}
	for _, c := range []struct {
		name string
		what []fyne.CanvasObject
		want string
	}{
		{"all is well", []fyne.CanvasObject{line("short", 200), button("One", 0, 150), button("Two", 160, 150)}, ""},
		{"a text that is cut", []fyne.CanvasObject{line("a long sentence", 20)}, `"a long sentence" is cut`},
		{"a name from the network", []fyne.CanvasObject{line(cuttable[0], 20)}, ""},
		{"two buttons in one place", []fyne.CanvasObject{button("One", 0, 150), button("Two", 100, 150)}, "the button Two lies upon the button One"},
		{"a button that is too small", []fyne.CanvasObject{button("One", 0, 20)}, "the button One is cut"},
		{"a button below the window", []fyne.CanvasObject{container.NewWithoutLayout(button("One", 0, 150))}, "the button One is outside of the window"},
		{"what nobody knows", []fyne.CanvasObject{widget.NewLabel("x")}, "nobody knows how to measure a *widget.Label"},
	} {
		root := container.NewWithoutLayout(c.what...)
		root.Resize(fyne.NewSize(400, 300))
		if c.name == "a button below the window" {
			c.what[0].Move(fyne.NewPos(0, 290))
		}
		if got := strings.Join(measure(root), "; "); !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: it says %q, want %q", c.name, got, c.want)
		}
	}
}
