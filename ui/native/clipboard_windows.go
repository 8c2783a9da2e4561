package native

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	kernel32 = windows.NewLazySystemDLL("kernel32.dll")

	addClipboardFormatListener    = user32.NewProc("AddClipboardFormatListener")
	removeClipboardFormatListener = user32.NewProc("RemoveClipboardFormatListener")
	closeClipboard                = user32.NewProc("CloseClipboard")
	createWindowEx                = user32.NewProc("CreateWindowExW")
	destroyWindow                 = user32.NewProc("DestroyWindow")
	dispatchMessage               = user32.NewProc("DispatchMessageW")
	getClipboardData              = user32.NewProc("GetClipboardData")
	getMessage                    = user32.NewProc("GetMessageW")
	isClipboardFormatAvailable    = user32.NewProc("IsClipboardFormatAvailable")
	openClipboard                 = user32.NewProc("OpenClipboard")
	postThreadMessage             = user32.NewProc("PostThreadMessageW")
	registerClipboardFormat       = user32.NewProc("RegisterClipboardFormatW")

	globalLock   = kernel32.NewProc("GlobalLock")
	globalSize   = kernel32.NewProc("GlobalSize")
	globalUnlock = kernel32.NewProc("GlobalUnlock")
)

// From the Windows SDK (winuser.h).
const (
	formatUnicodeText = 13     // CF_UNICODETEXT
	messageQuit       = 0x0012 // WM_QUIT
	messageClipboard  = 0x031D // WM_CLIPBOARDUPDATE
)

// busyWait is how long to wait while another program has the clipboard open.
const busyWait = 10 * time.Millisecond

// reading holds one token while the clipboard is being read: a program that hangs while delivering its text
// costs one thread, not one per attempt.
var reading = make(chan struct{}, 1)

// Clipboard returns the text of the clipboard.
func (d *Desk) Clipboard(ctx context.Context) (string, error) {
	select {
	case reading <- struct{}{}:
	case <-ctx.Done():
		return "", fmt.Errorf("the clipboard: %w", ctx.Err())
	}
	type result struct {
		text string
		err  error
	}
	read := make(chan result, 1)
	go func() { // Windows waits for the program that owns the text, without a time limit
		defer func() { <-reading }()
		var r result
		r.err = withClipboard(ctx, func() {
			r.text = utf16Text(clipboardData(formatUnicodeText, maxClipboard))
		})
		read <- r
	}()
	select {
	case r := <-read:
		return r.text, r.err
	case <-ctx.Done():
		return "", fmt.Errorf("the clipboard: %w", ctx.Err())
	}
}

// WatchClipboard reports when another program puts something on the clipboard: at once that its content is
// unknown, and then that it can be read, unless it is a secret. There is no polling: a window that is never
// shown receives the messages (learn.microsoft.com, "Creating a Clipboard Format Listener").
func (d *Desk) WatchClipboard(ctx context.Context, changed func(readable bool)) {
	runtime.LockOSThread() // a window belongs to its thread
	defer runtime.UnlockOSThread()
	class, err := windows.UTF16PtrFromString("STATIC") // a window class that every process has
	if err != nil {
		return
	}
	messageOnly := ^uintptr(2) // HWND_MESSAGE, -3
	window, _, err := createWindowEx.Call(0, uintptr(unsafe.Pointer(class)), 0, 0, 0, 0, 0, 0, messageOnly, 0, 0, 0)
	if window == 0 {
		d.log.Info("the clipboard is not watched", "error", err)
		return
	}
	defer destroyWindow.Call(window)
	if ok, _, err := addClipboardFormatListener.Call(window); ok == 0 {
		d.log.Info("the clipboard is not watched", "error", err)
		return
	}
	defer removeClipboardFormatListener.Call(window)
	thread := windows.GetCurrentThreadId()
	defer context.AfterFunc(ctx, func() { _, _, _ = postThreadMessage.Call(uintptr(thread), messageQuit, 0, 0) })()

	for news := true; ; {
		if news {
			changed(false)
			if !secretive(ctx) {
				changed(true)
			}
		}
		var message struct { // MSG
			window         uintptr
			message        uint32
			wParam, lParam uintptr
			time           uint32
			x, y           int32
			private        uint32
		}
		if got, _, _ := getMessage.Call(uintptr(unsafe.Pointer(&message)), 0, 0, 0); int32(got) <= 0 || ctx.Err() != nil {
			return
		}
		news = message.message == messageClipboard
		if !news {
			_, _, _ = dispatchMessage.Call(uintptr(unsafe.Pointer(&message)))
		}
	}
}

// secretive reports whether the program that filled the clipboard asks for discretion, as password managers do:
// by Windows' own formats (learn.microsoft.com, "Cloud Clipboard and Clipboard History Formats"), or by the
// older one on which KeePass and the clipboard managers agreed.
func secretive(ctx context.Context) bool {
	for _, name := range []string{"ExcludeClipboardContentFromMonitorProcessing", "Clipboard Viewer Ignore"} {
		if available(clipboardFormat(name)) {
			return true
		}
	}
	history := clipboardFormat("CanIncludeInClipboardHistory")
	if !available(history) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	keep := false
	err := withClipboard(ctx, func() {
		data := clipboardData(history, 4)
		keep = len(data) > 0 && (data[0] != 0 || len(data) > 1 && data[1] != 0) // a DWORD; 0 forbids
	})
	return err != nil || !keep
}

func available(format uintptr) bool {
	there, _, _ := isClipboardFormatAvailable.Call(format)
	return format != 0 && there != 0
}

func clipboardFormat(name string) uintptr {
	p, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return 0
	}
	format, _, _ := registerClipboardFormat.Call(uintptr(unsafe.Pointer(p)))
	return format
}

// opening holds a token while a thread of ours has the clipboard open. As they open it for no window, a second one may
// be let in, and the first to close it takes it from both.
var opening = make(chan struct{}, 1)

// withClipboard calls read while the clipboard is open. If somebody else has it open, it waits as long as ctx allows.
func withClipboard(ctx context.Context, read func()) error {
	select {
	case opening <- struct{}{}:
		defer func() { <-opening }()
	case <-ctx.Done():
		return fmt.Errorf("the clipboard: %w", ctx.Err())
	}
	runtime.LockOSThread() // the clipboard is opened by a thread, not by the process
	defer runtime.UnlockOSThread()
	for {
		ok, _, err := openClipboard.Call(0)
		if ok != 0 {
			break
		}
		select {
		case <-time.After(busyWait):
		case <-ctx.Done():
			return fmt.Errorf("the clipboard: %w", errors.Join(err, ctx.Err()))
		}
	}
	defer closeClipboard.Call()
	read()
	return nil
}

// clipboardData returns a copy of the beginning of the open clipboard's content in a format, in UTF-16 units;
// nil if there is none.
func clipboardData(format uintptr, most int) []uint16 {
	handle, _, _ := getClipboardData.Call(format)
	if handle == 0 {
		return nil
	}
	address, _, _ := globalLock.Call(handle)
	if address == 0 {
		return nil
	}
	defer globalUnlock.Call(handle)
	size, _, _ := globalSize.Call(handle) // of the block, which may be larger than the text
	units := min(int(size), most) / 2
	if units <= 0 {
		return nil
	}
	data := *(*unsafe.Pointer)(unsafe.Pointer(&address)) // Windows' memory, which Go does not move
	return append([]uint16(nil), unsafe.Slice((*uint16)(data), units)...)
}

// utf16Text decodes up to the first NUL.
func utf16Text(units []uint16) string {
	for i, u := range units {
		if u == 0 {
			units = units[:i]
			break
		}
	}
	return string(utf16.Decode(units))
}

// Selection is not available without simulating key presses: the clipboard is.
func (d *Desk) Selection(context.Context) (string, error) { return "", errors.ErrUnsupported }
