//go:build linux && desktop

package desktoptest_test

import (
	"slices"
	"strings"
	"testing"
)

// TestDesktopTray sets the telephone at the telephone and in the tray: both follow the other, and the icon
// never looks as if a call would ring when none will.
func TestDesktopTray(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "tray")
	d.start(d.account(d.pbx.TCP)...)
	d.must(d.app.Says(d.ctx, "online"))
	d.must(d.app.Offers(d.ctx, "Do not disturb"))
	d.until("the settings to be known", func() bool { return d.app.Can("Do not disturb") && d.app.Can("Forward all calls") })
	free := d.app.Icon()
	looks := map[string]bool{free: true}

	for _, setting := range []struct{ on, off, words, label, service string }{
		{"dnd 201 on", "dnd 201 off", "do not disturb", "Do not disturb", "SetDoNotDisturb 201"},
		{"forward 201 immediate 203", "forward 201 immediate off", "all calls go to 203", "Forward all calls to 203", "SetForwarding 201"},
	} {
		told := func(on bool) {
			t.Helper()
			d.until(setting.label, func() bool {
				return strings.Contains(d.app.ToolTip(), setting.words) == on && slices.Contains(d.app.Labels(), "✓ "+setting.label) == on &&
					(d.app.Icon() != free) == on
			})
		}
		d.must(d.pbx.Do(setting.on))
		told(true)
		if looks[d.app.Icon()] {
			t.Errorf("%s: the icon is that of another state", setting.label)
		}
		looks[d.app.Icon()] = true
		d.shot(strings.ReplaceAll(setting.words, " ", "-"))
		for _, on := range []bool{false, true} {
			mark := d.pbx.Mark()
			d.must(d.app.Click(d.ctx, setting.label))
			d.must(d.pbx.Saw(d.ctx, mark, "service "+setting.service))
			told(on)
		}
		d.must(d.pbx.Do(setting.off))
		told(false)
	}
	d.quit()
}
