package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
)

var _ desktop.Keyable = (*action)(nil)

// action is a button that has its place for life: it is as wide as the widest of its labels, and out of
// use rather than gone. Out of use, it tells why when the pointer rests on it, or when it is pressed all
// the same.
type action struct {
	widget.Button
	keys keyHandler

	// told is told why the button is out of use, and "" when that is not asked any more.
	told    func(why string)
	why     string // it is out of use; "" also where that goes without saying
	telling bool
	glyph   assets.Glyph
	least   fyne.Size
}

// face is what a button shows.
type face struct {
	label string
	glyph assets.Glyph // "" for none
}

// newAction makes a button with the first of its faces; it can take on the others without another width.
func newAction(importance widget.Importance, told func(why string), do func(), faces ...face) *action {
	a := &action{told: told, keys: noKeys{}}
	a.ExtendBaseWidget(a)
	a.Importance, a.OnTapped = importance, do
	for _, f := range faces {
		b := widget.NewButton(f.label, nil)
		if f.glyph != "" {
			b.Icon = icon(f.glyph)
		}
		a.least = a.least.Max(b.MinSize())
	}
	a.set(faces[0])
	return a
}

// set changes what the button shows, only if need be.
func (a *action) set(f face) {
	if f.glyph != a.glyph {
		if a.glyph = f.glyph; f.glyph == "" {
			a.SetIcon(nil)
		} else {
			a.SetIcon(icon(f.glyph))
		}
	}
	if f.label != a.Text {
		a.SetText(f.label)
	}
}

// allow puts the button to use.
func (a *action) allow() {
	a.why = ""
	a.untell()
	enable(a, true)
}

// forbid takes the button out of use. why is a sentence for the user, "" where it goes without saying.
func (a *action) forbid(why string) {
	if a.why = why; a.telling {
		a.told(why)
	}
	enable(a, false)
}

// become puts the button to use, or out of use if there is a reason why.
func (a *action) become(why string) {
	if why == "" {
		a.allow()
	} else {
		a.forbid(why)
	}
}

func (a *action) tell() {
	if a.Disabled() && a.why != "" && a.told != nil {
		a.telling = true
		a.told(a.why)
	}
}

func (a *action) untell() {
	if a.telling {
		a.telling = false
		a.told("")
	}
}

// MinSize is that of the widest face.
func (a *action) MinSize() fyne.Size { return a.Button.MinSize().Max(a.least) }

// Tapped does what the button does, or tells why not.
func (a *action) Tapped(e *fyne.PointEvent) {
	a.tell()
	a.Button.Tapped(e)
}

// MouseIn tells why the button is out of use, if it is.
func (a *action) MouseIn(e *desktop.MouseEvent) {
	a.tell()
	a.Button.MouseIn(e)
}

// MouseOut takes the reason back.
func (a *action) MouseOut() {
	a.untell()
	a.Button.MouseOut()
}

// setImportance changes how the button looks, only if need be.
func (a *action) setImportance(i widget.Importance) {
	if a.Importance != i {
		a.Importance = i
		a.Refresh()
	}
}

// standOut marks the button as the one to press, or as one like the others.
func (a *action) standOut(on bool) {
	if on {
		a.setImportance(widget.HighImportance)
	} else {
		a.setImportance(widget.MediumImportance)
	}
}

// KeyDown, KeyUp, TypedRune and TypedKey give the window what the button has no use for: Fyne gives it to
// the button alone while that has the keyboard.
func (a *action) KeyDown(e *fyne.KeyEvent) { a.keys.KeyDown(e) }
func (a *action) KeyUp(*fyne.KeyEvent)     {}
func (a *action) TypedRune(r rune)         { a.keys.TypedRune(r) }
func (a *action) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		a.Tapped(nil)
	default:
		a.keys.TypedKey(e)
	}
}
