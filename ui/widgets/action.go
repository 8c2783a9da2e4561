package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
)

var _ desktop.Keyable = (*Action)(nil)

// Action is a button that keeps its place: it is as wide as the widest of its labels, and is disabled rather
// than hidden. While disabled, it explains why when the pointer rests on it or when it is pressed.
type Action struct {
	widget.Button
	looks
	Keys KeyHandler // receives the keys that the button does not use; none by default
	Hint string     // the purpose of a button without a label, shown while the pointer rests on it

	// told is called with the reason while the user asks for it, and with "" afterwards.
	told    func(why string)
	Why     string // why the button is disabled; "" also if that is obvious
	telling bool
	hovered bool
	focused bool
	faces   []Face
	face    Face // the present one, of which the button shows part
	part    Part
	glyph   assets.Glyph
	least   fyne.Size
}

// Part is how much of its face a button shows.
type Part int

// The parts of a face.
const (
	Whole      Part = iota
	LabelAlone      // without the glyph
	GlyphAlone      // without the label, which is shown while the pointer rests on the button
)

// Face is what a button displays.
type Face struct {
	Label string
	Glyph assets.Glyph // "" for none
}

// NewAction returns a button that shows the first of its faces and is wide enough for all of them. told, which
// may be nil, is called with the reason why the button is disabled while the user asks for it, and with ""
// afterwards.
func NewAction(importance widget.Importance, told func(why string), do func(), faces ...Face) *Action {
	a := &Action{told: told, Keys: noKeys{}}
	a.ExtendBaseWidget(a)
	a.Importance, a.OnTapped = importance, do
	a.faces = faces
	a.widen()
	a.Set(faces[0])
	return a
}

// widen makes the button wide enough for all of its faces.
func (a *Action) widen() {
	a.least = fyne.Size{}
	for _, f := range a.faces {
		a.Set(f)
		a.least = a.MinSize()
	}
}

// Reduce changes how much of its face the button shows.
func (a *Action) Reduce(to Part) {
	if a.part == to {
		return
	}
	face := a.face
	a.part = to
	a.widen()
	a.Set(face)
}

// Width returns how wide the button is with a part of its present face.
func (a *Action) Width(p Part) float32 {
	width := 2 * theme.InnerPadding()
	if p != LabelAlone && a.face.Glyph != "" {
		width += theme.IconInlineSize()
	}
	if p != GlyphAlone && a.face.Label != "" {
		width += measure(a.face.Label, theme.TextSize(), true).Width
	}
	if p == Whole && a.face.Label != "" && a.face.Glyph != "" {
		width += theme.Padding()
	}
	return width
}

// Name returns the label, even if the button does not show it.
func (a *Action) Name() string { return a.face.Label }

// Set changes what the button shows.
func (a *Action) Set(f Face) {
	before := a.face
	a.face = f
	switch {
	case a.part == LabelAlone && f.Label != "":
		f.Glyph = ""
	case a.part == GlyphAlone && f.Glyph != "":
		f.Label = ""
	}
	if f.Glyph != a.glyph {
		if a.glyph = f.Glyph; f.Glyph == "" {
			a.SetIcon(nil)
		} else {
			a.SetIcon(Icon(f.Glyph))
		}
	}
	if f.Label != a.Text {
		a.SetText(f.Label)
	}
	if a.telling && a.face.Label != before.Label {
		a.told(a.words())
	}
}

// Allow enables the button.
func (a *Action) Allow() {
	if a.Why = ""; a.Disabled() { // an enabled button tells its purpose, which stays
		a.untell()
	}
	Enable(a, true)
}

// Forbid disables the button. why is a sentence for the user, "" if the reason is obvious.
func (a *Action) Forbid(why string) {
	if a.Why = why; a.telling {
		a.told(why)
	}
	Enable(a, false)
}

// Become disables the button if there is a reason, and enables it otherwise.
func (a *Action) Become(why string) {
	if why == "" {
		a.Allow()
	} else {
		a.Forbid(why)
	}
}

// words returns why the button is disabled, or else its purpose unless its label says that.
func (a *Action) words() string {
	switch {
	case a.Disabled():
		return a.Why
	case a.Hint == "" && a.Text == "":
		return a.face.Label
	}
	return a.Hint
}

func (a *Action) tell() {
	if words := a.words(); words != "" && a.told != nil {
		a.telling = true
		a.told(words)
	}
}

func (a *Action) untell() {
	if a.telling {
		a.telling = false
		a.told("")
	}
}

// MinSize returns the size of the widest face.
func (a *Action) MinSize() fyne.Size { return a.Button.MinSize().Max(a.least) }

// Tapped performs the button's action, or explains why it is disabled.
func (a *Action) Tapped(e *fyne.PointEvent) {
	if a.untell(); a.Disabled() { // the result is shown where the hint was
		a.tell()
	}
	a.Button.Tapped(e)
}

// Press is Tapped for a popup that is not drawn by a Fyne driver: nothing runs the animation of a button there.
func (a *Action) Press() {
	a.tell()
	if !a.Disabled() && a.OnTapped != nil {
		a.OnTapped()
	}
}

// MouseIn explains why the button is disabled, if it is.
func (a *Action) MouseIn(e *desktop.MouseEvent) {
	a.tell()
	a.hovered = true
	a.Button.MouseIn(e)
}

// MouseOut removes the explanation.
func (a *Action) MouseOut() {
	a.untell()
	if a.hovered {
		a.hovered = false
		a.Button.MouseOut()
	}
}

// FocusGained implements fyne.Focusable.
func (a *Action) FocusGained() {
	a.focused = true
	a.Button.FocusGained()
}

// FocusLost implements fyne.Focusable.
func (a *Action) FocusLost() {
	a.focused = false
	a.Button.FocusLost()
}

// SetImportance changes how the button looks.
func (a *Action) SetImportance(i widget.Importance) {
	if a.Importance != i {
		a.Importance = i
		a.Refresh()
	}
}

// StandOut marks the button as the main one, or as an ordinary one.
func (a *Action) StandOut(on bool) {
	if on {
		a.SetImportance(widget.HighImportance)
	} else {
		a.SetImportance(widget.MediumImportance)
	}
}

// KeyDown passes the key on.
func (a *Action) KeyDown(e *fyne.KeyEvent) { a.Keys.KeyDown(e) }

// KeyUp does nothing.
func (a *Action) KeyUp(*fyne.KeyEvent) {}

// TypedRune passes the character on.
func (a *Action) TypedRune(r rune) { a.Keys.TypedRune(r) }

// TypedKey presses the button on Space and Enter, and passes any other key on.
func (a *Action) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		a.Tapped(nil)
	default:
		a.Keys.TypedKey(e)
	}
}
