package app

import "syscall"

// detached lets a program outlive the console that it was started from (learn.microsoft.com, "Process Creation
// Flags").
func detached() *syscall.SysProcAttr {
	const detachedProcess, newProcessGroup = 0x8, 0x200
	return &syscall.SysProcAttr{CreationFlags: detachedProcess | newProcessGroup}
}
