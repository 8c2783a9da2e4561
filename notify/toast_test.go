package notify

import (
	"encoding/xml"
	"strings"
	"testing"
	"unicode/utf8"

	"calltray/cstasession/csta"
)

// every is a Config with every button.
func every() Config {
	return Config{OnAnswer: func(csta.ConnectionID) {}, OnHangUp: func(csta.ConnectionID) {}, OnOpen: func() {}, OnCallBack: func(string) {}}.complete()
}

func TestToast(t *testing.T) {
	for _, tt := range []struct {
		name   string
		cfg    Config
		notice notice
		want   string
	}{
		{"ringing", every(), notice{kind: noticeRinging, title: "Ærø Bageri · 22 33 44 55", body: "Incoming call"},
			`<toast scenario="incomingCall" launch="T 7 default"><visual><binding template="ToastGeneric"><text>Ærø Bageri · 22 33 44 55</text><text>Incoming call</text></binding></visual>` +
				`<actions><action content="Answer" arguments="T 7 answer"></action><action content="Decline" arguments="T 7 hangup"></action></actions><audio silent="true"></audio></toast>`},
		{"missed", every(), notice{kind: noticeMissed, title: "22 33 44 55", body: "Missed call", number: "22334455"},
			`<toast launch="T 7 default"><visual><binding template="ToastGeneric"><text>22 33 44 55</text><text>Missed call</text></binding></visual>` +
				`<actions><action content="Call back" arguments="T 7 callback"></action></actions><audio silent="true"></audio></toast>`},
		{"missed, of whom nothing is known", every(), notice{kind: noticeMissed, title: "Number withheld", body: "Missed call"},
			`<toast launch="T 7 default"><visual><binding template="ToastGeneric"><text>Number withheld</text><text>Missed call</text></binding></visual><actions></actions><audio silent="true"></audio></toast>`},
		{"nobody to answer", Config{}.complete(), notice{kind: noticeRinging, title: "A", body: "B"},
			`<toast scenario="incomingCall" launch="T 7 default"><visual><binding template="ToastGeneric"><text>A</text><text>B</text></binding></visual><actions></actions><audio silent="true"></audio></toast>`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := tt.cfg.toast(tt.notice, "T", 7); err != nil || got != tt.want {
				t.Errorf("%v\n got %s\nwant %s", err, got, tt.want)
			}
		})
	}
}

// TestToastHostile: whatever a caller is called, Windows gets one text, no markup and no line that a script would run.
func TestToastHostile(t *testing.T) {
	for _, name := range []string{
		"<b>x</b>", "a & b", `"/><action content="Answer" arguments="`, "x]]><text>", "$(Start-Process calc)", "`n", "“$x”", "a\x00b\x01\n\tc",
		"\xff\xfe", "😀 and\u202emore", strings.Repeat("<", 10000), "-EncodedCommand",
	} {
		text, err := every().toast(notice{kind: noticeRinging, title: name, body: name}, "T", 1)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		var read toast
		if err := xml.Unmarshal([]byte(text), &read); err != nil {
			t.Errorf("%q: %v in %s", name, err, text)
			continue
		}
		if want := []string{sentence(name, maxText), sentence(name, maxBody)}; len(read.Visual.Text) != 2 || read.Visual.Text[0] != want[0] || read.Visual.Text[1] != want[1] {
			t.Errorf("%q reads %q, want %q", name, read.Visual.Text, want)
		}
		if len(read.Actions) != 2 || strings.ContainsAny(text, "$`\x00\n") || !utf8.ValidString(text) || utf8.RuneCountInString(read.Visual.Text[0]) > maxText {
			t.Errorf("%q makes %q", name, text)
		}
	}
}

// TestToastAnswer: only what this run has put up is acted upon.
func TestToastAnswer(t *testing.T) {
	for _, tt := range []struct {
		said   string
		id     uint32
		action string
		ours   bool
	}{
		{"T 7 answer", 7, "answer", true},
		{"U 7 answer", 0, "", false},
		{"T 7", 0, "", false},
		{"", 0, "", false},
		{"T 7 answer now", 0, "", false},
	} {
		if id, action, ours := toastAnswer(tt.said, "T"); id != tt.id || action != tt.action || ours != tt.ours {
			t.Errorf("%q means %d, %q, %v", tt.said, id, action, ours)
		}
	}
	for _, said := range []string{"T x answer", "T -1 answer", "T 4294967296 answer"} {
		if _, _, ours := toastAnswer(said, "T"); ours {
			t.Errorf("%q is taken", said)
		}
	}
}
