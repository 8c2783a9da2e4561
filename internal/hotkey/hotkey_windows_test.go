package hotkey

import (
	"context"
	"errors"
	"testing"
	"time"
)

var keybdEvent = user32.NewProc("keybd_event")

// press presses keys together, as a keyboard does, and lets them go.
func press(virtual ...uintptr) {
	const up = 2 // KEYEVENTF_KEYUP
	for _, v := range virtual {
		_, _, _ = keybdEvent.Call(v, 0, 0, 0)
	}
	for _, v := range virtual {
		_, _, _ = keybdEvent.Call(v, 0, up, 0)
	}
}

// TestWindows: a key works, one that another program has is reported, and a released key can be taken again.
func TestWindows(t *testing.T) {
	bindings := func(keys ...string) (list []Binding) {
		for _, k := range keys {
			key, err := Parse(k)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, Binding{ID: k, Key: key})
		}
		return list
	}
	start := func(list []Binding) (told chan error, pressed chan string, end func()) {
		told, pressed = make(chan error, 10), make(chan string, 10)
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() {
			ended <- Watch(ctx, list, func(_ Binding, why error) { told <- why }, func(b Binding) { pressed <- b.ID })
		}()
		return told, pressed, func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}
	told, pressed, end := start(bindings("Ctrl+Alt+K", "Shift+F8"))
	for range 2 {
		if err := <-told; err != nil {
			t.Fatal(err)
		}
	}
	second, _, endSecond := start(bindings("Ctrl+Alt+K"))
	if err := <-second; !errors.Is(err, ErrTaken) {
		t.Errorf("a key that is taken: %v", err)
	}
	endSecond()
	for want, keys := range map[string][]uintptr{"Ctrl+Alt+K": {0x11, 0x12, 'K'}, "Shift+F8": {0x10, 0x77}} {
		press(keys...)
		select {
		case got := <-pressed:
			if got != want {
				t.Errorf("%s was pressed, want %s", got, want)
			}
		case <-time.After(time.Minute):
			t.Errorf("%s was not told", want)
		}
	}
	end()
	third, _, endThird := start(bindings("Ctrl+Alt+K"))
	if err := <-third; err != nil {
		t.Errorf("a key that was given back: %v", err)
	}
	endThird()
}
