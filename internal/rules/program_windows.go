package rules

import (
	"os/exec"
	"syscall"
)

// noWindow has a program for the console open none. (learn.microsoft.com: Process Creation Flags, CREATE_NO_WINDOW)
const noWindow = 0x08000000

// alone has a program open no console.
func alone(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: noWindow}
}
