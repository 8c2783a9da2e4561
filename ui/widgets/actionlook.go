package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// CreateRenderer draws the button as Fyne does, except for its label: Fyne turns that into a document, which
// costs time and fonts. A button with the keyboard focus has a ring around it.
func (a *Action) CreateRenderer() fyne.WidgetRenderer {
	r := &actionRenderer{action: a, ground: canvas.NewRectangle(color.Transparent), label: canvas.NewText("", color.Transparent), icon: canvas.NewImageFromResource(nil)}
	r.label.TextStyle.Bold = true
	r.icon.FillMode = canvas.ImageFillContain
	r.objects = []fyne.CanvasObject{r.ground, r.label, r.icon}
	r.draw()
	return r
}

type actionRenderer struct {
	action  *Action
	ground  *canvas.Rectangle
	label   *canvas.Text
	icon    *canvas.Image
	drawn   iconLook
	objects []fyne.CanvasObject
}

// iconLook is all that the icon's picture depends on.
type iconLook struct {
	icon       fyne.Resource
	color      color.Color // of the label
	importance widget.Importance
	disabled   bool
}

// content returns the size of icon and label, without padding.
func (r *actionRenderer) content() (all, label, icon fyne.Size) {
	if r.action.Text != "" {
		label = measure(r.action.Text, theme.TextSize(), true)
	}
	if r.action.Icon != nil {
		icon = fyne.NewSquareSize(theme.IconInlineSize())
	}
	all = fyne.NewSize(label.Width+icon.Width, fyne.Max(label.Height, theme.IconInlineSize()))
	if r.action.Text != "" && r.action.Icon != nil {
		all.Width += theme.Padding()
	}
	return all, label, icon
}

// MinSize returns that of Fyne's button.
func (r *actionRenderer) MinSize() fyne.Size {
	all, _, _ := r.content()
	return all.AddWidthHeight(2*theme.InnerPadding(), 2*theme.InnerPadding())
}

// Layout puts the icon before the label, both centred, at the start or at the end.
func (r *actionRenderer) Layout(size fyne.Size) {
	all, label, icon := r.content()
	r.ground.Resize(size)
	at := (size.Width - all.Width) / 2
	switch r.action.Alignment {
	case widget.ButtonAlignLeading:
		at = theme.InnerPadding()
	case widget.ButtonAlignTrailing:
		at = size.Width - theme.InnerPadding() - all.Width
	}
	r.icon.Resize(icon)
	r.icon.Move(fyne.NewPos(at, (size.Height-icon.Height)/2))
	r.label.Resize(label)
	r.label.Move(fyne.NewPos(at+all.Width-label.Width, (size.Height-label.Height)/2))
}

// Refresh draws the button's current state.
func (r *actionRenderer) Refresh() {
	r.action.looks++
	r.draw()
	r.Layout(r.action.Size())
	r.ground.Refresh()
	canvas.Refresh(r.action)
}

func (r *actionRenderer) draw() {
	front, ground := r.action.colors()
	r.ground.FillColor, r.ground.CornerRadius, r.ground.StrokeWidth = ground, theme.Size(theme.SizeNameButtonRadius), 0
	if r.action.focused && !r.action.Disabled() { // Fyne's own shade has a contrast of 1.8 to 1; WCAG 2.2 (1.4.11) requires 3
		r.ground.StrokeColor, r.ground.StrokeWidth = ThemeColor(front), 2
	}
	r.label.Text, r.label.TextSize, r.label.Color, r.label.FontSource = r.action.Text, theme.TextSize(), ThemeColor(front), fontOf(r.action.Text, true)
	Show(r.icon, r.action.Icon != nil)
	now := iconLook{r.action.Icon, ThemeColor(front), r.action.Importance, r.action.Disabled()}
	if r.action.Icon == nil || now == r.drawn { // to read a drawing takes longer than all else here
		return
	}
	r.drawn, r.icon.Resource = now, r.action.Icon
	switch themed, is := r.action.Icon.(fyne.ThemedResource); {
	case r.action.Disabled():
		r.icon.Resource = theme.NewDisabledResource(r.action.Icon)
	case is && themed.ThemeColorName() != front && r.action.Importance != widget.MediumImportance && r.action.Importance != widget.LowImportance:
		r.icon.Resource = theme.NewColoredResource(r.action.Icon, front)
	}
	r.icon.Refresh()
}

func (r *actionRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *actionRenderer) Destroy()                     {}

// colors returns the button's colours: the name of the text's, and the background.
func (a *Action) colors() (front fyne.ThemeColorName, ground color.Color) {
	front, name := theme.ColorNameForeground, theme.ColorNameButton
	switch a.Importance {
	case widget.DangerImportance:
		front, name = theme.ColorNameForegroundOnError, theme.ColorNameError
	case widget.HighImportance:
		front, name = theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary
	case widget.SuccessImportance:
		front, name = theme.ColorNameForegroundOnSuccess, theme.ColorNameSuccess
	case widget.WarningImportance:
		front, name = theme.ColorNameForegroundOnWarning, theme.ColorNameWarning
	case widget.LowImportance:
		name = ""
	}
	if a.Disabled() {
		front = theme.ColorNameDisabled
		if name != "" {
			name = theme.ColorNameDisabledButton
		}
	}
	over := fyne.ThemeColorName("")
	switch {
	case a.Disabled():
	case a.focused:
		over = theme.ColorNameFocus
	case a.hovered:
		over = theme.ColorNameHover
	}
	if name == "" && over != "" {
		name = theme.ColorNameButton
	}
	if name == "" {
		return front, color.Transparent
	}
	if ground = ThemeColor(name); over != "" {
		ground = blend(ground, ThemeColor(over))
	}
	return front, ground
}

// blend draws one colour over another.
func blend(under, over color.Color) color.Color {
	r, g, b, a := under.RGBA()
	overR, overG, overB, opaque := over.RGBA()
	mix := func(under, over uint32) uint16 { return uint16(min(over+under*(0xffff-opaque)/0xffff, 0xffff)) }
	return color.RGBA64{R: mix(r, overR), G: mix(g, overG), B: mix(b, overB), A: mix(a, opaque)}
}
