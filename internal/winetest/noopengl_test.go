//go:build linux && wine

package winetest

import (
	"fmt"
	"image"
	"path/filepath"
	"strings"
	"testing"

	"calltray/internal/desktoptest"
)

// TestWithoutOpenGL: on a Windows that cannot show the window, fifty calls are shown and answered by a click, over both
// gateways; the window's place is taken by a sentence; and Quit ends the program in good order.
func TestWithoutOpenGL(t *testing.T) {
	t.Parallel()
	const calls = 25
	for _, gateway := range []string{"tcp", "signalr"} {
		t.Run(gateway, func(t *testing.T) {
			t.Parallel()
			o := open(t, desktoptest.WithoutOpenGL...)
			mark := o.pbx.Mark()
			app := o.start("CALLTRAY_URL="+map[string]string{"tcp": o.pbx.TCP, "signalr": o.pbx.HTTP}[gateway], "CALLTRAY_USER="+o.pbx.User,
				"CALLTRAY_PASSWORD="+o.pbx.Password, "CALLTRAY_PBX_DOMAIN="+o.pbx.Domain, "CALLTRAY_DEVICE="+device)
			o.must(o.pbx.Saw(o.ctx, mark, "monitor u-12345678-"+device))
			for n := range calls {
				o.must(o.pbx.Do(fmt.Sprintf("call 22334455 %s %q", device, fmt.Sprint("Caller ", n))))
				o.until("the call in the popup", func() bool { return o.HasColour(o.popup().Rect, desktoptest.Green) })
				if n == 0 {
					o.shot("no-opengl-ringing-" + gateway)
				}
				o.press(desktoptest.PopupTitle, desktoptest.Green, o.answered)
				o.must(o.pbx.Leg(o.ctx, device, "Active"))
				o.must(o.pbx.Do("clear 22334455"))
				o.must(o.pbx.Idle(o.ctx))
			}
			o.until("the popup to go", o.gone)
			if out := o.command(); !strings.Contains(out, "already running") { // which shows the window of the first
				t.Errorf("the second start says %q", out)
			}
			w := o.popup()
			o.shot("no-opengl-sentence-" + gateway)
			o.must(o.Again(o.ctx, func() error { return o.Click(o.ctx, image.Pt(w.Rect.Max.X-24, (w.Rect.Min.Y+w.Rect.Max.Y)/2)) }, o.gone))
			if _, ok := o.WindowByTitle(desktoptest.MainTitle); ok {
				t.Error("there is a window without OpenGL")
			}
			if log := read(filepath.Join(o.Local(), "calltray", "calltray.log")); !strings.Contains(log, "no window can be opened") {
				t.Errorf("the log does not say why:\n%s", log)
			}
			o.quit(app)
		})
	}
}
