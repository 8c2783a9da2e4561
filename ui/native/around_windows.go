package native

import (
	"context"
	"unsafe"

	"golang.org/x/sys/windows"

	"calltray/internal/attention"
)

var (
	shell32            = windows.NewLazySystemDLL("shell32.dll")
	notificationState  = shell32.NewProc("SHQueryUserNotificationState")
	displayConfigSizes = user32.NewProc("GetDisplayConfigBufferSizes")
	queryDisplayConfig = user32.NewProc("QueryDisplayConfig")
	queryWnfState      = windows.NewLazySystemDLL("ntdll.dll").NewProc("NtQueryWnfStateData")
	quietHoursActive   = uint64(0x0d83063ea3bf1c75) // the name of the state
)

// Around asks the shell (learn.microsoft.com: SHQueryUserNotificationState, QueryDisplayConfig). It is known
// that others see the screen in presentation mode, and when a projector duplicates it: Windows does not say
// whether a program records the screen.
func (d *Desk) Around(context.Context, bool) (a attention.Desktop) {
	const (
		notPresent   = 1 // locked, or another user is active
		busy         = 2 // full screen
		fullScreen3D = 3
		presentation = 4
	)
	var state int32
	if notificationState.Find() == nil {
		if failed, _, _ := notificationState.Call(uintptr(unsafe.Pointer(&state))); int32(failed) < 0 {
			state = 0
		}
	}
	a.Locked = state == notPresent
	a.FullScreen = state == busy || state == fullScreen3D
	a.Shared = state == presentation || duplicated()
	a.Focus = focusAssist()
	return a
}

// duplicated reports whether several screens show the same content.
func duplicated() bool {
	const currentDatabase, clone, pathSize, modeSize = 4, 2, 72, 64 // QDC_DATABASE_CURRENT, DISPLAYCONFIG_TOPOLOGY_CLONE
	if displayConfigSizes.Find() != nil || queryDisplayConfig.Find() != nil {
		return false
	}
	var paths, modes, topology uint32
	if failed, _, _ := displayConfigSizes.Call(currentDatabase, uintptr(unsafe.Pointer(&paths)), uintptr(unsafe.Pointer(&modes))); failed != 0 || paths == 0 || modes == 0 {
		return false
	}
	pathRoom, modeRoom := make([]uint64, paths*pathSize/8), make([]uint64, modes*modeSize/8)
	failed, _, _ := queryDisplayConfig.Call(currentDatabase, uintptr(unsafe.Pointer(&paths)), uintptr(unsafe.Pointer(&pathRoom[0])),
		uintptr(unsafe.Pointer(&modes)), uintptr(unsafe.Pointer(&modeRoom[0])), uintptr(unsafe.Pointer(&topology)))
	return failed == 0 && topology == clone
}

// focusAssist reports whether Windows' own do-not-disturb is on. (inferred: the state is not documented; if it
// cannot be read, it counts as off)
func focusAssist() bool {
	if queryWnfState.Find() != nil {
		return false
	}
	var stamp, profile uint32
	size := uint32(unsafe.Sizeof(profile))
	failed, _, _ := queryWnfState.Call(uintptr(unsafe.Pointer(&quietHoursActive)), 0, 0,
		uintptr(unsafe.Pointer(&stamp)), uintptr(unsafe.Pointer(&profile)), uintptr(unsafe.Pointer(&size)))
	return failed == 0 && size == 4 && profile > 0
}
