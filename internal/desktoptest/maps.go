//go:build linux

package desktoptest

import (
	"context"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// MapWatch records when windows appear on the screen, from the X server's events: without polling.
type MapWatch struct {
	d      *Desktop
	conn   *xgb.Conn
	mapped chan mapping
}

type mapping struct {
	id xproto.Window
	at time.Time
}

// WatchMaps starts recording when windows appear.
func (d *Desktop) WatchMaps() (*MapWatch, error) {
	conn, err := xgb.NewConnDisplay(d.display)
	if err != nil {
		return nil, err
	}
	if err := xproto.ChangeWindowAttributesChecked(conn, d.root, xproto.CwEventMask, []uint32{xproto.EventMaskSubstructureNotify}).Check(); err != nil {
		conn.Close()
		return nil, err
	}
	m := &MapWatch{d: d, conn: conn, mapped: make(chan mapping, 4096)}
	go func() {
		defer close(m.mapped)
		for {
			event, err := conn.WaitForEvent()
			if event == nil && err == nil {
				return // closed
			}
			if e, ok := event.(xproto.MapNotifyEvent); ok {
				m.mapped <- mapping{e.Window, time.Now()}
			}
		}
	}()
	return m, nil
}

// Close ends the watch.
func (m *MapWatch) Close() { m.conn.Close() }

// Next waits until a window with the title appears, and returns when it did. Windows that appeared
// since the last Next count.
func (m *MapWatch) Next(ctx context.Context, title string) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		select {
		case e, ok := <-m.mapped:
			if !ok {
				return time.Time{}, context.Canceled
			}
			// The window manager maps its frame, which contains the window.
			for _, w := range append(m.d.children(e.id, nil), m.d.itself(e.id)...) {
				if w.Title == title {
					return e.at, nil
				}
			}
		case <-ctx.Done():
			return time.Time{}, ctx.Err()
		}
	}
}

func (d *Desktop) itself(id xproto.Window) []Window {
	if w, ok := d.window(id); ok {
		return []Window{w}
	}
	return nil
}
