//go:build linux

package desktoptest

import "github.com/jezek/xgb/xproto"

// Lock covers the screen as screen lockers do, with a window that the window manager does not manage, and grabs
// the keyboard. The caller must call unlock.
func (d *Desktop) Lock() (unlock func() error, err error) {
	w, err := xproto.NewWindowId(d.x)
	if err != nil {
		return nil, err
	}
	screen := xproto.Setup(d.x).DefaultScreen(d.x)
	err = xproto.CreateWindowChecked(d.x, screen.RootDepth, w, d.root, 0, 0, screen.WidthInPixels, screen.HeightInPixels, 0,
		xproto.WindowClassInputOutput, screen.RootVisual, xproto.CwBackPixel|xproto.CwOverrideRedirect, []uint32{screen.BlackPixel, 1}).Check()
	if err != nil {
		return nil, err
	}
	unlock = func() error { return xproto.DestroyWindowChecked(d.x, w).Check() }
	if err := xproto.MapWindowChecked(d.x, w).Check(); err != nil {
		return nil, err
	}
	_, err = xproto.GrabKeyboard(d.x, true, w, xproto.TimeCurrentTime, xproto.GrabModeAsync, xproto.GrabModeAsync).Reply()
	return unlock, err
}
