package native

import (
	"errors"
	"fmt"
	"image"
	"math"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

// popup is the window that shows the popup's picture: a layered one, whose pixels are given to Windows as a
// whole. A tool window appears neither in the task bar nor in Alt+Tab; one that is not activated stays inactive
// when it is clicked, and receives the click. (learn.microsoft.com, "Extended Window Styles")
type popup struct {
	window  uintptr // 0 until the first picture
	shown   bool
	bitmap  uintptr // a DIB section with that size, whose pixels are at bits
	memory  uintptr // the device context into which it is selected
	bits    unsafe.Pointer
	size    image.Point
	mu      sync.Mutex
	pointer func(at, desktop image.Point, on, pressed bool) // guarded by mu
}

var (
	gdi32  = windows.NewLazySystemDLL("gdi32.dll")
	shcore = windows.NewLazySystemDLL("shcore.dll")

	defWindowProc       = user32.NewProc("DefWindowProcW")
	enumDisplayMonitors = user32.NewProc("EnumDisplayMonitors")
	getCursorPos        = user32.NewProc("GetCursorPos")
	getMonitorInfo      = user32.NewProc("GetMonitorInfoW")
	loadCursor          = user32.NewProc("LoadCursorW")
	monitorFromRect     = user32.NewProc("MonitorFromRect")
	releaseCapture      = user32.NewProc("ReleaseCapture")
	setCapture          = user32.NewProc("SetCapture")
	getCapture          = user32.NewProc("GetCapture")
	registerClassEx     = user32.NewProc("RegisterClassExW")
	setWindowPos        = user32.NewProc("SetWindowPos")
	trackMouseEvent     = user32.NewProc("TrackMouseEvent")
	updateLayeredWindow = user32.NewProc("UpdateLayeredWindow")
	createCompatibleDC  = gdi32.NewProc("CreateCompatibleDC")
	createDIBSection    = gdi32.NewProc("CreateDIBSection")
	deleteObject        = gdi32.NewProc("DeleteObject")
	selectObject        = gdi32.NewProc("SelectObject")
	getDpiForMonitor    = shcore.NewProc("GetDpiForMonitor") // since Windows 8.1
)

// From the Windows SDK (winuser.h, wingdi.h).
const (
	styleTopmost    = 0x00000008
	styleToolWindow = 0x00000080
	styleLayered    = 0x00080000
	styleNoActivate = 0x08000000
	stylePopup      = 0x80000000

	keepSize   = 0x0001 // SWP_NOSIZE
	keepPlace  = 0x0002 // SWP_NOMOVE
	keepOrder  = 0x0004 // SWP_NOZORDER
	noActivate = 0x0010 // SWP_NOACTIVATE
	toShow     = 0x0040 // SWP_SHOWWINDOW
	toHide     = 0x0080 // SWP_HIDEWINDOW

	messageMouseActivate = 0x0021
	messageMouseMove     = 0x0200
	messageButtonDown    = 0x0201
	messageButtonUp      = 0x0202
	messageMouseLeave    = 0x02A3
)

type (
	winPoint struct{ X, Y int32 }
	winRect  struct{ Left, Top, Right, Bottom int32 }
)

// ShowsPictures: a layered window does.
func (d *Desk) ShowsPictures() bool { return true }

// monitors are the screens last reported to seen.
var (
	monitorsMu sync.Mutex // while they are listed
	monitors   []image.Rectangle
	seen       = sync.OnceValue(func() uintptr { // the number of callbacks is limited, and they cannot be freed
		return windows.NewCallback(func(_, _ uintptr, place *winRect, _ uintptr) uintptr {
			monitors = append(monitors, image.Rect(int(place.Left), int(place.Top), int(place.Right), int(place.Bottom)))
			return 1 // continue
		})
	})
)

// Screens returns the monitors.
func (d *Desk) Screens() []image.Rectangle {
	monitorsMu.Lock()
	defer monitorsMu.Unlock()
	monitors = nil
	_, _, _ = enumDisplayMonitors.Call(0, 0, seen(), 0)
	return monitors
}

// PopupScreen returns the work area of the monitor with the largest part of a rectangle or, if that is empty,
// of the one with the pointer, and the number of pixels in a Fyne unit there.
func (d *Desk) PopupScreen(of image.Rectangle) (area image.Rectangle, scale float32, ok bool) {
	if of.Empty() {
		of = image.Rect(0, 0, 1, 1).Add(cursor())
	}
	const nearest = 2 // MONITOR_DEFAULTTONEAREST
	here := winRect{int32(of.Min.X), int32(of.Min.Y), int32(of.Max.X), int32(of.Max.Y)}
	monitor, _, _ := monitorFromRect.Call(uintptr(unsafe.Pointer(&here)), nearest)
	if monitor == 0 {
		return area, 0, false
	}
	info := struct {
		size       uint32
		whole, own winRect
		flags      uint32
	}{}
	info.size = uint32(unsafe.Sizeof(info))
	if got, _, _ := getMonitorInfo.Call(monitor, uintptr(unsafe.Pointer(&info))); got == 0 {
		return area, 0, false
	}
	const plain = 96 // USER_DEFAULT_SCREEN_DPI
	x, y := uint32(plain), uint32(plain)
	if getDpiForMonitor.Find() == nil {
		const effective = 0 // MDT_EFFECTIVE_DPI
		if result, _, _ := getDpiForMonitor.Call(monitor, effective, uintptr(unsafe.Pointer(&x)), uintptr(unsafe.Pointer(&y))); result != 0 {
			x = plain
		}
	}
	area = image.Rect(int(info.own.Left), int(info.own.Top), int(info.own.Right), int(info.own.Bottom))
	return area, float32(x) / plain, !area.Empty()
}

// cursor returns the pointer's position on the desktop.
func cursor() image.Point {
	var at winPoint
	_, _, _ = getCursorPos.Call(uintptr(unsafe.Pointer(&at)))
	return image.Pt(int(at.X), int(at.Y))
}

// PopupPointer makes f be called for what the pointer does on the popup.
func (d *Desk) PopupPointer(f func(at, desktop image.Point, on, pressed bool)) {
	d.popup.mu.Lock()
	defer d.popup.mu.Unlock()
	d.popup.pointer = f
}

// PreparePopup makes a picture ready to be shown.
func (d *Desk) PreparePopup(picture *image.NRGBA, changed image.Rectangle) error {
	p := &d.popup
	if p.window == 0 {
		if err := p.open(); err != nil {
			return err
		}
	}
	if size := picture.Rect.Size(); size != p.size {
		if err := p.resize(size); err != nil {
			return err
		}
		changed = picture.Rect
	}
	p.paint(picture, changed)
	return nil
}

// ShowPopup puts a picture on the screen, or updates a part of it.
func (d *Desk) ShowPopup(picture *image.NRGBA, at image.Point, changed image.Rectangle) error {
	if err := d.PreparePopup(picture, changed); err != nil {
		return err
	}
	p := &d.popup
	to, size, from := winPoint{int32(at.X), int32(at.Y)}, winPoint{int32(p.size.X), int32(p.size.Y)}, winPoint{}
	blend := [4]byte{0, 0, 0xff, 0} // AC_SRC_OVER with full opacity; the picture is opaque
	const opaque = 4                // ULW_OPAQUE
	if ok, _, err := updateLayeredWindow.Call(p.window, 0, uintptr(unsafe.Pointer(&to)), uintptr(unsafe.Pointer(&size)), p.memory,
		uintptr(unsafe.Pointer(&from)), 0, uintptr(unsafe.Pointer(&blend)), opaque); ok == 0 {
		return fmt.Errorf("UpdateLayeredWindow: %w", err)
	}
	if !p.shown {
		p.shown = true
		topmost := ^uintptr(0) // HWND_TOPMOST, -1
		_, _, _ = setWindowPos.Call(p.window, topmost, 0, 0, 0, 0, keepSize|keepPlace|noActivate|toShow)
	}
	return nil
}

// HidePopup removes the popup from the screen. It does not use ShowWindow, which activates another window when
// it hides one.
func (d *Desk) HidePopup() {
	if d.popup.shown {
		d.popup.shown = false
		_, _, _ = setWindowPos.Call(d.popup.window, 0, 0, 0, 0, 0, keepSize|keepPlace|keepOrder|noActivate|toHide)
	}
}

// resize creates the bitmap for the picture.
func (p *popup) resize(size image.Point) error {
	if p.memory == 0 {
		var err error
		if p.memory, _, err = createCompatibleDC.Call(0); p.memory == 0 {
			return fmt.Errorf("CreateCompatibleDC: %w", err)
		}
	}
	header := struct { // BITMAPINFOHEADER
		size                       uint32
		width, height              int32
		planes, bits               uint16
		compression, bytes         uint32
		perMetreX, perMetreY       int32
		coloursUsed, coloursNeeded uint32
	}{width: int32(size.X), height: -int32(size.Y), planes: 1, bits: 32} // negative: the top row first
	header.size = uint32(unsafe.Sizeof(header))
	var bits unsafe.Pointer
	bitmap, _, err := createDIBSection.Call(0, uintptr(unsafe.Pointer(&header)), 0, uintptr(unsafe.Pointer(&bits)), 0, 0)
	if bitmap == 0 {
		return fmt.Errorf("CreateDIBSection: %w", err)
	}
	_, _, _ = selectObject.Call(p.memory, bitmap)
	if p.bitmap != 0 {
		_, _, _ = deleteObject.Call(p.bitmap)
	}
	p.bitmap, p.bits, p.size = bitmap, bits, size
	return nil
}

// paint copies a part of a picture into the bitmap.
func (p *popup) paint(picture *image.NRGBA, part image.Rectangle) {
	part = part.Intersect(picture.Rect)
	pixels := unsafe.Slice((*byte)(p.bits), 4*p.size.X*p.size.Y)
	for y := part.Min.Y; y < part.Max.Y; y++ {
		from := picture.PixOffset(part.Min.X, y)
		to := pixels[4*((y-picture.Rect.Min.Y)*p.size.X+part.Min.X-picture.Rect.Min.X):]
		for i := 0; i < 4*part.Dx(); i += 4 {
			to[i], to[i+1], to[i+2], to[i+3] = picture.Pix[from+i+2], picture.Pix[from+i+1], picture.Pix[from+i], 0xff // blue first
		}
	}
}

// open creates the window, on a thread of its own, which handles its messages.
func (p *popup) open() error {
	made := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := p.make()
		made <- err
		for err == nil {
			var message [64]byte // MSG is shorter
			if got, _, _ := getMessage.Call(uintptr(unsafe.Pointer(&message)), 0, 0, 0); int32(got) <= 0 {
				return
			}
			_, _, _ = dispatchMessage.Call(uintptr(unsafe.Pointer(&message)))
		}
	}()
	return <-made
}

var errNoWindow = errors.New("no window for the popup")

func (p *popup) make() error {
	class, err1 := windows.UTF16PtrFromString("CalltrayPopup")
	title, err2 := windows.UTF16PtrFromString(popupTitle)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	const arrow = 32512 // IDC_ARROW
	cursor, _, _ := loadCursor.Call(0, arrow)
	definition := struct { // WNDCLASSEX
		size, style        uint32
		procedure          uintptr
		extra, windowExtra int32
		instance, icon     uintptr
		cursor, background uintptr
		menu, class        *uint16
		small              uintptr
	}{procedure: windows.NewCallback(p.message), cursor: cursor, class: class}
	definition.size = uint32(unsafe.Sizeof(definition))
	if atom, _, err := registerClassEx.Call(uintptr(unsafe.Pointer(&definition))); atom == 0 {
		return fmt.Errorf("%w: %w", errNoWindow, err)
	}
	window, _, err := createWindowEx.Call(styleLayered|styleTopmost|styleToolWindow|styleNoActivate, uintptr(unsafe.Pointer(class)),
		uintptr(unsafe.Pointer(title)), stylePopup, 0, 0, 1, 1, 0, 0, 0, 0)
	if window == 0 {
		return fmt.Errorf("%w: %w", errNoWindow, err)
	}
	p.window = window
	return nil
}

// message handles a message from Windows.
func (p *popup) message(window, message, w, l uintptr) uintptr {
	const leftButton, noActivation = 1, 3 // MK_LBUTTON, MA_NOACTIVATE
	at := image.Pt(int(int16(l&math.MaxUint16)), int(int16(l>>16&math.MaxUint16)))
	switch message {
	case messageMouseActivate:
		return noActivation
	case messageMouseMove:
		leave := struct { // TRACKMOUSEEVENT
			size, flags uint32
			window      uintptr
			hover       uint32
		}{flags: 2, window: window} // TME_LEAVE: requested again after each one
		leave.size = uint32(unsafe.Sizeof(leave))
		_, _, _ = trackMouseEvent.Call(uintptr(unsafe.Pointer(&leave)))
		p.pointed(at, true, w&leftButton != 0)
		return 0
	case messageButtonDown, messageButtonUp:
		if message == messageButtonDown { // a drag may leave the window
			_, _, _ = setCapture.Call(window)
		} else {
			_, _, _ = releaseCapture.Call()
		}
		p.pointed(at, true, message == messageButtonDown)
		return 0
	case messageMouseLeave:
		if held, _, _ := getCapture.Call(); held == window {
			return 0 // while it is dragged, its next move brings the pointer's position
		}
		p.pointed(image.Point{}, false, false)
		return 0
	}
	result, _, _ := defWindowProc.Call(window, message, w, l)
	return result
}

func (p *popup) pointed(at image.Point, on, pressed bool) {
	p.mu.Lock()
	f := p.pointer
	p.mu.Unlock()
	if f != nil {
		f(at, cursor(), on, pressed)
	}
}
