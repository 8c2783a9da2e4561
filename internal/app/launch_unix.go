//go:build !windows

package app

import "syscall"

// detached lets a program outlive the terminal that it was started from.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
