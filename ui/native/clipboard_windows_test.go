package native

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	emptyClipboard   = user32.NewProc("EmptyClipboard")
	setClipboardData = user32.NewProc("SetClipboardData")
	globalAlloc      = kernel32.NewProc("GlobalAlloc")
)

// window is that of another program, to own the clipboard.
func window(t *testing.T) uintptr {
	t.Helper()
	class, err := windows.UTF16PtrFromString("STATIC")
	if err != nil {
		t.Fatal(err)
	}
	w, _, err := createWindowEx.Call(0, uintptr(unsafe.Pointer(class)), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	if w == 0 {
		t.Fatal(err)
	}
	return w
}

// put is another program that puts something on the clipboard: content by the names of formats, "" for
// text.
func put(t *testing.T, content map[string][]uint16) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	owner := window(t)
	defer destroyWindow.Call(owner)
	for start := time.Now(); ; time.Sleep(busyWait) {
		ok, _, err := openClipboard.Call(owner)
		if ok != 0 {
			break
		}
		if time.Since(start) > 10*time.Second {
			t.Fatal(err)
		}
	}
	defer closeClipboard.Call()
	_, _, _ = emptyClipboard.Call()
	for name, data := range content {
		format := uintptr(formatUnicodeText)
		if name != "" {
			format = clipboardFormat(name)
		}
		const moveable = 2                                                          // GMEM_MOVEABLE
		handle, _, _ := globalAlloc.Call(moveable, uintptr(max(2*len(data), 1)+64)) // blocks may be larger
		address, _, _ := globalLock.Call(handle)
		for i := range 32 + len(data) {
			*(*uint16)(unsafe.Add(*(*unsafe.Pointer)(unsafe.Pointer(&address)), 2*i)) = 'x' // what lies behind it
		}
		copy(unsafe.Slice(*(**uint16)(unsafe.Pointer(&address)), len(data)+1), data)
		_, _, _ = globalUnlock.Call(handle)
		if ok, _, err := setClipboardData.Call(format, handle); ok == 0 {
			t.Fatal(name, err)
		}
	}
}

func textOf(s string) []uint16 { return append(utf16.Encode([]rune(s)), 0) }

func TestClipboard(t *testing.T) {
	d := New(nil)
	for _, want := range []string{"+45 22 33 44 55", "", "blåbærgrød 🫐", "two\r\nlines"} {
		put(t, map[string][]uint16{"": textOf(want)})
		if got, err := d.Clipboard(t.Context()); got != want || err != nil {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	put(t, map[string][]uint16{"": {0xD800, '1', 0}})
	if got, err := d.Clipboard(t.Context()); got != "\uFFFD1" || err != nil {
		t.Errorf("half a character: %q, %v", got, err)
	}
	put(t, map[string][]uint16{"": textOf(strings.Repeat("1", maxClipboard))})
	if got, err := d.Clipboard(t.Context()); len(got) != maxClipboard/2 || err != nil {
		t.Errorf("a page too many: %d bytes, %v", len(got), err)
	}
	put(t, map[string][]uint16{"": {}}) // no end
	if got, err := d.Clipboard(t.Context()); strings.Trim(got, "x") != "" || err != nil {
		t.Errorf("without an end: %q, %v", got, err)
	}
	put(t, map[string][]uint16{"Something else": {1}})
	if got, err := d.Clipboard(t.Context()); got != "" || err != nil {
		t.Errorf("no text: %q, %v", got, err)
	}
}

// A program that keeps the clipboard open costs the time limit, and no more.
func TestClipboardInUse(t *testing.T) {
	put(t, map[string][]uint16{"": textOf("1")})
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	owner := window(t)
	defer destroyWindow.Call(owner)
	if ok, _, err := openClipboard.Call(owner); ok == 0 {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got, err := New(nil).Clipboard(ctx); got != "" || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %q, %v", got, err)
	}
	_, _, _ = closeClipboard.Call()
	if got, err := New(nil).Clipboard(t.Context()); got != "1" || err != nil {
		t.Errorf("later: %q, %v", got, err)
	}
}

// The clipboard is looked at when another program puts something there, unless that is a secret.
func TestWatchClipboard(t *testing.T) {
	put(t, map[string][]uint16{"": textOf("before")})
	ctx, cancel := context.WithCancel(t.Context())
	d := New(nil)
	told, ended := make(chan string, 100), make(chan struct{})
	go func() {
		defer close(ended)
		d.WatchClipboard(ctx, func(readable bool) {
			if readable {
				s, _ := d.Clipboard(ctx)
				told <- s
			}
		})
	}()
	// next returns what is told next, and not what was told before, of which there may be more than one
	// message.
	next := func(before string) string {
		for {
			select {
			case s := <-told:
				if s != before {
					return s
				}
			case <-time.After(30 * time.Second):
				return "(nothing)"
			}
		}
	}
	if got := next(""); got != "before" {
		t.Fatalf("at the start: %q", got)
	}
	last := "before"
	for _, secret := range []map[string][]uint16{
		{"ExcludeClipboardContentFromMonitorProcessing": {0}},
		{"Clipboard Viewer Ignore": {0}},
		{"CanIncludeInClipboardHistory": {0, 0}},
	} {
		secret[""] = textOf("password")
		put(t, secret)
		if !secretive(ctx) {
			t.Errorf("%v is no secret", secret)
		}
		open := map[string][]uint16{"": textOf("after " + last), "CanIncludeInClipboardHistory": {1, 0}}
		put(t, open)
		if secretive(ctx) {
			t.Errorf("%v is a secret", open)
		}
		if got := next(last); got != "after "+last {
			t.Errorf("%v: got %q", secret, got)
		}
		last = "after " + last
	}
	cancel()
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		t.Error("it does not end")
	}
}
