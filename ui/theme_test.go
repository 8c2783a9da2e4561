package ui

import (
	"testing"

	"fyne.io/fyne/v2"
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
	if s.theme.Color(colorCard, s.variant) == accents[colorCard][1] {
		s.drawn = theme.VariantDark
	}
	for _, f := range s.listeners { // as Fyne does: the windows are drawn first
		f(s)
	}
}

// Without a portal Fyne says dark for ever; what the desktop tells is kept.
func TestThemeIsLightUntilTheDesktopTells(t *testing.T) {
	t.Setenv("FYNE_THEME", "")
	f := newFixture(t)
	s := &desktopSettings{Settings: f.ui.app.Settings(), variant: theme.VariantDark}
	f.ui.app = desktopApp{f.ui.app, s}
	fyne.SetCurrentApp(f.ui.app)
	check := func(when string, want fyne.ThemeVariant) {
		t.Helper()
		if variant() != want || s.drawn != want || onDark() != (want == theme.VariantDark) {
			t.Errorf("%s: the theme is %v and the windows %v, want %v", when, variant(), s.drawn, want)
		}
	}
	startTheme(f.ui.app, true, func() {})
	check("nobody tells", theme.VariantLight)
	s.tells(theme.VariantDark)
	check("told dark", theme.VariantDark)
	s.tells(theme.VariantLight)
	check("changed to light", theme.VariantLight)
	s.tells(theme.VariantDark)
	check("and back", theme.VariantDark)

	t.Setenv("FYNE_THEME", "dark")
	startTheme(f.ui.app, true, func() {})
	check("the user says dark", theme.VariantDark)
}
