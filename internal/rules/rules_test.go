package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"calltray/internal/leaktest"
	"calltray/internal/webpage"
)

// TestMain lets the test's program be the one that a rule runs: it writes what it was given into a file.
func TestMain(m *testing.M) {
	switch out := os.Getenv("RULES_TEST_OUT"); {
	case out == "":
		leaktest.Main(m)
	case os.Getenv("RULES_TEST_HANG") != "":
		time.Sleep(time.Hour)
	default:
		var calltray []string
		for _, e := range os.Environ() {
			if strings.HasPrefix(e, "CALLTRAY_") {
				calltray = append(calltray, e)
			}
		}
		data, _ := json.Marshal(map[string][]string{"args": os.Args[1:], "env": calltray})
		_ = os.WriteFile(out, data, 0o600)
		if slices.Contains(os.Args, "fail") {
			os.Exit(3)
		}
	}
}

// hostile is what a caller may be called.
const hostile = "-rf \"; $(reboot) `id` %PATH% & del /q *\n\x00<b>|^\u202e＂ -x"

var made = Happening{Event: Ended, Call: webpage.Call{Number: "22334455", E164: "+4522334455", Name: "Anna Holm", Company: "Ærø Bageri", Direction: "incoming",
	Queue: "900", Outcome: "answered", Talked: 90 * time.Second, Linkage: "x1"}, Source: "/home/anna/kunder.csv"}

func TestParse(t *testing.T) {
	good := "# a comment\n\nrings external => open https://crm.example.dk/search?q={e164}\n" +
		"  Ended queue source:\"my file.csv\" =>  post https://crm.example.dk/calls  \n" +
		"missed => post https://chat.example.dk/hook {\"text\": \"{name} on {number}\", \"list\": [1, \"{queue}\"]}\n" +
		"dialled outgoing => run \"" + program("my tool.exe") + "\" --number {number} \"{name} of \"\"{company}\"\"\" \"\"\n" +
		"answered internal => run " + program("python3.exe") + " script.py {name}\n" +
		"answered => run " + program("powershell.exe") + " -NoProfile -File x.ps1 {name}\n"
	list, err := Parse(good)
	if err != nil || len(list) != 6 {
		t.Fatalf("%d rules, %v", len(list), err)
	}
	if r := list[3]; r.Line != 6 || r.target != program("my tool.exe") || !slices.Equal(r.args, []string{"--number", "{number}", `{name} of "{company}"`, ""}) {
		t.Errorf("%+v", r)
	}
	if r := list[1]; !slices.Equal(r.who, []string{"queue", "source:my file.csv"}) || r.target != "https://crm.example.dk/calls" || r.body != nil {
		t.Errorf("%+v", r)
	}
	for line, want := range map[string]error{
		"rings": ErrForm, "rings open https://x.dk": ErrForm, "=> open https://x.dk": ErrForm, "rings => run": ErrForm, "rings => run \"" + program("x.exe"): ErrForm,
		"ringing => open https://x.dk": ErrWhen, "rings external foo => open https://x.dk": ErrWho, "rings source: => open https://x.dk": ErrWho,
		"rings => start https://x.dk": ErrAction, "rings =>": ErrAction,
		"rings => open javascript:alert(1)": webpage.ErrScheme, "rings => open file:///etc/passwd": webpage.ErrScheme, "rings => post {name}://x": webpage.ErrScheme,
		"rings => open https://{name}/": webpage.ErrHost, "rings => post https://u:p@x.dk/": webpage.ErrHost,
		"rings => open https://x.dk/{foo}": webpage.ErrWord, "rings => run " + program("x.exe") + " {foo}": webpage.ErrWord,
		`rings => post https://x.dk/ {"a": "{foo}"}`: webpage.ErrWord,
		`rings => post https://x.dk/ {"a": {name}}`:  ErrBody, `rings => post https://x.dk/ {"a": 1} {"b": 2}`: ErrBody, "rings => post https://x.dk/ null": ErrBody,
		"rings => run tool.exe {number}": ErrProgram, "rings => run " + program("{name}.exe"): ErrProgram, "rings => run ./x": ErrProgram,
		"rings => run " + program("x.bat") + " {name}": ErrBatch, "rings => run " + program("x.CMD"): ErrBatch, "rings => run \"" + program("x.bat. . ") + "\"": ErrBatch,
		"rings => run " + program("x.cmd:x"): ErrBatch, "rings => run " + program("cmd.exe") + " /c echo": ErrBatch,
		"rings => run " + program("sh") + exe() + " -c {name}": ErrShell, "rings => run " + program("bash") + exe() + " {name}": ErrShell,
		"rings => run " + program("PowerShell.exe") + " -Command {name}": ErrShell, "rings => run " + program("pwsh.exe") + " -c x -file y {name}": ErrShell,
		"rings => run " + program("python3.exe") + " -c {name}": ErrShell, "rings => run " + program("env") + exe() + " sh -c {name}": ErrShell,
		strings.Repeat("rings => open https://x.dk\n", MaxRules+1): ErrTooMany, strings.Repeat("#", maxText+1): ErrTooMany, "#" + strings.Repeat(".", maxMarks+1): ErrTooMany, "rings => open https://x.dk/\x01": ErrForm, "rings => open https://x.dk/\xff": ErrForm,
	} {
		if _, err := Parse("# first\n" + line); !errors.Is(err, want) {
			t.Errorf("%.60q: %v, want %v", line, err, want)
		}
	}
}

func TestApplies(t *testing.T) {
	inside := made
	inside.Internal, inside.Queue, inside.Direction, inside.Source = true, "", "outgoing", ""
	for who, want := range map[string][2]bool{
		"ended": {true, true}, "missed": {false, false}, "ended external": {true, false}, "ended internal": {false, true}, "ended queue": {true, false},
		"ended incoming queue external": {true, false}, "ended outgoing": {false, true}, "ended source:Kunder.csv": {true, false},
		"ended source:/home/anna/kunder.csv": {true, false}, "ended source:own": {false, false}, "ended external source:other.csv": {false, false},
	} {
		list, err := Parse(who + " => open https://crm.example.dk/")
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]bool{list[0].Applies(made), list[0].Applies(inside)}; got != want {
			t.Errorf("%s: %v, want %v", who, got, want)
		}
	}
}

func TestPost(t *testing.T) {
	var mu sync.Mutex
	var bodies []map[string]any
	received := 0
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		received++
		var body map[string]any
		data, _ := io.ReadAll(q.Body)
		if q.Method != http.MethodPost || q.Header.Get("Content-Type") != "application/json" || json.Unmarshal(data, &body) != nil {
			t.Errorf("%s %s %s", q.Method, q.Header, data)
		}
		bodies = append(bodies, body)
		switch q.URL.Path {
		case "/away":
			http.Redirect(w, q, "http://127.0.0.1:1/", http.StatusTemporaryRedirect)
		case "/bad":
			w.WriteHeader(500)
		}
	}))
	defer server.Close()
	pool := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	r := &Runner{roots: pool}
	h := made
	h.Name = hostile + `", "admin": true, "x": "`
	results, err := r.Try(t.Context(), "ended => post "+server.URL+"/calls\nended => post "+server.URL+`/hook {"text": "{name}", "n": 7, "of": ["{seconds}"]}`+
		"\nended => post "+server.URL+"/away\nended => post "+server.URL+"/bad\nended => post https://127.0.0.1:1/secret", h)
	if err != nil || len(results) != 5 || results[0].Err != nil || results[1].Err != nil || !errors.Is(results[2].Err, ErrAway) || results[3].Err != StatusError(500) || results[4].Err == nil {
		t.Fatal(results, err)
	}
	if strings.Contains(results[4].Err.Error(), "secret") {
		t.Errorf("%v holds the address", results[4].Err)
	}
	all, hook := false, false
	for _, b := range bodies {
		if b["event"] == "ended" && b["e164"] == "+4522334455" && b["seconds"] == "90" && b["company"] == "Ærø Bageri" && b["admin"] == nil && len(b) == 10 {
			all = true
		}
		if text, is := b["text"].(string); is && strings.Contains(text, `", "admin": true`) && b["n"] == 7.0 && len(b) == 3 {
			hook = true
		}
	}
	if !all || !hook || received != 4 {
		t.Errorf("the server got %v", bodies)
	}
	untrusting := &Runner{}
	if results, _ := untrusting.Try(t.Context(), "ended => post "+server.URL, h); results[0].Err == nil || received != 4 {
		t.Errorf("a certificate that nobody vouches for: %v", results[0].Err)
	}
	proxied := &Runner{Proxy: func(*http.Request) (*url.URL, error) { return nil, errors.New("asked") }}
	if results, _ := proxied.Try(t.Context(), "ended => post "+server.URL, h); results[0].Err == nil || !strings.Contains(results[0].Err.Error(), "asked") {
		t.Errorf("the proxy is not asked: %v", results[0].Err)
	}
}

func Example() {
	list, _ := Parse("missed external => open https://crm.example.dk/?q={e164}")
	fmt.Println(len(list), list[0].Event)
	// Output: 1 missed
}
