//go:build desktop && linux

package native

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"
)

// Whoever types on must not notice the popup: not the very first one, not one of fifty, not when it is
// clicked, and not when it goes.
func TestPopupNeverTakesTheKeyboard(t *testing.T) {
	screen, stage := openScreen(t), startStage(t)
	mine, keys := screen.window()
	var first time.Duration
	var later []time.Duration
	for n := range 50 {
		start := time.Now()
		stage.do("ring 0")
		w := screen.untilShown()
		if took := time.Since(start); n == 0 {
			first = took
		} else {
			later = append(later, took)
		}
		screen.typeKey(keys, fmt.Sprintf("popup %d came", n))
		if n%10 == 0 {
			x, y, width, _ := screen.geometry(w)
			screen.click(x+width/2, y+60) // on the number, which does nothing
			screen.typeKey(keys, fmt.Sprintf("popup %d clicked", n))
		}
		stage.do("end 2")
		screen.untilHidden()
		screen.typeKey(keys, fmt.Sprintf("popup %d went", n))
		if f := screen.focused(); f != mine {
			t.Fatalf("popup %d: window %#x has the keyboard, want %#x", n, f, mine)
		}
	}
	slices.Sort(later)
	t.Logf("from the state to the popup on the screen: first %v, later median %v, p95 %v",
		first, later[len(later)/2], later[len(later)*95/100])
}

func TestPopupSitsInTheCornerAboveTheOthers(t *testing.T) {
	screen, stage := openScreen(t), startStage(t)
	mine, _ := screen.window()
	const margin = 12
	bottomRight := func(w xproto.Window) [2]int {
		x, y, width, height := screen.geometry(w)
		return [2]int{x + width, y + height}
	}
	want := [2]int{1280 - margin, 800 - margin}

	stage.do("ring 0")
	w := screen.untilShown()
	if got := bottomRight(w); got != want {
		t.Errorf("the first popup ends at %v the moment it is seen, want %v", got, want)
	}
	_, _, width, one := screen.geometry(w)
	stage.do("ring 1")
	stage.do("ring 3")
	screen.until("the popup has grown", func() bool { _, _, _, h := screen.geometry(w); return h > 2*one })
	screen.until("it is back in its corner", func() bool { return bottomRight(w) == want })
	if _, _, now, _ := screen.geometry(w); now != width {
		t.Errorf("a long name made the popup %d pixels wide, want %d", now, width)
	}

	// A window that is laid over it, and raised, is below it again in a moment.
	x, y, _, _ := screen.geometry(w)
	xproto.ConfigureWindow(screen.conn, mine, xproto.ConfigWindowX|xproto.ConfigWindowY|xproto.ConfigWindowWidth|xproto.ConfigWindowHeight|xproto.ConfigWindowStackMode,
		[]uint32{uint32(x - 50), uint32(y - 50), 600, 500, xproto.StackModeAbove})
	screen.until("the popup is on top", func() bool {
		tree, err := xproto.QueryTree(screen.conn, screen.root).Reply()
		if err != nil {
			t.Fatal(err)
		}
		for i := len(tree.Children) - 1; i >= 0; i-- {
			a, err := xproto.GetWindowAttributes(screen.conn, tree.Children[i]).Reply()
			if err == nil && a.MapState == xproto.MapStateViewable && a.Class == xproto.WindowClassInputOutput {
				return tree.Children[i] == w
			}
		}
		return false
	})
	stage.do("end 2")
	screen.untilHidden()
}

// Notifications that come one after the other do not put off raising the popup until no more come.
func TestPopupIsRaisedWhileWhatCoversItChanges(t *testing.T) {
	screen, stage := openScreen(t), startStage(t)
	stage.do("ring 0")
	w := screen.untilShown()
	x, y, width, height := screen.geometry(w)
	cover := screen.unmanaged(int16(x-20), int16(y-20), uint16(width/2), uint16(height+20), "")
	above := func() bool { return screen.above(w, cover) }
	screen.until("it is raised at once", above)
	xproto.ConfigureWindow(screen.conn, cover, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
	half := false
	screen.until("it is raised again while another window covers now a part of it and now all", func() bool {
		xproto.ConfigureWindow(screen.conn, cover, xproto.ConfigWindowWidth, []uint32{map[bool]uint32{true: uint32(width / 2), false: uint32(width + 40)}[half]})
		half = !half
		return above()
	})
	xproto.DestroyWindow(screen.conn, cover)
	stage.do("end 2")
	screen.untilHidden()
}

// A locker is a full-screen window that no window manager manages: whoever passes by must not read who calls.
func TestPopupStaysBelowALocker(t *testing.T) {
	for _, first := range []bool{false, true} {
		t.Run(map[bool]string{false: "later", true: "first popup of all"}[first], func(t *testing.T) {
			screen, stage := openScreen(t), startStage(t)
			if !first {
				stage.do("ring 0")
				screen.untilShown()
				stage.do("end 2")
				screen.untilHidden()
			}
			locker := screen.locker()
			seen := make(chan struct{}) // the popup above the locker, at any time
			stop := make(chan struct{})
			watched := make(chan bool)
			go func() {
				above := false
				for {
					select {
					case <-stop:
						watched <- above
						return
					default:
						if w, ok := screen.popup(); ok && screen.above(w, locker) {
							if !above {
								close(seen)
							}
							above = true
						}
					}
				}
			}()
			stage.do("ring 0")
			w := screen.untilShown()
			stage.do("ring 1") // a second one raises it again
			select {
			case <-seen:
			case <-time.After(2500 * time.Millisecond): // longer than it is left under another window
			}
			close(stop)
			if <-watched {
				t.Error("the popup was above the locker")
			}
			xproto.DestroyWindow(screen.conn, locker)
			x, y, _, _ := screen.geometry(w)
			cover := screen.unmanaged(int16(x-20), int16(y-20), 300, 200, "")
			screen.until("the popup is above the others again", func() bool { return screen.above(w, cover) })
			stage.do("end 2")
			screen.untilHidden()
		})
	}
}

// Whoever has opened a menu where the popup is, such as the tray's, can read it. The popup lies above everything else,
// also above what came while the menu was open.
func TestPopupStaysBelowAMenu(t *testing.T) {
	for _, first := range []bool{false, true} {
		t.Run(map[bool]string{false: "opened under a popup", true: "open before the popup"}[first], func(t *testing.T) {
			screen, stage := openScreen(t), startStage(t)
			if !first {
				stage.do("ring 0")
				screen.untilShown()
			}
			menu := screen.unmanaged(800, 500, 400, 290, "_NET_WM_WINDOW_TYPE_POPUP_MENU")
			stage.do("ring 0")
			w := screen.untilShown()
			// A window that lies over the popup: that the popup is above it again shows that it has been raised.
			x, y, _, _ := screen.geometry(w)
			other := screen.unmanaged(int16(x-50), int16(y-50), 600, 500, "")
			xproto.ConfigureWindow(screen.conn, menu, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
			screen.until("the popup is above a window again", func() bool { return screen.above(w, other) })
			if screen.above(w, menu) {
				t.Error("the popup lies above a menu")
			}
			xproto.ConfigureWindow(screen.conn, other, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
			xproto.DestroyWindow(screen.conn, menu)
			screen.until("the popup is above the window after the menu", func() bool { return screen.above(w, other) })
			xproto.DestroyWindow(screen.conn, other)
			stage.do("end 2")
			screen.untilHidden()
		})
	}
}

// locker covers the screen with a window of the kind that lockers have.
func (s *screen) locker() xproto.Window { return s.unmanaged(0, 0, 1280, 800, "") }

// unmanaged opens a window that the window manager does not manage; kind is its type, "" for none.
func (s *screen) unmanaged(x, y int16, width, height uint16, kind string) xproto.Window {
	s.t.Helper()
	w, err := xproto.NewWindowId(s.conn)
	if err != nil {
		s.t.Fatal(err)
	}
	screen := xproto.Setup(s.conn).DefaultScreen(s.conn)
	err = xproto.CreateWindowChecked(s.conn, screen.RootDepth, w, s.root, x, y, width, height, 0, xproto.WindowClassInputOutput,
		screen.RootVisual, xproto.CwBackPixel|xproto.CwOverrideRedirect, []uint32{screen.BlackPixel, 1}).Check()
	if err != nil {
		s.t.Fatal(err)
	}
	if kind != "" {
		var atoms [2]xproto.Atom
		for i, name := range []string{"_NET_WM_WINDOW_TYPE", kind} {
			reply, err := xproto.InternAtom(s.conn, false, uint16(len(name)), name).Reply()
			if err != nil {
				s.t.Fatal(err)
			}
			atoms[i] = reply.Atom
		}
		xproto.ChangeProperty(s.conn, xproto.PropModeReplace, w, atoms[0], xproto.AtomAtom, 32, 1, binary.LittleEndian.AppendUint32(nil, uint32(atoms[1])))
	}
	if err := xproto.MapWindowChecked(s.conn, w).Check(); err != nil {
		s.t.Fatal(err)
	}
	return w
}

// above reports whether a window, or the frame around it, is above another.
func (s *screen) above(w, other xproto.Window) bool {
	tree, err := xproto.QueryTree(s.conn, s.root).Reply()
	if err != nil {
		return false
	}
	return slices.Index(tree.Children, w) > slices.Index(tree.Children, other)
}

func TestPopupButtonsByPointer(t *testing.T) {
	screen, stage := openScreen(t), startStage(t)
	for _, b := range []struct {
		fromLeft int
		want     string
	}{{70, "answered"}, {190, "hungup"}} {
		stage.do("ring 0")
		w := screen.untilShown()
		x, y, _, height := screen.geometry(w)
		// The first click comes too early to be meant for a popup that has only just come.
		screen.click(x+b.fromLeft, y+height-30)
		<-time.After(600 * time.Millisecond)
		select {
		case line := <-stage.lines:
			t.Errorf("a click at once did something: %s", line)
		default:
		}
		screen.click(x+b.fromLeft, y+height-30)
		stage.wait(b.want)
		stage.do("end 2")
		screen.untilHidden()
	}
}

// A popup leaves nothing behind. The tray alone may already have the popup's fonts and icons in memory, which are
// read a moment after the login: 30 MB without, 43 MB with them.
func TestPopupsLeaveNothingBehind(t *testing.T) {
	screen, stage := openScreen(t), startStage(t)
	tray := stage.memory()
	call := func(n int) {
		stage.do(fmt.Sprint("ring ", n%5))
		screen.untilShown()
		stage.do("end 2")
		screen.untilHidden()
	}
	call(0)
	first := stage.memory()
	for n := range 50 {
		call(n)
	}
	before := stage.memory()
	for n := range 200 {
		call(n)
	}
	after := stage.memory()
	t.Logf("resident: tray alone %d kB, after the first popup %d kB, after 50 %d kB, after 250 %d kB", tray, first, before, after)
	if grown := after - before; grown > 4<<10 {
		t.Errorf("200 popups left %d kB behind, want at most 4096", grown)
	}
	if tray > 48<<10 {
		t.Errorf("the tray alone takes %d kB, want at most 49152", tray)
	}
}

// The tray alone must cost nothing: neither before Fyne is needed, nor when its windows are hidden again; nor may a
// window in which nothing happens but a clock. A loop that
// draws would wake sixty times a second, always; what is left of the start, and a busy machine, do so for a while.
func TestIdleTakesNoProcessor(t *testing.T) {
	screen, stage := openScreen(t), startStage(t)
	const span = 2 * time.Second
	idle := func(when string, wakes func() int, limit float64) { // a second
		for end := time.Now().Add(time.Minute); ; {
			before := wakes()
			<-time.After(span)
			rate := float64(wakes()-before) / span.Seconds()
			t.Logf("%s: woken %.1f times a second", when, rate)
			if rate <= limit {
				return
			}
			if time.Now().After(end) {
				t.Errorf("%s: always woken more than %g times a second", when, limit)
				return
			}
		}
	}
	idle("before the first window", stage.wakes, 40)
	stage.do("ring 0")
	screen.untilShown()
	stage.do("end 2")
	screen.untilHidden()
	idle("after a popup", stage.wakes, 40)
	before := screen.focused()
	stage.do("window")
	screen.until("the window has the keyboard", func() bool { return screen.focused() != before })
	idle("with an open window, in which nothing happens", stage.loops, 30)
}
