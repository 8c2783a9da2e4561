package ui

import (
	"image"
	"testing"

	"fyne.io/fyne/v2/test"

	"calltray/cstasession/csta"
	"calltray/internal/account"
)

// drags presses the pointer on the popup, at its card's heading or on a button, and releases it elsewhere.
func (f *fixture) drags(grab, way image.Point) {
	f.t.Helper()
	from := f.desk.at.Add(grab)
	tell := func(at image.Point, pressed bool) {
		f.desk.pointer(at.Sub(f.desk.at), at, true, pressed)
		f.settle()
	}
	f.ui.popup.moved = f.ui.popup.moved.Add(-tapGuard)
	tell(from, true)
	for n := range 4 {
		tell(from.Add(way.Mul(n+1).Div(4)), true)
	}
	tell(from.Add(way), false)
}

// The popup is dragged into a corner, and to another screen, and comes up there again; for other screens it is asked
// anew. No call is touched by that.
func TestPopupIsDragged(t *testing.T) {
	f := newFixture(t)
	f.desk.corner = [2]int{1920, 1080}
	ring := call("1", csta.Ringing, "22334455", "Ærø Bageri")
	head := image.Pt(150, 15)
	ringAt := func() (p image.Point) { // whose corner is nearest
		f.online()
		f.online(ring)
		return f.desk.at
	}
	size := func() image.Point { return f.desk.picture.Rect.Size() }
	rightBottom := ringAt()
	if want := image.Pt(1920, 1080).Sub(size()).Sub(image.Pt(popupMargin, popupMargin)); rightBottom != want {
		t.Fatalf("the popup is at %v, want %v", rightBottom, want)
	}
	f.drags(head, image.Pt(3, -3))
	if f.desk.at != rightBottom || f.ui.remembered.PopupPlaces != nil {
		t.Errorf("a click that was not steady moved the popup to %v", f.desk.at)
	}
	f.drags(f.middle(f.ui.popup.cards[0].answer), image.Pt(-900, -500))
	f.drags(f.middle(f.ui.popup.cards[0].hangUp), image.Pt(-900, -500))
	if f.desk.at != rightBottom {
		t.Errorf("a drag from a button moved the popup to %v", f.desk.at)
	}
	f.drags(head, image.Pt(-1200, -100))
	leftBottom := image.Pt(popupMargin, rightBottom.Y)
	if f.desk.at != leftBottom {
		t.Errorf("dragged to the left, the popup is at %v, want %v", f.desk.at, leftBottom)
	}
	f.drags(head, image.Pt(0, -900))
	if want := image.Pt(popupMargin, popupMargin); f.desk.at != want || ringAt() != want {
		t.Errorf("dragged to the top, it is at %v, want %v", f.desk.at, want)
	}
	f.notAsked("dragging")
	if !f.ui.popup.shown || len(f.ui.popup.dismissed) > 0 {
		t.Error("dragging took a call away")
	}

	f.desk.second = image.Rect(1920, 0, 3840, 1080) // other screens
	if got := ringAt(); got != rightBottom {
		t.Errorf("with other screens it is at %v, want %v", got, rightBottom)
	}
	f.drags(head, image.Pt(1500, 0))
	second := rightBottom.Add(image.Pt(1920, 0))
	if f.desk.at != second || ringAt() != second {
		t.Errorf("dragged to the second screen, it is at %v, want %v", f.desk.at, second)
	}
	want := []account.PopupPlace{{Screens: "1920x1080+0+0", Left: true, Top: true}, {Screens: "1920x1080+0+0 1920x1080+1920+0", Screen: 2}}
	if got := f.ui.remembered.PopupPlaces; len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("remembered: %+v, want %+v", got, want)
	}
	f.ui.window.open(pageSettings)
	for _, row := range f.ui.window.settings.form.rows {
		if c, ok := row.control.(*pressControl); ok && c.button.Text == "Bottom right" {
			test.Tap(c.button)
		}
	}
	f.ui.window.close()
	if got := ringAt(); got != rightBottom {
		t.Errorf("put back, it is at %v, want %v", got, rightBottom)
	}
	f.desk.second = image.Rectangle{}
	if got := ringAt(); got != image.Pt(popupMargin, popupMargin) {
		t.Errorf("with the first screens again it is at %v", got)
	}
}
