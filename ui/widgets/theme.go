// Package widgets contains the building blocks of Calltray's windows, and their theme. It knows nothing about
// telephones. Like Fyne's own widgets, these belong to the goroutine that runs Fyne.
package widgets

import (
	"image/color"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// look is Fyne's own theme with our accents: light or dark as the desktop prefers, since a change of theme
// while running costs three megabytes that are never returned.
type look struct {
	fyne.Theme
	wish *wish
}

// wish is the desktop's preference until Fyne knows it.
type wish struct {
	late    bool // Fyne does not know it yet
	variant fyne.ThemeVariant
	ours    bool // redraw, not Fyne, is setting the theme
}

// StartTheme sets our theme for an application, and calls changed when the desktop changes between light and
// dark. With late set, Fyne learns the preference from a settings portal some time after its loop has started:
// it draws in dark until the answer arrives, which it reports only to its listeners. Until then, Prefer
// decides; light at first, which matches other programs better if there is no portal.
func StartTheme(app fyne.App, late bool, changed func()) {
	s := app.Settings()
	w := &wish{late: late && os.Getenv("FYNE_THEME") == "", variant: theme.VariantLight}
	l := look{theme.DefaultTheme(), w}
	s.SetTheme(l)
	s.AddListener(func(fyne.Settings) {
		if w.late && !w.ours {
			if w.late = false; s.ThemeVariant() != w.variant {
				s.SetTheme(l) // everything drawn on the first answer was drawn in the other variant
			}
		}
		changed()
	})
}

// Prefer makes an application whose loop has not started draw in light or dark.
func Prefer(dark bool) {
	s := fyne.CurrentApp().Settings()
	l, ok := s.Theme().(look)
	variant := theme.VariantLight
	if dark {
		variant = theme.VariantDark
	}
	if !ok || !l.wish.late || l.wish.variant == variant {
		return
	}
	l.wish.variant = variant
	l.redraw()
}

// redraw draws everything again, with the current preference.
func (l look) redraw() {
	l.wish.ours = true
	fyne.CurrentApp().Settings().SetTheme(l)
	l.wish.ours = false
}

// variant returns light or dark, as currently drawn.
func variant() fyne.ThemeVariant {
	s := fyne.CurrentApp().Settings()
	if l, ok := s.Theme().(look); ok && l.wish.late {
		return wished(l.wish.variant)
	}
	return wished(s.ThemeVariant())
}

// The accents, for light and for dark backgrounds. White and black text on them reaches a contrast of 4.5 to 1.
var accents = map[fyne.ThemeColorName][2]color.NRGBA{
	theme.ColorNamePrimary:             {rgb(0x0f5c63), rgb(0x6fcfc3)},
	theme.ColorNameForegroundOnPrimary: {rgb(0xffffff), rgb(0x0b2124)},
	theme.ColorNameHyperlink:           {rgb(0x0f5c63), rgb(0x6fcfc3)},
	theme.ColorNameSuccess:             {rgb(0x1b7f46), rgb(0x4fd08a)},
	theme.ColorNameForegroundOnSuccess: {rgb(0xffffff), rgb(0x06210f)},
	theme.ColorNameError:               {rgb(0xb8261f), rgb(0xff7b72)},
	theme.ColorNameForegroundOnError:   {rgb(0xffffff), rgb(0x2a0605)},
	theme.ColorNameWarning:             {rgb(0xb45309), rgb(0xffae4a)},
	theme.ColorNameForegroundOnWarning: {rgb(0xffffff), rgb(0x2a1500)},
	theme.ColorNameFocus:               {{0x0f, 0x5c, 0x63, 0x50}, {0x6f, 0xcf, 0xc3, 0x50}},
	theme.ColorNameSelection:           {{0x0f, 0x5c, 0x63, 0x28}, {0x6f, 0xcf, 0xc3, 0x28}},
	ColorMuted:                         {rgb(0x5b6470), rgb(0xa8b0bb)},
	ColorCard:                          {rgb(0xffffff), rgb(0x26292e)},
	ColorEdge:                          {rgb(0xc9ced6), rgb(0x44494f)},
	theme.ColorNameForeground:          {rgb(0x1f2328), rgb(0xe8eaed)},
	theme.ColorNameDisabled:            {rgb(0x8b939d), rgb(0x7d858f)},
	theme.ColorNameDisabledButton:      {rgb(0xe9ebee), rgb(0x2b2f35)},
	theme.ColorNamePlaceHolder:         {rgb(0x6b737e), rgb(0x8d95a0)},
	theme.ColorNameBackground:          {rgb(0xf5f6f8), rgb(0x1c1e22)},
	theme.ColorNameButton:              {rgb(0xe3e6ea), rgb(0x363b42)},
	theme.ColorNameInputBackground:     {rgb(0xffffff), rgb(0x26292e)},
	theme.ColorNameInputBorder:         {rgb(0x757d88), rgb(0x868e99)}, // drawn a pixel wide, it is fainter
	theme.ColorNameOverlayBackground:   {rgb(0xffffff), rgb(0x26292e)},
	theme.ColorNameMenuBackground:      {rgb(0xffffff), rgb(0x31363d)},
}

// Colours of our own.
const (
	ColorMuted fyne.ThemeColorName = "calltrayMuted" // secondary text
	ColorCard  fyne.ThemeColorName = "calltrayCard"  // the surface of a call
	ColorEdge  fyne.ThemeColorName = "calltrayEdge"  // around a surface
)

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}

// Color returns our accent, or Fyne's colour.
func (l look) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	if l.wish.late {
		variant = l.wish.variant
	}
	variant = wished(variant)
	c, ok := accents[name]
	switch {
	case !ok:
		return l.Theme.Color(name, variant)
	case variant == theme.VariantDark:
		return c[1]
	default:
		return c[0]
	}
}

// box is the empty box of a tick. That of Fyne is too faint: WCAG 2.2 (1.4.11) requires a contrast of 3 to 1.
var box = fyne.NewStaticResource("box.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><path d="M5 3h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z M5 5v14h14V5z"/></svg>`))

// Icon returns our icon, or Fyne's.
func (l look) Icon(name fyne.ThemeIconName) fyne.Resource {
	if name == theme.IconNameCheckButton {
		return theme.NewThemedResource(box)
	}
	return l.Theme.Icon(name)
}

// OnDark reports whether the application is currently drawn in dark.
func OnDark() bool {
	return fyne.CurrentApp() != nil && variant() == theme.VariantDark
}

// ThemeColor returns a colour as currently drawn. In a test without our theme, names that Fyne does not know
// are the foreground.
func ThemeColor(name fyne.ThemeColorName) color.Color {
	if c, ok := accents[name]; ok {
		if OnDark() {
			return c[1]
		}
		return c[0]
	}
	return fyne.CurrentApp().Settings().Theme().Color(name, variant())
}
