package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// chosen is what the user wishes, whatever the desktop prefers; nil for no wish.
var chosen *fyne.ThemeVariant

// Choose has everything drawn in "light" or in "dark", and with any other word as the desktop prefers. It belongs to
// the goroutine that runs Fyne. app is nil before there is one.
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

// wished returns the variant to be drawn in, where the desktop prefers another.
func wished(preferred fyne.ThemeVariant) fyne.ThemeVariant {
	if chosen != nil {
		return *chosen
	}
	return preferred
}
