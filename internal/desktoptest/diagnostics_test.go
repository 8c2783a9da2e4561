//go:build linux && desktop

package desktoptest_test

import (
	"strings"
	"testing"
)

// canary is a password that is nowhere but where a test plants it.
const canary = "kanariefugl-&<7q3z>-æøå"

// plantedNumbers are who calls, in spellings that a number has on its way.
var plantedNumbers = map[string][]string{
	"71829304": {"71829304", "71 82 93 04", "7182 9304", "71-82-93-04"},
	"86420975": {"86420975", "86 42 09 75", "8642 0975"},
}

func cleanOfCanary(t *testing.T, where, text string) {
	t.Helper()
	for _, s := range []string{canary, "kanariefugl"} {
		if strings.Contains(text, s) {
			t.Errorf("%s shows the password", where)
		}
	}
}

// TestDesktopDiagnostics asks the application on a real desktop for the text: after calls, which are in its
// log frame by frame, and after a login with a password that the PBX refused.
func TestDesktopDiagnostics(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "diagnostics")
	ask := func(env []string, args ...string) string {
		t.Helper()
		p, err := d.Desktop.Run(d.command(env, append([]string{"diagnostics", "--output", "-"}, args...)...))
		d.must(err)
		d.must(p.Ended())
		return p.Log()
	}
	run := func(env []string) {
		t.Helper()
		var err error
		d.app, err = d.StartApp(d.ctx, d.command(env, "--debug"))
		d.must(err)
	}

	env := d.account(d.pbx.TCP)
	run(env)
	d.must(d.app.Says(d.ctx, "online"))
	for number, spellings := range plantedNumbers {
		d.must(d.pbx.Do("call " + number + " " + device + ` "Ring ` + number + `"`))
		d.must(d.app.Offers(d.ctx, "Answer"))
		d.must(d.pbx.Do("clear " + number))
		d.over()
		if text := ask(env); !strings.Contains(text, number) || !strings.Contains(text, " online") {
			t.Errorf("the text does not tell of the call of %s:\n%s", number, text)
		}
		text := ask(env, "--no-numbers")
		for _, s := range spellings {
			if strings.Contains(text, s) {
				t.Errorf("--no-numbers, and %q is in the text", s)
			}
		}
	}
	d.quit()

	env = append(env, "CALLTRAY_PASSWORD="+canary)
	run(env)
	d.must(d.app.Says(d.ctx, "refused the login"))
	text := ask(env)
	cleanOfCanary(t, "the text of the running application", text)
	cleanOfCanary(t, "what it said", d.app.Log())
	if !strings.Contains(text, "[redacted]") || !strings.Contains(text, "refused the login") {
		t.Errorf("the text does not tell of the refused login:\n%s", text)
	}
	d.must(d.app.Click(d.ctx, "Quit"))
	d.must(d.app.Ended())
	text = ask(env)
	cleanOfCanary(t, "the text from the disk", text)
	if !strings.Contains(text, "started") {
		t.Errorf("the text does not tell of the last run:\n%s", text)
	}
}
