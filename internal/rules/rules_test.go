package rules

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
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

// program is an absolute path on this system.
func program(name string) string {
	if runtime.GOOS == "windows" {
		return `C:\tools\` + name
	}
	return "/opt/tools/" + name
}

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

// exe is what a program's name ends with on this system.
func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
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

// A program gets what a caller is called as one argument, which is no option of it, and in its environment; no shell
// reads it.
func TestRun(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	t.Setenv("RULES_TEST_OUT", out)
	r := &Runner{}
	h := made
	h.Name, h.Number = hostile, "--help"
	results, err := r.Try(t.Context(), `ended => run "`+self+`" {number} {e164} --name={name} {name} "{name}" x {seconds}`, h)
	if err != nil || len(results) != 1 || results[0].Err != nil {
		t.Fatal(results, err)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string][]string
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	args := got["args"]
	if len(args) != 7 || args[0] != "help" || args[1] != "+4522334455" || !strings.HasPrefix(args[2], "--name=-rf \"; $(reboot)") || !strings.HasPrefix(args[3], "rf \"; ") || args[3] != args[4] || args[5] != "x" || args[6] != "90" {
		t.Errorf("arguments %q", args)
	}
	for _, a := range append(args, got["env"]...) {
		if strings.ContainsAny(a, "\n\x00\u202e＂") {
			t.Errorf("%q has what cannot be seen", a)
		}
	}
	if !slices.Contains(got["env"], "CALLTRAY_EVENT=ended") || !slices.Contains(got["env"], "CALLTRAY_COMPANY=Ærø Bageri") || !slices.Contains(got["env"], "CALLTRAY_NUMBER=--help") {
		t.Errorf("environment %q", got["env"])
	}
	if results, _ := r.Try(t.Context(), `ended => run "`+self+`" fail`, h); results[0].Err == nil {
		t.Error("a program that fails works")
	}
	if results, _ := r.Try(t.Context(), "ended => run "+filepath.Join(t.TempDir(), "none.exe"), h); !errors.Is(results[0].Err, os.ErrNotExist) {
		t.Errorf("a program that is not there: %v", results[0].Err)
	}
	if runtime.GOOS == "windows" {
		return // links need a privilege
	}
	for _, name := range []string{"bash", "python3.12", "ssh"} {
		shell, link := filepath.Join(t.TempDir(), name), filepath.Join(t.TempDir(), "log")
		if os.WriteFile(shell, []byte("#!/bin/true\n"), 0o700) != nil || os.Symlink(shell, link) != nil {
			t.Fatal("no link")
		}
		if results, _ := r.Try(t.Context(), "ended => run "+link+" -c {name}", h); !errors.Is(results[0].Err, ErrShell) {
			t.Errorf("a link to %s: %v", name, results[0].Err)
		}
	}
	busybox, applet := filepath.Join(t.TempDir(), "busybox"), filepath.Join(t.TempDir(), "logger")
	if os.WriteFile(busybox, []byte("#!/bin/sh\n"), 0o700) != nil || os.Symlink(busybox, applet) != nil {
		t.Fatal("no link")
	}
	if results, _ := r.Try(t.Context(), "ended => run "+applet+" {name}", h); results[0].Err != nil {
		t.Errorf("an applet of busybox: %v", results[0].Err)
	}
	batch := filepath.Join(t.TempDir(), "x.bat")
	link := filepath.Join(t.TempDir(), "x.exe")
	if os.WriteFile(batch, nil, 0o700) != nil || os.Symlink(batch, link) != nil {
		t.Fatal("no link")
	}
	if results, _ := r.Try(t.Context(), "ended => run "+link, h); !errors.Is(results[0].Err, ErrBatch) {
		t.Errorf("a link to a batch file: %v", results[0].Err)
	}
	t.Setenv("RULES_TEST_HANG", "1")
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, ErrSlow)
	defer cancel()
	if results, _ := r.Try(ctx, `ended => run "`+self+`"`, h); !errors.Is(results[0].Err, ErrSlow) {
		t.Errorf("a program that does not end: %v", results[0].Err)
	}
}

// However an argument is written, what a caller is called begins none as an option would.
func FuzzArguments(f *testing.F) {
	for _, name := range []string{hostile, "-x", "--", "/q", "@file", " -x", "－x", "−x", "a\nb", "\x00-x", "\xff", "", "‐x"} {
		f.Add(name, "")
	}
	f.Fuzz(func(t *testing.T, name, company string) {
		r := Rule{args: []string{"{name}", "{company}{name}", "{name} {company}"}}
		args, err := r.arguments(webpage.Call{Name: name, Company: company})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range args {
			if a != "" && strings.ContainsRune("-/@"+lookalikes, rune(a[0])) || strings.ContainsAny(a, "\n\r\x00＂－") {
				t.Errorf("%q of %q, %q", a, name, company)
			}
		}
	})
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

// No more than four things are done at once, none takes longer than ten seconds, a rule that fails is told of once,
// and nobody who tells what happened waits.
func TestRunner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most, told atomic.Int32
		release := make(chan struct{})
		r := &Runner{
			Open: func(context.Context, *url.URL) error {
				most.Store(max(most.Load(), now.Add(1)))
				defer now.Add(-1)
				<-release
				return errors.New("no browser")
			},
			Failed: func(_ int, err error) {
				if !errors.Is(err, ErrStorm) {
					told.Add(1)
				}
			},
		}
		r.Set("rings => open https://crm.example.dk/{name}\nrings internal => open https://crm.example.dk/never")
		if !r.Wants(Rings) || r.Wants(Ended) {
			t.Error("wants what it has no rule for")
		}
		h := made
		h.Event = Rings
		began := time.Now()
		for range mostWaiting + 5 {
			r.Happened(t.Context(), Rings, func(context.Context, bool) Happening { time.Sleep(time.Second); return h })
		}
		if time.Since(began) != 0 {
			t.Errorf("telling takes %v", time.Since(began))
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if now.Load() != atOnce {
			t.Errorf("%d at once", now.Load())
		}
		close(release)
		r.Wait()
		if most.Load() != atOnce || told.Load() != 1 {
			t.Errorf("%d at once, told %d times", most.Load(), told.Load())
		}
		r.Happened(t.Context(), Rings, func(context.Context, bool) Happening { t.Error("after the end"); return h })
	})
}

// That too much is to be done is told once, of a rule that waits for it, is waited for as all else, and hides no
// trouble of that rule.
func TestStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var told []string
		release := make(chan struct{})
		r := &Runner{
			Open: func(context.Context, *url.URL) error { <-release; return errors.New("no browser") },
			Failed: func(line int, err error) {
				if errors.Is(err, ErrStorm) {
					time.Sleep(time.Second)
				}
				mu.Lock()
				defer mu.Unlock()
				told = append(told, fmt.Sprint(line, " ", err))
			},
		}
		r.Set("ended => open https://crm.example.dk/ended\nrings => open https://crm.example.dk/rings")
		h := made
		h.Event = Rings
		for range mostWaiting + 5 {
			r.Happened(t.Context(), Rings, func(context.Context, bool) Happening { return h })
		}
		close(release)
		r.Wait()
		slices.Sort(told)
		if want := []string{"2 " + ErrStorm.Error(), "2 no browser"}; len(told) != 2 || !slices.Contains(told, want[0]) || !slices.Contains(told, want[1]) {
			t.Errorf("told %q, want %q", told, want)
		}
	})
}

// However a program's version and place are written, it is known by its name.
func TestShells(t *testing.T) {
	for _, name := range []string{"ssh", "plink", "su", "runuser", "timeout", "nice", "setsid", "systemd-run", "find", "watch", "xterm"} {
		for _, args := range []string{" {name}", " x {number} y", " -- x {name}"} {
			if _, err := Parse("rings => run " + program(name) + exe() + args); !errors.Is(err, ErrShell) {
				t.Errorf("%s%s: %v", name, args, err)
			}
		}
		if _, err := Parse("rings => run " + program(name) + exe() + " x y"); err != nil {
			t.Errorf("%s without words: %v", name, err)
		}
	}
	for _, name := range []string{"python3.12", "python3", "perl5.36", "perl5.36.0", "lua", "lua5.4", "tclsh", "tclsh8.6", "pythonw", "php8.2", "bash5"} {
		if _, err := Parse("rings => run " + program(name) + exe() + " -c {name}"); !errors.Is(err, ErrShell) {
			t.Errorf("%s with a command: %v", name, err)
		}
		if _, err := Parse("rings => run " + program(name) + exe() + " script {name}"); err != nil {
			t.Errorf("%s with a script: %v", name, err)
		}
	}
}

func Example() {
	list, _ := Parse("missed external => open https://crm.example.dk/?q={e164}")
	fmt.Println(len(list), list[0].Event)
	// Output: 1 missed
}
