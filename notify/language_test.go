package notify

import (
	"strings"
	"testing"

	"calltray/cstasession/csta"
)

// Every word of a notification is in the user's language, and cleaned whoever made it.
func TestNotificationsAreInTheUsersLanguage(t *testing.T) {
	cfg := Config{
		Say: func(sentence string, pairs ...string) string {
			return strings.ToUpper(sentence) + "\n" + strings.Join(pairs, " ")
		},
		Describe: func(c csta.Call) string { return "til \u202e" + c.ViaName },
	}.complete()
	b := notices{cfg: cfg}
	n := b.describe(call("a", csta.Ringing, func(c *csta.Call) {
		c.Remote, c.ViaName = csta.Party{}, "Recep\ntion"
	}))
	if n.title != "NUMBER WITHHELD" || n.body != "til Recep tion" {
		t.Errorf("a call: %q, %q", n.title, n.body)
	}
	if n := cfg.testNotice(); n.title != strings.ToUpper(n.title) || n.body != strings.ToUpper(n.body) {
		t.Errorf("a test: %q, %q", n.title, n.body)
	}
	var l linkNotice
	l.update(csta.State{Status: csta.Online, Since: began}, began, cfg)
	l.update(csta.State{Since: began}, began, cfg)
	l.tick(began.Add(lossDelay), cfg)
	if l.down == nil || l.down.title != "NOT CONNECTED\n" || !strings.HasPrefix(l.down.body, "CALLS ARE NOT SHOWN.") {
		t.Errorf("the link is down: %+v", l.down)
	}
}

func TestEnglishFillsPlaces(t *testing.T) {
	if got := english("a {{.B}} c {{.D}}", "B", "{{.D}}", "D", "x", "odd"); got != "a {{.D}} c x" {
		t.Errorf("english() = %q", got)
	}
}
