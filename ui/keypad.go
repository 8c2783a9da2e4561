package ui

import "calltray/cstasession"

func (w *mainWindow) openKeypad(c cstasession.Call) {}
