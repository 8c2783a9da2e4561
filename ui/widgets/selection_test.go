package widgets

import (
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// A drop-down list has the edge that a text field has, and it can be seen on a card and on the window. (WCAG 2.2, 1.4.11)
func TestSelectionHasAnEdge(t *testing.T) {
	app := test.NewTempApp(t)
	StartTheme(app, false, func() {})
	t.Cleanup(func() { Choose(app, "") })
	edge := func(w fyne.Widget) (found canvas.Rectangle) {
		w.Resize(fyne.NewSize(160, 37))
		w.Refresh()
		for _, o := range test.WidgetRenderer(w).Objects() {
			if r, is := o.(*canvas.Rectangle); is && r.StrokeWidth > 0 {
				found.StrokeColor, found.StrokeWidth, found.CornerRadius = color.NRGBAModel.Convert(r.StrokeColor), r.StrokeWidth, r.CornerRadius
				found.Resize(r.Size())
				found.Move(r.Position())
			}
		}
		return found
	}
	for i, variant := range []string{"light", "dark"} {
		Choose(app, variant)
		input, list := NewInput(noKeys{}), NewSelection(noKeys{}, []string{"Name"}, nil)
		test.NewTempWindow(t, input)
		alike := func(state string) {
			t.Helper()
			if got, want := edge(list), edge(input); got != want || want.StrokeWidth == 0 {
				t.Errorf("%s, %s: the edge is %v, that of a text field %v", variant, state, got, want)
			}
		}
		alike("idle")
		for _, ground := range []fyne.ThemeColorName{ColorCard, theme.ColorNameBackground} {
			if got := contrast(accents[theme.ColorNameInputBorder][i], accents[ground][i]); got < 3 {
				t.Errorf("%s: the edge on %s has a contrast of %.2f, want 3", variant, ground, got)
			}
		}
		input.FocusGained()
		list.FocusGained()
		alike("with the keyboard")
		input.FocusLost()
		list.FocusLost()
		alike("without it again")
		input.Disable()
		list.Disable()
		alike("out of use")
	}
}
