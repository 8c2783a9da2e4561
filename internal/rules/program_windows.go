package rules

import (
	"os/exec"
	"syscall"
)

// noWindow starts a console program without a console window. (learn.microsoft.com: Process Creation Flags,
// CREATE_NO_WINDOW)
const noWindow = 0x08000000

// alone starts a program without a console window.
func alone(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: noWindow}
}
