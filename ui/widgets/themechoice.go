package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// chosen is the user's choice, regardless of the desktop's preference; nil for none.
var chosen *fyne.ThemeVariant

// Choose makes everything be drawn in "light" or "dark" or, for any other word, as the desktop prefers. It must
// be called on the goroutine that runs Fyne. app is nil before there is one.
func Choose(app fyne.App, word string) {
	switch light, dark := theme.VariantLight, theme.VariantDark; word {
	case "light":
		chosen = &light
	case "dark":
		chosen = &dark
	default:
		chosen = nil
	}
	if app != nil {
		if l, ours := app.Settings().Theme().(look); ours {
			l.redraw()
		}
	}
}

// wished returns the variant to draw in, given the desktop's preference.
func wished(preferred fyne.ThemeVariant) fyne.ThemeVariant {
	if chosen != nil {
		return *chosen
	}
	return preferred
}
