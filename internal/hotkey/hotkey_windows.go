package hotkey

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	user32            = windows.NewLazySystemDLL("user32.dll")
	getMessage        = user32.NewProc("GetMessageW")
	peekMessage       = user32.NewProc("PeekMessageW")
	postThreadMessage = user32.NewProc("PostThreadMessageW")
	registerHotKey    = user32.NewProc("RegisterHotKey")
	unregisterHotKey  = user32.NewProc("UnregisterHotKey")
)

// From the Windows SDK (winuser.h).
const (
	modAlt, modControl, modShift, modWin, modNoRepeat = 1, 2, 4, 8, 0x4000

	messageQuit   = 0x0012 // WM_QUIT
	messageHotKey = 0x0312 // WM_HOTKEY
)

// message is Windows' MSG.
type message struct {
	window         uintptr
	message        uint32
	wParam, lParam uintptr
	time           uint32
	x, y           int32
	private        uint32
}

// watch: hotkeys belong to the thread that registered them, which alone receives their messages
// (learn.microsoft.com, RegisterHotKey).
func watch(ctx context.Context, bindings []Binding, told func(Binding, error), pressed func(Binding)) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var m message
	_, _, _ = peekMessage.Call(uintptr(unsafe.Pointer(&m)), 0, 0, 0, 0) // from here on the thread has a queue
	for i, b := range bindings {
		id := uintptr(i + 1)
		ok, _, err := registerHotKey.Call(0, id, modifiers(b.Key), uintptr(b.Key.code().virtual))
		switch {
		case ok != 0:
			defer unregisterHotKey.Call(0, id)
			told(b, nil)
		case errors.Is(err, windows.ERROR_HOTKEY_ALREADY_REGISTERED):
			told(b, ErrTaken)
		default:
			told(b, fmt.Errorf("%w: %w", ErrRefused, err))
		}
	}
	thread := windows.GetCurrentThreadId()
	defer context.AfterFunc(ctx, func() { _, _, _ = postThreadMessage.Call(uintptr(thread), messageQuit, 0, 0) })()
	for {
		if got, _, _ := getMessage.Call(uintptr(unsafe.Pointer(&m)), 0, 0, 0); int32(got) <= 0 || ctx.Err() != nil {
			return nil
		}
		if i := int(m.wParam) - 1; m.message == messageHotKey && i >= 0 && i < len(bindings) {
			pressed(bindings[i])
		}
	}
}

func modifiers(k Key) uintptr {
	var m uintptr = modNoRepeat
	for mask, held := range map[uintptr]bool{modControl: k.Ctrl, modAlt: k.Alt, modShift: k.Shift, modWin: k.Super} {
		if held {
			m |= mask
		}
	}
	return m
}
