//go:build desktop && linux

package native

import (
	"testing"

	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"
)

// twoMonitors cuts the screen into a left and a right half, as long as a test runs.
func (s *screen) twoMonitors() {
	s.t.Helper()
	if err := randr.Init(s.conn); err != nil {
		s.t.Fatal(err)
	}
	resources, err := randr.GetScreenResources(s.conn, s.root).Reply()
	if err != nil {
		s.t.Fatal(err)
	}
	for n, outputs := range [][]randr.Output{resources.Outputs, nil} { // without its output, the whole screen stays a monitor
		name := []string{"calltray-left", "calltray-right"}[n]
		atom, err := xproto.InternAtom(s.conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			s.t.Fatal(err)
		}
		if err := randr.SetMonitorChecked(s.conn, s.root, randr.MonitorInfo{Name: atom.Atom, Primary: n == 0, X: int16(n * 640), Width: 640, Height: 800,
			WidthInMillimeters: 169, HeightInMillimeters: 212, NOutput: uint16(len(outputs)), Outputs: outputs}).Check(); err != nil {
			s.t.Fatal(err)
		}
		s.t.Cleanup(func() { _ = randr.DeleteMonitorChecked(s.conn, s.root, atom.Atom).Check() })
	}
}

// With two monitors the popup is in the corner of the one that the pointer is on, until it is dragged to another
// place: there it comes up from then on, wherever the pointer is. The drag answers nobody, and takes no keyboard.
func TestPopupOnTwoMonitors(t *testing.T) {
	screen, stage := openScreen(t), startStage(t)
	screen.twoMonitors()
	mine, keys := screen.window()
	const margin = 12
	ring := func(pointer int) (w xproto.Window, edges [4]int) {
		t.Helper()
		screen.fake(xproto.MotionNotify, 0, pointer, 300)
		stage.do("ring 0")
		w = screen.untilShown()
		x, y, width, height := screen.geometry(w)
		return w, [4]int{x, y, x + width, y + height}
	}
	for _, side := range []int{0, 640, 0} {
		if _, at := ring(side + 100); at[2] != side+640-margin || at[3] != 800-margin {
			t.Errorf("with the pointer at %d the popup is at %v", side+100, at)
		}
		stage.do("end 2")
		screen.untilHidden()
	}
	w, at := ring(100)
	grab := [2]int{at[0] + 150, at[1] + 15} // on its heading
	screen.fake(xproto.MotionNotify, 0, grab[0], grab[1])
	screen.fake(xproto.ButtonPress, 1, grab[0], grab[1])
	for n := range 20 {
		screen.fake(xproto.MotionNotify, 0, grab[0]+30*(n+1), grab[1]-25*(n+1))
	}
	screen.fake(xproto.ButtonRelease, 1, grab[0]+600, grab[1]-500)
	there := func(w xproto.Window) bool {
		x, y, width, _ := screen.geometry(w)
		return x+width == 1280-margin && y == margin
	}
	screen.until("the popup is in the corner that it was dragged to", func() bool { return there(w) })
	screen.typeKey(keys, "the popup was dragged")
	if f := screen.focused(); f != mine {
		t.Errorf("window %#x has the keyboard, want %#x", f, mine)
	}
	select {
	case line := <-stage.lines:
		t.Errorf("the drag did something: %s", line)
	default:
	}
	stage.do("end 2")
	screen.untilHidden()
	if w, at := ring(100); !there(w) {
		t.Errorf("the next popup is at %v", at)
	}
	stage.do("end 2")
	screen.untilHidden()
}
