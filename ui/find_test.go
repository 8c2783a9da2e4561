package ui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"calltray/ui/widgets"
)

// part is a piece of a window, in which a test finds things by what they say.
type part struct {
	t    testing.TB
	name string
	root fyne.CanvasObject
}

// row is the nth call in the window, from 1.
func (f *fixture) row(n int) part {
	f.t.Helper()
	for _, r := range f.ui.window.calls.rows {
		if r.box.Visible() {
			if n--; n == 0 {
				return part{f.t, "the row of " + r.first.Text, r.box}
			}
		}
	}
	f.t.Fatal("there are not as many calls in the window")
	return part{}
}

// card is the nth call in the popup, from 1.
func (f *fixture) card(n int) part {
	f.t.Helper()
	c := f.ui.popup.cards[n-1]
	if !f.ui.popup.shown || !c.box.Visible() {
		f.t.Fatal("there are not as many calls in the popup")
	}
	return part{f.t, "the card of " + c.name.Text, c.box}
}

// page is what the window shows.
func (f *fixture) page() part {
	return part{f.t, "the window", f.ui.window.window.Canvas().Content()}
}

// button is the one visible button of a part that says so.
func (p part) button(label string) (found *widgets.Action) {
	p.t.Helper()
	visible(p.root, func(o fyne.CanvasObject) {
		if a, ok := o.(*widgets.Action); ok && (a.Text == label || a.Name() == label) {
			if found != nil {
				p.t.Fatalf("%s has two buttons %q", p.name, label)
			}
			found = a
		}
	})
	if found == nil {
		p.t.Fatalf("%s has no button %q", p.name, label)
	}
	return found
}

// press presses a button of a part.
func (p part) press(label string) {
	p.t.Helper()
	test.Tap(p.button(label))
}

// area is what makes a part one big button.
func (p part) area() (found *widgets.TapArea) {
	p.t.Helper()
	visible(p.root, func(o fyne.CanvasObject) {
		if a, ok := o.(*widgets.TapArea); ok {
			found = a
		}
	})
	if found == nil {
		p.t.Fatalf("%s cannot be tapped", p.name)
	}
	return found
}

// visible calls f for every object that is seen below one.
func visible(o fyne.CanvasObject, f func(fyne.CanvasObject)) {
	if !o.Visible() {
		return
	}
	f(o)
	switch w := o.(type) {
	case *fyne.Container:
		for _, c := range w.Objects {
			visible(c, f)
		}
	case *container.Scroll:
		visible(w.Content, f)
	}
}
