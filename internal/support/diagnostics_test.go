package support

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// login is how a password travels: in XML, and the same in JSON.
type login struct {
	XMLName  xml.Name `xml:"StartApplicationSession" json:"-"`
	UserID   string   `xml:"userID" json:"userID"`
	Password string   `xml:"password" json:"password"`
}

// TestCanary plants passwords and telephone numbers wherever a text can come from, and looks for
// them in the text for the support, its file and its memory.
func TestCanary(t *testing.T) {
	passwords := []string{
		"hunter-canary-1", `q"uo<te&d'\canary`, "Blåbærgrød canary", "22334455", "trailing canary ", "percent%20canary+&", "🔑canary", "canary\nline",
	}
	numbers := []string{"20304050", "202", "4520304051", "46812345678"}
	folder := t.TempDir()
	l, log := open(t, folder, slog.LevelDebug)

	trace := "panic: dial 20304050\n\ngoroutine 12 [running]:\n\tsession.go:214\n"
	var lines []string // more than the log keeps: none that was planted is to miss
	var settings []Setting
	var links []LinkEvent
	plant := func(what, s string) {
		inXML, _ := xml.Marshal(login{UserID: "user", Password: s})
		inJSON, _ := json.Marshal(login{UserID: "user", Password: s})
		nested, _ := json.Marshal(map[string]string{"data": string(inXML), "more": string(inJSON)})
		err := fmt.Errorf("login: %w", errors.New(what+" "+s+" was refused"))
		log.Error(what+" "+s, "error", err, "frame", inXML, "text", string(inXML), "json", string(inJSON), "nested", string(nested),
			"go", fmt.Sprintf("%q", s), "struct", login{Password: s}, "url", "tls://user:"+url.QueryEscape(s)+"@csta.example.dk:7001", "path", url.PathEscape(s))
		log.With(what, s).WithGroup("group").Debug("frame", "received", string(nested)+string(nested))
		settings = append(settings, Setting{what, s}, Setting{"the password", s}, Setting{"url", "tcp://host/" + url.PathEscape(s)})
		links = append(links, LinkEvent{time.Now(), "offline: " + err.Error()})
		lines = append(lines, l.Recent()[len(l.Recent())-2:]...)
		trace += "panic: " + fmt.Sprintf("%v %+v %q", err, login{Password: s}, s) + "\n"
	}
	for _, p := range passwords {
		plant("password", p)
	}
	const token = "https://csta.example.dk/csta?access_token=canary-of-a-query&id=2#canary"
	log.Warn("not reached", "err", fmt.Errorf("Get %q: refused", token), "url", token)
	settings, links = append(settings, Setting{"address", token}), append(links, LinkEvent{time.Now(), "offline: " + token})
	lines = append(lines, l.Recent()[len(l.Recent())-1])
	for i, n := range numbers {
		for how := range 256 / 4 { // every spelling, over the numbers
			plant("number", spell(n, uint8(4*how+i)))
		}
		plant("number", n)
		log.Info("call", "device", n, "from", "tel:"+n, "id", "SIP/"+n+"-00000233", "n", json.Number(n))
		lines = append(lines, l.Recent()[len(l.Recent())-1])
	}
	crashed := filepath.Join(folder, "crash-20261122-054122.txt")
	if err := os.WriteFile(crashed, []byte(trace), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"CALLTRAY_PASSWORD": passwords[0], "LANG": passwords[0] + numbers[0], "HTTPS_PROXY": "http://20304050:" + passwords[0] + "@proxy.example.dk:3128",
		"CALLTRAY_TEST_OTHER": "not to be shown", "CANARY_OTHER": "not to be shown",
	} {
		t.Setenv(name, value)
	}

	for _, shown := range []bool{false, true} {
		f := Facts{
			Version: "calltray 0.3 hunter-canary-1", Started: time.Now().Add(-time.Hour), Settings: settings, Links: links,
			Log: lines, Crash: crashed, Secrets: passwords, Numbers: shown,
		}
		var out strings.Builder
		if err := Diagnostics(&out, f); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		for _, bad := range []string{"canary", "not to be shown", "te&d", "uo&lt;te", "22334455", "🔑"} {
			if strings.Contains(text, bad) {
				t.Errorf("numbers shown: %t: %q in it: %s", shown, bad, lineOf(text, bad))
			}
		}
		if got := strings.Contains(text, "20304050"); got != shown {
			t.Errorf("numbers shown: %t, but a number is in it: %t", shown, got)
		}
		for _, want := range []string{"goroutines: ", "memory: ", "HTTPS_PROXY: http://proxy.example.dk:", "CALLTRAY_PASSWORD: (set)", "the password: (not shown)", "started: ", "1h0m0s ago"} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in it", want)
			}
		}
		if shown {
			continue
		}
		// Fold every sign away that may stand between digits, and look again: in whatever spelling.
		text = text[strings.Index(text, "Settings\n"):strings.Index(text, "Built from\n")]
		var again numbersSeen
		again.read(text)
		for _, n := range numbers {
			for i, run := range again.runs {
				if strings.Contains(run, n) {
					t.Errorf("the number %s is in it as %q: %s", n, run, again.lines[i])
				}
			}
		}
	}
}

func lineOf(text, part string) string {
	i := strings.Index(text, part)
	return text[strings.LastIndexByte(text[:i], '\n')+1 : i+strings.IndexByte(text[i:]+"\n", '\n')]
}

// numbersSeen finds digits with at most five characters between them that are no letters, by other
// means than the code under test. Times, which the tests' own log is full of, are cut out first.
type numbersSeen struct{ runs, lines []string }

func (s *numbersSeen) read(text string) {
	for line := range strings.Lines(text) {
		var run []byte
		gap := 0
		for _, r := range escapes.ReplaceAllString(cutTimes(line), " ") {
			switch {
			case '0' <= r && r <= '9':
				run, gap = append(run, byte(r)), 0
			case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', r == '"', gap == 5:
				if len(run) > 2 {
					s.runs, s.lines = append(s.runs, string(run)), append(s.lines, line)
				}
				run, gap = nil, 0
			default:
				gap++
			}
		}
		if len(run) > 2 {
			s.runs, s.lines = append(s.runs, string(run)), append(s.lines, line)
		}
	}
}

// escapes are what a URL spells with digits: a space is %20.
var escapes = regexp.MustCompile(`%(25)*(2[0-9A-F]|0A|5[CBDE])`)

func cutTimes(line string) string {
	for i := 0; i+19 <= len(line); i++ {
		if _, err := time.Parse("2006-01-02T15:04:05", line[i:i+19]); err == nil {
			end := i + 19
			for end < len(line) && strings.IndexByte("0123456789.Z+-:", line[end]) >= 0 {
				end++
			}
			line = line[:i] + "x" + line[end:]
		}
	}
	return line
}

func TestDiagnosticsReads(t *testing.T) {
	at := time.Date(2026, 11, 22, 5, 41, 22, 0, time.UTC)
	crashed := filepath.Join(t.TempDir(), "crash.txt")
	if err := os.WriteFile(crashed, []byte("panic: planted\n"+strings.Repeat("a line of the trace, of some length, which it takes many of to reach the bound\n", 4_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := Diagnostics(&out, Facts{
		Version:  "calltray 0.3",
		Settings: []Setting{{"Server", "tls://csta.example.dk:7001"}, {"Extension", "200"}},
		Links:    []LinkEvent{{at, "online"}, {at.Add(time.Minute), "offline: dial tcp 10.0.0.5:7001: connection refused"}},
		Log:      []string{`time=2026-11-22T05:41:22.123Z level=INFO msg=call id=SIP/hpbx-0000af37 device=200 other=201`, "not UTF-8: \xff", "two\nlines \x1b[31m 22\x0033\x0044\u008555", "log in " + home + "/calltray.log"},
		Crash:    crashed,
	}); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, want := range []string{
		"Program\n=======\nversion: calltray 0.3\n", "Settings\n========\nServer: tls://csta.example.dk:7001\nExtension: [number A]\n",
		"2026-11-22T05:41:22Z online\n2026-11-22T05:42:22Z offline: dial tcp 10.0.0.5:7001: connection refused\n",
		"time=2026-11-22T05:41:22.123Z level=INFO msg=call id=SIP/hpbx-0000af37 device=[number A] other=[number B]\n",
		"not UTF-8: �\n", "two lines  [31m [number C]\n", "log in ~/calltray.log\n", "panic: planted\n", "Built from\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text[:min(len(text), 3000)])
		}
	}
	if len(text) > crashLimit+20_000 {
		t.Errorf("%d bytes", len(text))
	}

	out.Reset()
	if err := Diagnostics(&out, Facts{Crash: filepath.Join(t.TempDir(), "none")}); err != nil || !strings.Contains(out.String(), "cannot be read: ") {
		t.Errorf("%v, %s", err, out.String())
	}
	if err := Diagnostics(refusing{}, Facts{}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the writer's error: %v", err)
	}
}

type refusing struct{}

func (refusing) Write([]byte) (int, error) { return 0, os.ErrClosed }
