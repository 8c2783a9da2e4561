package widgets

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// desktopApp is an application whose desktop tells light or dark when it pleases.
type desktopApp struct {
	fyne.App
	settings *desktopSettings
}

func (a desktopApp) Settings() fyne.Settings { return a.settings }

type desktopSettings struct {
	fyne.Settings
	theme     fyne.Theme
	variant   fyne.ThemeVariant
	listeners []func(fyne.Settings)
	drawn     fyne.ThemeVariant // what the windows were last drawn with
}

func (s *desktopSettings) Theme() fyne.Theme                 { return s.theme }
func (s *desktopSettings) ThemeVariant() fyne.ThemeVariant   { return s.variant }
func (s *desktopSettings) AddListener(f func(fyne.Settings)) { s.listeners = append(s.listeners, f) }
func (s *desktopSettings) SetTheme(t fyne.Theme)             { s.theme = t; s.apply() }
func (s *desktopSettings) tells(variant fyne.ThemeVariant)   { s.variant = variant; s.apply() }
func (s *desktopSettings) apply() {
	s.drawn = theme.VariantLight
	if s.theme.Color(ColorCard, s.variant) == accents[ColorCard][1] {
		s.drawn = theme.VariantDark
	}
	for _, f := range s.listeners { // as Fyne does: the windows are drawn first
		f(s)
	}
}

// Without a portal Fyne says dark for ever; what the desktop tells is kept.
func TestThemeIsLightUntilTheDesktopTells(t *testing.T) {
	t.Setenv("FYNE_THEME", "")
	temp := test.NewTempApp(t)
	s := &desktopSettings{Settings: temp.Settings(), variant: theme.VariantDark}
	app := desktopApp{temp, s}
	fyne.SetCurrentApp(app)
	check := func(when string, want fyne.ThemeVariant) {
		t.Helper()
		if variant() != want || s.drawn != want || OnDark() != (want == theme.VariantDark) {
			t.Errorf("%s: the theme is %v and the windows %v, want %v", when, variant(), s.drawn, want)
		}
	}
	StartTheme(app, true, func() {})
	check("nobody tells", theme.VariantLight)
	Prefer(true)
	check("the portal prefers dark, and Fyne does not know", theme.VariantDark)
	Prefer(false)
	check("and light again", theme.VariantLight)
	s.tells(theme.VariantDark)
	check("told dark", theme.VariantDark)
	s.tells(theme.VariantLight)
	check("changed to light", theme.VariantLight)
	s.tells(theme.VariantDark)
	check("and back", theme.VariantDark)

	t.Setenv("FYNE_THEME", "dark")
	StartTheme(app, true, func() {})
	check("the user says dark", theme.VariantDark)
}

// Text in every colour of ours can be read on what it stands on. (WCAG 2, 1.4.3)
func TestContrast(t *testing.T) {
	texts := []fyne.ThemeColorName{theme.ColorNameForeground, ColorMuted, theme.ColorNameError, theme.ColorNameWarning}
	for variant, name := range []string{"light", "dark"} {
		for _, text := range texts {
			for _, ground := range []fyne.ThemeColorName{ColorCard, theme.ColorNameBackground} {
				if got := contrast(accents[text][variant], accents[ground][variant]); got < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.2f, want 4.5", name, text, ground, got)
				}
			}
		}
		for _, on := range [][2]fyne.ThemeColorName{{theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary},
			{theme.ColorNameForegroundOnSuccess, theme.ColorNameSuccess}, {theme.ColorNameForegroundOnError, theme.ColorNameError},
			{theme.ColorNameForegroundOnWarning, theme.ColorNameWarning}, {theme.ColorNameForeground, theme.ColorNameButton},
			{theme.ColorNamePlaceHolder, theme.ColorNameInputBackground}, {theme.ColorNameForeground, theme.ColorNameMenuBackground}} {
			if got := contrast(accents[on[0]][variant], accents[on[1]][variant]); got < 4.5 {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want 4.5", name, on[0], on[1], got)
			}
		}
		for _, ground := range []fyne.ThemeColorName{ColorCard, theme.ColorNameBackground} { // drawn a pixel wide, it loses a part
			if got := contrast(accents[theme.ColorNameInputBorder][variant], accents[ground][variant]); got < 3.8 {
				t.Errorf("%s: the border of an entry on %s has a contrast of %.2f, want 3.8", name, ground, got)
			}
		}
		chosen := over(accents[theme.ColorNameSelection][variant], accents[ColorCard][variant])
		for _, text := range []fyne.ThemeColorName{theme.ColorNameForeground, ColorMuted} {
			if got := contrast(accents[text][variant], chosen); got < 4.5 {
				t.Errorf("%s: %s in the chosen row has a contrast of %.2f, want 4.5", name, text, got)
			}
		}
	}
}

// over returns a translucent colour on a ground.
func over(c, ground color.NRGBA) color.NRGBA {
	mix := func(a, b uint8) uint8 { return uint8((int(a)*int(c.A) + int(b)*(255-int(c.A))) / 255) }
	return color.NRGBA{mix(c.R, ground.R), mix(c.G, ground.G), mix(c.B, ground.B), 255}
}

// What is to be ticked can be seen as it is drawn. (WCAG 2.2, 1.4.11)
func TestTickBoxCanBeSeen(t *testing.T) {
	app := test.NewTempApp(t)
	StartTheme(app, false, func() {})
	t.Cleanup(func() { Choose(app, "") })
	for _, variant := range []string{"light", "dark"} {
		Choose(app, variant)
		size := fyne.NewSize(100, 36)
		img := paint(NewToggle(noKeys{}, "", nil), size)
		ground := color.NRGBAModel.Convert(ThemeColor(ColorCard)).(color.NRGBA)
		best := 0.0
		for x := range int(size.Width) {
			best = max(best, contrast(over(img.NRGBAAt(x, int(size.Height)/2), ground), ground))
		}
		if best < 3 {
			t.Errorf("%s: its contrast is %.2f, want 3", variant, best)
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
