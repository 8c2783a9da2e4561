package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// attachConsole gives the commands their output back: a program that is linked for windows (-H
// windowsgui) starts without a console, even from one. What was redirected stays as it is.
func attachConsole() {
	if _, err := windows.GetStdHandle(windows.STD_OUTPUT_HANDLE); err == nil {
		if info, err := os.Stdout.Stat(); err == nil && info != nil {
			return
		}
	}
	const parent = ^uintptr(0) // ATTACH_PARENT_PROCESS
	attach := windows.NewLazySystemDLL("kernel32.dll").NewProc("AttachConsole")
	if ok, _, _ := attach.Call(parent); ok == 0 {
		return // started from a menu: nobody reads
	}
	if out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0); err == nil {
		os.Stdout, os.Stderr = out, out
	}
	if in, err := os.OpenFile("CONIN$", os.O_RDWR, 0); err == nil {
		os.Stdin = in
	}
}
