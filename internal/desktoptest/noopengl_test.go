//go:build linux && desktop

package desktoptest_test

import (
	"fmt"
	"image"
	"strings"
	"testing"

	"calltray/internal/desktoptest"
)

// TestDesktopWithoutOpenGL: on a computer that cannot show the window, fifty calls are shown and answered, over
// both gateways; the window's place is taken by a sentence; and Quit ends the program in good order.
func TestDesktopWithoutOpenGL(t *testing.T) {
	t.Parallel()
	const calls = 25
	for _, gateway := range []string{"tcp", "signalr"} {
		t.Run(gateway, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, "no-opengl-"+gateway, desktoptest.WithoutOpenGL...)
			d.start(d.account(map[string]string{"tcp": d.pbx.TCP, "signalr": d.pbx.HTTP}[gateway])...)
			d.must(d.app.Says(d.ctx, "online"))
			d.write("A letter")
			for n := range calls {
				d.must(d.pbx.Do(fmt.Sprintf("call 22334455 %s %q", device, fmt.Sprint("Caller ", n))))
				d.until("the popup", d.app.Rings)
				d.must(d.app.Press(d.ctx, desktoptest.Green, func() bool { return !d.app.Rings() }))
				d.must(d.pbx.Leg(d.ctx, device, "Active"))
				d.must(d.pbx.Do("clear 22334455"))
				d.must(d.pbx.Idle(d.ctx))
			}
			d.keyboard("after all calls")
			d.must(d.app.Click(d.ctx, "Open"))
			d.until("the sentence in place of the window", func() bool { _, ok := d.app.Popup(); return ok })
			d.shot("sentence")
			w, _ := d.app.Popup()
			d.must(d.Again(d.ctx, func() error { return d.Click(d.ctx, image.Pt(w.Rect.Max.X-24, (w.Rect.Min.Y+w.Rect.Max.Y)/2)) },
				func() bool { _, ok := d.app.Popup(); return !ok }))
			if _, ok := d.WindowByTitle(desktoptest.MainTitle); ok {
				t.Error("there is a window without OpenGL")
			}
			d.must(d.SetClipboard(d.ctx, "33 44 55 66"))
			mark := d.pbx.Mark()
			d.must(d.app.Click(d.ctx, "Dial 33 44 55 66"))
			d.must(d.pbx.Saw(d.ctx, mark, "service MakeCall "+device+" 33445566"))
			d.must(d.app.Offers(d.ctx, "Talking to"))
			d.must(d.app.Click(d.ctx, "Hang up"))
			d.over()
			if said := d.app.Log(); !strings.Contains(said, "no window can be opened") {
				t.Errorf("the log does not say why: %s", said)
			}
			d.quit()
		})
	}
}
