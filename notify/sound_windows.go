package notify

import (
	"context"
	"errors"
	"unsafe"

	"golang.org/x/sys/windows"
)

var playSound = windows.NewLazySystemDLL("winmm.dll").NewProc("PlaySoundW")

// playRinging plays the sound that the user's sound scheme has for notifications. (learn.microsoft.com: PlaySound)
func playRinging(context.Context) error {
	const alias, async = 0x00010000, 0x0001 // SND_ALIAS, SND_ASYNC
	name, err := windows.UTF16PtrFromString("Notification.Default")
	if err != nil {
		return err
	}
	if played, _, _ := playSound.Call(uintptr(unsafe.Pointer(name)), 0, alias|async); played == 0 {
		return errors.New("Windows has no sound for notifications")
	}
	return nil
}
