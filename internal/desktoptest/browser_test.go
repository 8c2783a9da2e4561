//go:build linux && desktop && browser

package desktoptest_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"calltray/internal/desktoptest"
)

// page has one link, found on the screen by its colour. It tells the server once it has been on the screen for 30 frames:
// Firefox drops a click in the first ones.
const page = `<!doctype html><meta charset="utf-8"><title>Kontakt</title><h1>Kontakt</h1>
<a href="tel:+45%2022%2033%2044%2055" style="display: block; padding: 40px; font-size: 40px; background: #e040fb; color: white">Ring til os: 22 33 44 55</a>
<script>let frames = 0; (function next() { ++frames < 30 ? requestAnimationFrame(next) : fetch("shown") })()</script>`

var linkColour = color.RGBA{0xe0, 0x40, 0xfb, 0xff}

// preferences are those of a user who has been through Firefox's first start, and has told it to open telephone links
// without asking. Firefox looks nobody up outside of this machine.
const preferences = `user_pref("network.protocol-handler.external.tel", true);
user_pref("network.dns.disabled", true);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.preonboarding.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("datareporting.policy.firstRunURL", "");
user_pref("termsofuse.acceptedVersion", 999);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
`

// handlers says which programs that user has open links: for tel, the desktop's default (4).
const handlers = `{"defaultHandlersVersion":{},"mimeTypes":{},"schemes":{"tel":{"action":4,"ask":false}}}`

// TestDesktopBrowser clicks a telephone link in a page of Firefox, over both gateways: while Calltray is not running, and
// while it is. Enter calls the number that can be read on the screen, Esc calls nobody.
func TestDesktopBrowser(t *testing.T) {
	for program, debian := range map[string]string{"firefox-esr": "firefox-esr", "tesseract": "tesseract-ocr and tesseract-ocr-eng"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("There is no %s on this machine: install Debian's %s, and start this again.", program, debian)
		}
	}
	t.Parallel()
	for _, gateway := range []string{"tcp", "signalr"} {
		t.Run(gateway, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, "browser-"+gateway)
			d.Patience = 5 * time.Minute // a browser's start is more work than all the rest of the desktop
			d.handler()
			firefox := d.browse(d.account(map[string]string{"tcp": d.pbx.TCP, "signalr": d.pbx.HTTP}[gateway]))

			first := d.clickLink("not running", "Escape")
			for _, key := range []string{"Return", "Escape"} {
				if pid := d.clickLink("running", key); pid != first {
					t.Errorf("with Calltray running as process %d, process %d has asked", first, pid)
				}
			}
			d.leave(first)
			d.leave(d.clickLink("not running", "Return"))

			if calls := strings.Count(d.pbx.Since(0), "service MakeCall"); calls != 2 {
				t.Errorf("Enter was pressed twice, and the PBX was asked for %d calls:\n%s", calls, d.pbx.Since(0))
			}
			d.sound(firefox.Log()) // Calltray says it where Firefox does
		})
	}
}

// browse opens the page. Firefox passes the environment on to the Calltray that it starts.
func (d *desk) browse(env []string) *desktoptest.Process {
	d.Helper()
	var shown atomic.Bool
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			_, _ = fmt.Fprint(w, page)
		case "/shown":
			shown.Store(true)
		default:
			http.NotFound(w, r)
		}
	}))
	d.Cleanup(web.Close)
	profile := filepath.Join(d.Home, "firefox")
	d.must(os.Mkdir(profile, 0o700))
	d.must(os.WriteFile(filepath.Join(profile, "user.js"), []byte(preferences), 0o600))
	d.must(os.WriteFile(filepath.Join(profile, "handlers.json"), []byte(handlers), 0o600))
	firefox := d.opens(env, "firefox-esr", "--no-remote", "--profile", profile, web.URL)
	d.until("the page", shown.Load)
	return firefox
}

// clickLink clicks the link, reads the number in Calltray's question, and presses a key. It returns the process that asked.
func (d *desk) clickLink(calltray, key string) (pid int) {
	d.Helper()
	_, err := d.Still(d.ctx, d.WorkArea())
	d.must(err)
	link, ok := d.FindColour(d.WorkArea(), linkColour)
	if !ok {
		d.must(fmt.Errorf("the link is not on the screen"))
	}
	mark := d.pbx.Mark()
	d.must(d.Click(d.ctx, image.Pt(link.Max.X-20, (link.Min.Y+link.Max.Y)/2)))
	d.until("the question to have the keyboard", func() bool { w, ok := d.FocusedWindow(); return ok && w.Title == questionTitle })
	var number string
	d.until("the question to show a number", func() bool {
		w, _ := d.WindowByTitle(questionTitle)
		pid, number = w.PID, d.question(w.Rect)
		return number != ""
	})
	d.shot(strings.ReplaceAll(calltray, " ", "-") + "-" + key)
	if number != "+4522334455" {
		d.Errorf("%s: the question shows the number %s", calltray, number)
	}
	d.reply(key)
	if key == "Return" {
		d.called(mark, number)
		d.hungUp()
	} else {
		d.calledNobody(mark, "after Esc")
	}
	return pid
}

// inQuestion is what the question says, with the number on a line of its own.
var inQuestion = regexp.MustCompile(`Call this number\?\s+(\+?[0-9 ]+)\n`)

// question reads the number in a question, without its blanks, from the screen; it is "" if none can be read yet.
func (d *desk) question(at image.Rectangle) string {
	d.Helper()
	screen, err := d.Picture()
	d.must(err)
	var picture bytes.Buffer
	d.must(png.Encode(&picture, screen.SubImage(at)))
	c := d.Command("tesseract", "stdin", "stdout", "--psm", "6") // 6: one block of text
	c.Env = append(c.Env, "OMP_THREAD_LIMIT=1")                  // for so little text, more threads only wait for each other
	c.Stdin = &picture
	text, err := c.CombinedOutput()
	if err != nil {
		d.must(fmt.Errorf("tesseract: %w: %s", err, text))
	}
	if found := inQuestion.FindSubmatch(text); found != nil {
		return strings.ReplaceAll(string(found[1]), " ", "")
	}
	return ""
}

// leave ends a Calltray through its tray, and waits for the end of the process.
func (d *desk) leave(pid int) {
	d.Helper()
	mark := d.pbx.Mark()
	var icon desktoptest.Tray
	d.until("the icon", func() (ok bool) { icon, ok = d.Tray(pid); return ok })
	d.must(icon.Click(d.ctx, "Quit"))
	d.must(d.pbx.Saw(d.ctx, mark, "logout"))
	d.until("Calltray to end", func() bool {
		_, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)) // a process that nobody has waited for has none, either
		return err != nil
	})
}
