package widgets

import (
	"fmt"
	"image"
	"image/color"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
)

// An Action looks as Fyne's button does, whatever befalls it.
func TestActionLooksLikeAButton(t *testing.T) {
	app := test.NewTempApp(t)
	StartTheme(app, false, func() {})
	t.Cleanup(func() { Choose(app, "") })
	for _, variant := range []string{"light", "dark"} {
		Choose(app, variant)
		for _, face := range []Face{{"Answer", assets.Answer}, {"Answer", ""}, {"", assets.Copy}, {"Bo 🙂", assets.Copy}} {
			for _, importance := range []widget.Importance{widget.MediumImportance, widget.LowImportance, widget.HighImportance, widget.DangerImportance, widget.SuccessImportance, widget.WarningImportance} {
				for state, enter := range map[string]func(a, b *widget.Button){
					"idle":     func(a, b *widget.Button) {},
					"disabled": func(a, b *widget.Button) { a.Disable(); b.Disable() },
				} {
					for _, above := range []string{"", "hover"} {
						a, b := NewAction(importance, nil, nil, face), widget.NewButton(face.Label, nil)
						b.Importance = importance
						if face.Glyph != "" {
							b.SetIcon(Icon(face.Glyph))
						}
						enter(&a.Button, b)
						if above == "hover" {
							a.MouseIn(nil)
							b.MouseIn(nil)
						}
						what := fmt.Sprintf("%s, %v, importance %d, %s, %s", variant, face, importance, state, above)
						if a.MinSize() != b.MinSize() {
							t.Errorf("%s: needs %v, Fyne's %v", what, a.MinSize(), b.MinSize())
							continue
						}
						size := b.MinSize().Add(fyne.NewSize(11, 4))
						if n := differ(paint(a, size), paint(b, size)); n > 0 {
							t.Errorf("%s: %d pixels differ", what, n)
						}
					}
				}
			}
		}
	}
}

// differ counts the pixels that differ by more than what rounding does.
func differ(a, b *image.NRGBA) (n int) {
	for i := 0; i < len(a.Pix); i += 4 {
		for j := range 4 {
			if d := int(a.Pix[i+j]) - int(b.Pix[i+j]); d < -6 || d > 6 {
				n++
				break
			}
		}
	}
	return n
}

func TestActionAtEitherEnd(t *testing.T) {
	StartTheme(test.NewTempApp(t), false, func() {})
	for _, align := range []widget.ButtonAlign{widget.ButtonAlignLeading, widget.ButtonAlignTrailing} {
		a, b := NewAction(widget.MediumImportance, nil, nil, Face{"22 33 44 55", assets.Answer}), widget.NewButtonWithIcon("22 33 44 55", Icon(assets.Answer), nil)
		a.Alignment, b.Alignment = align, align
		size := fyne.NewSize(220, 36)
		if n := differ(paint(a, size), paint(b, size)); n > 0 {
			t.Errorf("alignment %d: %d pixels differ", align, n)
		}
	}
}

// It can be seen which button has the keyboard. (WCAG 2.2, 1.4.11)
func TestFocusCanBeSeen(t *testing.T) {
	app := test.NewTempApp(t)
	StartTheme(app, false, func() {})
	t.Cleanup(func() { Choose(app, "") })
	for _, variant := range []string{"light", "dark"} {
		Choose(app, variant)
		for _, importance := range []widget.Importance{widget.MediumImportance, widget.LowImportance, widget.HighImportance, widget.DangerImportance, widget.SuccessImportance, widget.WarningImportance} {
			a := NewAction(importance, nil, nil, Face{Label: "Call"})
			ground := test.TempWidgetRenderer(t, a).Objects()[0].(*canvas.Rectangle)
			if ground.StrokeWidth != 0 {
				t.Errorf("%s, importance %d: a ring without the keyboard", variant, importance)
			}
			a.FocusGained()
			solid := func(c color.Color) color.NRGBA { return color.NRGBAModel.Convert(c).(color.NRGBA) }
			if ratio := contrast(solid(ground.StrokeColor), solid(ground.FillColor)); ground.StrokeWidth != 2 || ratio < 3 {
				t.Errorf("%s, importance %d: the ring is %v wide, its contrast %.1f", variant, importance, ground.StrokeWidth, ratio)
			}
			a.FocusLost()
			if ground.StrokeWidth != 0 {
				t.Errorf("%s, importance %d: the ring stays", variant, importance)
			}
		}
	}
}

// So can be seen which line of a list has it.
func TestFocusedLineCanBeSeen(t *testing.T) {
	StartTheme(test.NewTempApp(t), false, func() {})
	l := NewPickList(noKeys{}, nil)
	w := test.NewTempWindow(t, l)
	w.Resize(fyne.NewSize(300, 200))
	l.Fill([]Pick{{Name: "Ærø"}, {Name: "Bo"}})
	ringed := func() (lines []int) {
		for i := range l.picks {
			item := l.CreateItem().(*fyne.Container)
			l.UpdateItem(i, item)
			ring := item.Objects[0].(*canvas.Rectangle)
			ground := color.NRGBAModel.Convert(ThemeColor(ColorCard)).(color.NRGBA)
			if ring.StrokeWidth == 2 && contrast(color.NRGBAModel.Convert(ring.StrokeColor).(color.NRGBA), ground) >= 3 {
				lines = append(lines, i)
			}
		}
		return lines
	}
	for _, step := range []struct {
		what string
		do   func()
		want []int
	}{
		{"without the keyboard", func() {}, nil},
		{"with it", func() { w.Canvas().Focus(l) }, []int{0}},
		{"after Down", func() { l.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown}) }, []int{1}},
		{"after it is lost", func() { w.Canvas().Unfocus() }, nil},
	} {
		if step.do(); !slices.Equal(ringed(), step.want) {
			t.Errorf("%s: the lines %v have a ring, want %v", step.what, ringed(), step.want)
		}
	}
}
