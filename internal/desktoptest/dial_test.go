//go:build linux && desktop

package desktoptest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"calltray/internal/desktoptest"
)

// questionTitle is the window that asks before a number of another program is dialled.
const questionTitle = "Calltray: call?"

// handler makes Calltray the program that opens telephone links, by the desktop's own means.
func (d *desk) handler() {
	d.Helper()
	folder := filepath.Join(d.Home, ".local/share/applications")
	d.must(os.MkdirAll(folder, 0o700))
	entry := fmt.Sprintf("[Desktop Entry]\nType=Application\nName=Calltray\nExec=%s %%u\nTerminal=false\nMimeType=x-scheme-handler/tel;x-scheme-handler/callto;x-scheme-handler/sip;\n", d.program)
	path := filepath.Join(folder, "dk.calltray.Calltray.desktop")
	d.must(os.WriteFile(path, []byte(entry), 0o600))
	for _, tool := range [][]string{{"desktop-file-validate", path}, {"update-desktop-database", folder},
		{"xdg-mime", "default", "dk.calltray.Calltray.desktop", "x-scheme-handler/tel", "x-scheme-handler/callto", "x-scheme-handler/sip"}} {
		if out, err := d.Command(tool[0], tool[1:]...).CombinedOutput(); err != nil {
			d.Logf("%s", out)
			d.must(err)
		}
	}
}

// opens has the desktop open a link, as a mail program or a page does.
func (d *desk) opens(env []string, tool ...string) *desktoptest.Process {
	d.Helper()
	c := d.Command(tool[0], tool[1:]...)
	c.Env = append(append(c.Env, "GORACE=atexit_sleep_ms=0 exitcode=0"), env...)
	p, err := d.Desktop.Run(c)
	d.must(err)
	return p
}

// asked waits for the question and takes its picture.
func (d *desk) asked(state string) desktoptest.Window {
	d.Helper()
	d.until("the question to have the keyboard", func() bool { w, ok := d.FocusedWindow(); return ok && w.Title == questionTitle })
	w, _ := d.WindowByTitle(questionTitle)
	_, err := d.Still(d.ctx, w.Rect)
	d.must(err)
	d.shot(state)
	return w
}

// reply presses a key until the question has gone.
func (d *desk) reply(key string) {
	d.Helper()
	d.must(d.Again(d.ctx, func() error { return d.Key(key) }, func() bool { _, ok := d.WindowByTitle(questionTitle); return !ok }))
}

// called waits until the PBX has been asked to call a number, and checks that it was asked for nothing else.
func (d *desk) called(mark int, number string) {
	d.Helper()
	d.must(d.pbx.Saw(d.ctx, mark, "event Established"))
	said := d.pbx.Since(mark)
	if strings.Count(said, "service MakeCall") != 1 || !strings.Contains(said, "service MakeCall "+device+" "+number+" link ") {
		d.Errorf("the PBX was to call %s alone, and saw\n%s", number, said)
	}
}

// calledNobody checks that the PBX was not asked for a call: what it prints comes in order, so the answer to a
// command comes after all that it was asked before.
func (d *desk) calledNobody(mark int, when string) {
	d.Helper()
	_, err := d.pbx.Legs(d.ctx)
	d.must(err)
	if said := d.pbx.Since(mark); strings.Contains(said, "MakeCall") {
		d.Errorf("%s the PBX saw\n%s", when, said)
	}
}

// hungUp ends all calls at the PBX.
func (d *desk) hungUp() {
	d.Helper()
	d.must(d.pbx.Do("clear"))
	d.must(d.pbx.Idle(d.ctx))
}

// TestDesktopLinks opens links with the desktop's tools, over both gateways: while Calltray does not run, logs in, is
// offline, has a call, asks already. Enter calls exactly the number in question, Esc calls nobody.
func TestDesktopLinks(t *testing.T) {
	t.Parallel()
	for _, gateway := range []string{"tcp", "signalr"} {
		t.Run(gateway, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, "links-"+gateway)
			account := d.account(map[string]string{"tcp": d.pbx.TCP, "signalr": d.pbx.HTTP}[gateway])
			d.handler()

			// Not running: it is started in the tray, and asks while it logs in. The PBX takes its time.
			d.must(d.pbx.Do("set answer-delay 2s"))
			mark := d.pbx.Mark()
			p := d.opens(account, "xdg-open", "tel:+45%2022%2033%2044%2055")
			w := d.asked("starting")
			if _, ok := d.WindowByTitle(desktoptest.MainTitle); ok {
				t.Error("the main window came with the link")
			}
			d.reply("Return")
			d.called(mark, "+4522334455")
			d.must(d.pbx.Do("set answer-delay 0s"))
			icon, ok := d.Tray(w.PID)
			if !ok {
				t.Fatal("a Calltray that a link has started has no icon")
			}

			// During a call.
			mark = d.pbx.Mark()
			d.opens(nil, "gio", "open", "sip:33445566@example.dk;user=phone")
			d.asked("talking")
			d.reply("Escape")
			d.calledNobody(mark, "after Esc during a call")
			d.must(d.pbx.Leg(d.ctx, device, "Active"))
			d.hungUp()

			// A number that costs extra.
			mark = d.pbx.Mark()
			d.opens(nil, "gio", "open", "tel:90123456")
			d.asked("premium")
			d.reply("Escape")
			d.calledNobody(mark, "after Esc")

			// While the question is open: the number that is read is the one that is called.
			mark = d.pbx.Mark()
			d.opens(nil, "xdg-open", "callto:44556677")
			w = d.asked("first")
			before, err := d.Picture()
			d.must(err)
			d.opens(nil, d.program, "tel:55667788")
			d.until("the question to count the second number", func() bool {
				after, err := d.Picture()
				return err == nil && desktoptest.Different(before, after, w.Rect)
			})
			d.asked("second")
			d.reply("Return")
			d.called(mark, "44556677")
			d.hungUp()

			// Offline: the number waits for the connection.
			mark = d.pbx.Mark()
			d.must(d.pbx.Do("restart 4s"))
			d.until("the tray to notice", func() bool { return !strings.Contains(icon.ToolTip(), "online") })
			d.opens(nil, d.program, "tel:66778899")
			d.asked("offline")
			d.reply("Return")
			d.called(mark, "66778899")
			d.hungUp()

			if gateway == "tcp" {
				d.twenty()
			} else {
				d.locked()
			}
			d.sound(p.Log())
		})
	}
}

// locked: a link while the screen is locked asks nobody, since what is typed after the lock would be the answer.
func (d *desk) locked() {
	d.Helper()
	mark := d.pbx.Mark()
	unlock, err := d.Lock()
	d.must(err)
	p := d.opens(nil, d.program, "tel:77889900")
	if err := p.Ended(); err == nil || !strings.Contains(p.Log(), "The screen is locked") {
		d.Errorf("a link while the screen is locked: %v, %s", err, p.Log())
	}
	d.must(unlock())
	d.must(d.Key("Return"))
	if _, asks := d.WindowByTitle(questionTitle); asks {
		d.Error("there is a question after the lock")
	}
	d.calledNobody(mark, "while the screen was locked")
}

// twenty: a page opens twenty links at once. There is one question, and after Esc there is none.
func (d *desk) twenty() {
	d.Helper()
	mark := d.pbx.Mark()
	var links []*desktoptest.Process
	for n := range 20 {
		links = append(links, d.opens(nil, d.program, fmt.Sprintf("tel:223344%02d", 30+n)))
	}
	refused := map[string]int{}
	for _, p := range links {
		_ = p.Ended()
		for _, sentence := range []string{"Too many numbers were handed to Calltray", "Calltray is asking about another number"} {
			refused[sentence] += strings.Count(p.Log(), sentence)
		}
	}
	d.asked("twenty")
	if refused["Too many numbers were handed to Calltray"] != 15 || refused["Calltray is asking about another number"] != 4 {
		d.Errorf("of twenty links, those were refused: %v", refused)
	}
	d.reply("Escape")
	d.calledNobody(mark, "after twenty links")
	late := d.opens(nil, d.program, "tel:22334499")
	_ = late.Ended()
	if _, again := d.WindowByTitle(questionTitle); again || !strings.Contains(late.Log(), "Too many numbers") {
		d.Errorf("there is another question after too many: %s", late.Log())
	}
}

// TestDesktopDial: the command goes to the running application, says what becomes of the call, and ends with the
// documented code.
func TestDesktopDial(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "dial")
	d.start(d.account(d.pbx.TCP)...)
	d.must(d.app.Says(d.ctx, "online"))
	for _, tt := range []struct {
		args []string
		key  string
		code int
		says string
	}{
		{[]string{"dial", "22 33 44 55"}, "Return", 0, "Connected to 22 33 44 55."},
		{[]string{"dial", "22 33 44 55"}, "Escape", 3, "was not called"},
		{[]string{"dial", "999"}, "Return", 1, "999 is busy."},
	} {
		mark := d.pbx.Mark()
		p, err := d.Desktop.Run(d.command(nil, tt.args...))
		d.must(err)
		d.asked(tt.key)
		d.reply(tt.key)
		_ = p.Ended()
		if code := p.ProcessState.ExitCode(); code != tt.code || !strings.Contains(p.Log(), tt.says) {
			t.Errorf("%q, %s: exit code %d, %s", tt.args, tt.key, code, p.Log())
		}
		if strings.Contains(d.pbx.Since(mark), "login") {
			t.Errorf("%q: it logged in", tt.args)
		}
		if tt.code == 0 {
			d.must(d.pbx.Do("clear"))
		}
		d.must(d.pbx.Idle(d.ctx))
	}

	// The hotkey, while another program has the keyboard: the selected number, not the one on the clipboard.
	d.write("A letter")
	d.must(d.SetClipboard(d.ctx, "66 77 88 99"))
	d.must(d.Select(d.ctx, "Ring til os på 33 44 55 66, hilsen Bo"))
	mark := d.pbx.Mark()
	d.must(d.Again(d.ctx, func() error { return d.Key("ctrl+alt+k") }, func() bool { _, ok := d.WindowByTitle(questionTitle); return ok }))
	d.asked("hotkey")
	d.reply("Return")
	d.called(mark, "33445566")
	d.hungUp()
	if text := d.pad.Text(); text != "" {
		t.Errorf("the hotkey arrived in the letter: %q", text)
	}
	d.quit()
}
