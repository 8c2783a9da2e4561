//go:build linux || freebsd || openbsd || netbsd

// Package xserver connects to the X server, for all packages that need to: xgb's knowledge of extensions is
// global to the process.
package xserver

import (
	"io"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"
)

// xgb logs to standard error what it tries while connecting. Its errors are returned, too.
func init() { xgb.Logger.SetOutput(io.Discard) }

// The extensions in use: RandR for the monitors, from version 1.5, and XFixes for the owner of the clipboard.
const (
	RandR  = "RANDR"
	XFixes = "XFIXES"
)

var register sync.Once

// Connect opens a connection to the X server, with the extensions that the server has. xgb keeps the events and
// errors of extensions in global maps, without a lock, and every connection reads them: they are filled once,
// before anybody waits for an event. Any goroutine may call Connect.
func Connect() (*xgb.Conn, error) {
	conn, err := xgb.NewConn()
	if err != nil {
		return nil, err
	}
	register.Do(func() {
		_ = randr.Init(conn) // a missing extension is detected below
		_ = xfixes.Init(conn)
	})
	for _, name := range []string{RandR, XFixes} {
		if reply, err := xproto.QueryExtension(conn, uint16(len(name)), name).Reply(); err == nil && reply.Present {
			conn.ExtLock.Lock()
			conn.Extensions[name] = reply.MajorOpcode
			conn.ExtLock.Unlock()
		}
	}
	if Has(conn, RandR) { // clients must announce their version first
		if v, err := randr.QueryVersion(conn, 1, 5).Reply(); err != nil || v.MajorVersion == 1 && v.MinorVersion < 5 {
			conn.ExtLock.Lock()
			delete(conn.Extensions, RandR)
			conn.ExtLock.Unlock()
		}
	}
	return conn, nil
}

// Has reports whether the X server of a connection has an extension.
func Has(conn *xgb.Conn, name string) bool {
	conn.ExtLock.RLock()
	defer conn.ExtLock.RUnlock()
	_, ok := conn.Extensions[name]
	return ok
}
