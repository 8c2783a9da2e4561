package ui

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
)

func TestActionTellsWhyItIsOutOfUse(t *testing.T) {
	test.NewTempApp(t)
	done, told := 0, "nothing yet"
	a := newAction(widget.MediumImportance, func(why string) { told = why }, func() { done++ }, face{"Hold", assets.Hold}, face{"Resume", assets.Resume})
	test.NewTempWindow(t, a)

	a.MouseIn(nil)
	a.MouseOut()
	if told != "nothing yet" {
		t.Errorf("a button in use told %q", told)
	}
	test.Tap(a)
	a.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if done != 2 {
		t.Errorf("pressed by pointer and by key, it did its work %d times", done)
	}

	a.forbid("The PBX cannot.")
	for name, ask := range map[string]func(){"pointer": func() { a.MouseIn(nil) }, "tap": func() { test.Tap(a) }} {
		told = ""
		ask()
		if told != "The PBX cannot." || done != 2 {
			t.Errorf("%s: told %q, did its work %d times", name, told, done)
		}
		a.MouseOut()
		if told != "" {
			t.Errorf("%s: still told when the pointer has left: %q", name, told)
		}
	}

	a.MouseIn(nil)
	a.forbid("Another reason.")
	if told != "Another reason." {
		t.Errorf("under the pointer the reason changes to %q", told)
	}
	if a.allow(); told != "" {
		t.Errorf("in use again it tells %q", told)
	}
	told = "untouched"
	a.forbid("")
	a.MouseIn(nil)
	test.Tap(a)
	if told != "untouched" {
		t.Errorf("without a reason it told %q", told)
	}
}

func TestActionKeepsItsWidth(t *testing.T) {
	test.NewTempApp(t)
	short, long := face{"Hold", assets.Hold}, face{"Back to the caller", assets.Back}
	a := newAction(widget.MediumImportance, nil, func() {}, short, long)
	before := a.MinSize()
	a.set(long)
	if a.Text != long.label || a.MinSize() != before {
		t.Errorf("as %q it is %v, was %v", a.Text, a.MinSize(), before)
	}
	a.set(face{"Hold", ""})
	if a.Icon != nil || a.MinSize() != before {
		t.Errorf("without a drawing it is %v, was %v", a.MinSize(), before)
	}
}

// Text in every colour of ours can be read on what it stands on. (WCAG 2, 1.4.3)
func TestContrast(t *testing.T) {
	texts := []fyne.ThemeColorName{theme.ColorNameForeground, colorMuted, theme.ColorNameError, theme.ColorNameWarning}
	for variant, name := range []string{"light", "dark"} {
		for _, text := range texts {
			for _, ground := range []fyne.ThemeColorName{colorCard, theme.ColorNameBackground} {
				if got := contrast(accents[text][variant], accents[ground][variant]); got < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.2f, want 4.5", name, text, ground, got)
				}
			}
		}
		for _, on := range [][2]fyne.ThemeColorName{{theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary},
			{theme.ColorNameForegroundOnSuccess, theme.ColorNameSuccess}, {theme.ColorNameForegroundOnError, theme.ColorNameError},
			{theme.ColorNameForegroundOnWarning, theme.ColorNameWarning}, {theme.ColorNameForeground, theme.ColorNameButton}} {
			if got := contrast(accents[on[0]][variant], accents[on[1]][variant]); got < 4.5 {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want 4.5", name, on[0], on[1], got)
			}
		}
	}
}

func contrast(a, b color.NRGBA) float64 {
	light, dark := luminance(a), luminance(b)
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

func luminance(c color.NRGBA) float64 {
	part := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}
