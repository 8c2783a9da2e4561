package cli

import (
	"errors"
	"log"
	"os"

	"golang.org/x/sys/windows"
)

var procAttachConsole = windows.NewLazySystemDLL("kernel32.dll").NewProc("AttachConsole")

// AttachConsole gives the commands their input and output: a program linked for Windows' graphical subsystem
// (-H windowsgui) starts without a console, even if started from one. A stream that was redirected to a file or
// a pipe stays there; only those that lead nowhere are connected to the parent's console.
func AttachConsole() {
	streams := []struct {
		id   uint32
		name string
		file **os.File
	}{
		{windows.STD_INPUT_HANDLE, "CONIN$", &os.Stdin},
		{windows.STD_OUTPUT_HANDLE, "CONOUT$", &os.Stdout},
		{windows.STD_ERROR_HANDLE, "CONOUT$", &os.Stderr},
	}
	attached := false
	for _, s := range streams {
		if leads(s.id) {
			continue
		}
		if !attached && !attach() {
			return // started from a menu: nobody reads the output
		}
		attached = true
		file, err := os.OpenFile(s.name, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		_ = windows.SetStdHandle(s.id, windows.Handle(file.Fd())) // where Go's runtime writes a crash
		*s.file = file
	}
	log.SetOutput(os.Stderr)
}

// leads reports whether a standard stream leads anywhere. For one that does not, GetStdHandle returns 0 and no
// error.
func leads(id uint32) bool {
	h, err := windows.GetStdHandle(id)
	if err != nil || h == 0 || h == windows.InvalidHandle {
		return false
	}
	kind, err := windows.GetFileType(h)
	return err == nil && kind != windows.FILE_TYPE_UNKNOWN
}

// attach attaches to the console of the parent process.
func attach() bool {
	const parent = ^uintptr(0) // ATTACH_PARENT_PROCESS
	ok, _, err := procAttachConsole.Call(parent)
	return ok != 0 || errors.Is(err, windows.ERROR_ACCESS_DENIED) // access denied: it already has a console
}
