//go:build linux && desktop

package desktoptest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDesktopHistory is a day with one customer, over both gateways: she is known when she calls, is missed, and belongs
// to somebody until she is reached; and all of it is still there when Calltray is started again.
func TestDesktopHistory(t *testing.T) {
	t.Parallel()
	for gateway, look := range map[string]string{"tcp": "light", "signalr": "dark"} {
		t.Run(gateway, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, "history-"+gateway)
			d.must(d.NameColleagues(d.pbx.Domain, map[string]string{"202": "Mette"}))
			book := filepath.Join(d.Home, "kontakter.csv")
			d.must(os.WriteFile(book, []byte("Navn;Firma;Mobil\r\nAnna Holm;Ærø Bageri;22 33 44 55\r\n"), 0o600))
			if said := d.says("contacts", "import", book); !strings.Contains(said, "Read 1 of 1 contacts") {
				t.Errorf("contacts import says %q", said)
			}
			url := map[string]string{"tcp": d.pbx.TCP, "signalr": d.pbx.HTTP}[gateway]
			env := append(d.account(url), "FYNE_THEME="+look)
			d.start(env...)
			d.must(d.app.Says(d.ctx, "online"))
			d.write("A letter")

			d.ring(bakery, device, "", "Anna Holm") // the PBX tells no name
			d.must(d.app.Click(d.ctx, "Answer"))
			d.must(d.pbx.Leg(d.ctx, device, "Active"))
			if said := d.says("note", "kage", "til", "fredag"); !strings.Contains(said, "Anna Holm") {
				t.Errorf("note says %q", said)
			}
			d.must(d.app.Click(d.ctx, "Hang up"))
			d.over()

			d.ring(bakery, device, "", "Anna Holm")
			d.until("the notification to tell the company, the last call and the last note", func() bool {
				note, _ := d.Notification("Anna Holm")
				return strings.Contains(note.Body, "Ærø Bageri · ") && strings.Contains(note.Body, "Last: today ") && strings.HasSuffix(note.Body, " · kage til fredag")
			})
			d.shot("known")
			d.must(d.pbx.Do("clear " + bakery)) // gives up
			d.over()
			d.must(d.app.Says(d.ctx, "1 missed call: Anna Holm"))
			d.history([]string{"--open"}, "Anna Holm (22 33 44 55)  Missed")
			d.shot("missed")

			d.ring(bakery, "400", "", "Anna Holm") // tries again, and rings in the queue
			d.must(d.pbx.Do("answer 202"))
			d.must(d.pbx.Leg(d.ctx, "202", "Active"))
			d.quiet()
			d.history([]string{"--missed"}, "Missed, answered by Mette (202)")
			d.history([]string{"--open"}, "There are no such calls")
			d.must(d.pbx.Do("clear " + bakery))
			d.over()

			d.ring(bakery, device, "", "Anna Holm")
			d.must(d.pbx.Do("clear " + bakery))
			d.over()
			d.window()
			d.until("the tray to tell of no missed call", func() bool { return !strings.Contains(d.app.ToolTip(), "missed") })
			d.shot("window")
			d.letter()
			d.must(d.app.Process.Process.Kill())
			<-d.app.Done()
			time.Sleep(4 * time.Second) // shorter than three seconds is not told as "Not running"
			d.start(env...)
			d.must(d.app.Says(d.ctx, "online"))
			d.history(nil, "Not running", "Anna Holm (22 33 44 55)  Missed", "Answered by Mette (202)", "Missed, answered by Mette (202)", "“kage til fredag”")

			d.window()
			d.must(d.Type("anna"))
			d.shot("found")
			d.must(d.Again(d.ctx, func() error { return d.Key("Return") }, d.has(device+" Active "+bakery))) // Return again makes no second call
			d.history([]string{"--missed"}, "Missed, called back")
			d.shot("called-back")
			d.must(d.app.Click(d.ctx, "Hang up"))
			d.over()
			d.quit()
		})
	}
}

// says runs a command, and returns what it prints.
func (d *desk) says(args ...string) string {
	d.Helper()
	out, err := d.command(nil, args...).CombinedOutput()
	if err != nil {
		d.must(fmt.Errorf("calltray %s: %w\n%s", strings.Join(args, " "), err, out))
	}
	return string(out)
}

// history waits until calltray history prints lines that hold these texts.
func (d *desk) history(args []string, want ...string) {
	d.Helper()
	said := ""
	if err := d.Until(d.ctx, "the history", func() bool {
		said = d.says(append([]string{"history"}, args...)...)
		for _, w := range want {
			if !strings.Contains(said, w) {
				return false
			}
		}
		return true
	}); err != nil {
		d.must(fmt.Errorf("%w: it says\n%s\nwant %q", err, said, want))
	}
}
