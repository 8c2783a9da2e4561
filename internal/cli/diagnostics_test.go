//go:build linux

package cli

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/app"
	"calltray/internal/control"
	"calltray/internal/support"
	"calltray/pbxsim"
)

// plantedNumbers are who calls, in spellings that a number has on its way: as the PBX tells it, and as the
// screen and the log may. None of them can come about by chance: no time and no port looks like this.
var plantedNumbers = map[string][]string{
	"71829304":   {"71829304", "71 82 93 04", "7182 9304", "71-82-93-04"},
	"4561728394": {"4561728394", "61728394", "61 72 83 94", "+45 61 72 83 94"},
	"86420975":   {"86420975", "86 42 09 75", "8642 0975"},
}

// diagnosticsTrunk is the trunk of the PBX, which is a number too, and in its name.
const diagnosticsTrunk = "79864213"

// TestDiagnosticsHoldsNoSecret: after a day of office life, of which every frame is in the log, the text
// for the support holds no password: neither the one that logs in nor the same one quoted by the server,
// and with --no-numbers no telephone number. It is asked of the running application, and of the disk
// after it, where the keyring cannot be asked for the password either.
func TestDiagnosticsHoldsNoSecret(t *testing.T) {
	for _, gateway := range []string{"tcp", "signalr"} {
		t.Run(gateway, func(t *testing.T) {
			home := t.TempDir()
			user := pbxsim.User{UserID: "canary@example.dk", Password: canary}
			pbx := pbxsim.New(pbxsim.Config{Trunk: diagnosticsTrunk, Users: []pbxsim.User{user}, Outside: pbxsim.Demo})
			t.Cleanup(func() { pbx.Close() })
			address, err := map[string]func(string) (string, error){"tcp": pbx.ListenTCP, "signalr": pbx.ListenHTTP}[gateway]("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}

			env := append(bare(home), "XDG_STATE_HOME="+home+"/state", "DBUS_SESSION_BUS_ADDRESS=unix:path="+home+"/no-bus",
				"CALLTRAY_URL="+address, "CALLTRAY_USER="+user.UserID, "CALLTRAY_PBX_DOMAIN="+pbx.Domain(), "CALLTRAY_DEVICE=201")
			adopt(t, env)
			file, err := support.OpenLog(support.Folder(), slog.LevelDebug)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			settings := account.Settings{URL: address, UserID: user.UserID, PBXDomain: pbx.Domain(), Device: "201"}
			a := app.New(app.Config{Settings: settings, Password: canary, Logger: slog.New(file.Handler()), File: file})
			end := a.Begin(t.Context())
			defer end()
			officeDay(t, a, slog.New(file.Handler()), pbx, map[string]string{"tcp": "<OddEvent><text>" + canary + "</text></OddEvent>\x00",
				"signalr": `{"type":1,"target":"Odd","arguments":["` + canary + `"]}` + "\x1e"}[gateway])

			running, err := control.Acquire("calltray", a.Reply)
			if err != nil {
				t.Fatal(err)
			}
			holdsNone(t, "the running application", env)
			if err := running.Close(); err != nil {
				t.Fatal(err)
			}
			end()
			file.Close()
			holdsNone(t, "the disk", env)
			holdsNone(t, "the disk, password known", append(env, "CALLTRAY_PASSWORD="+canary))
			cleanOfCanary(t, "the log", strings.Join(file.Recent(), "\n"))
		})
	}
}

// officeCalls is how often every planted number calls.
const officeCalls = 40

// officeDay lets every planted number call, some of them with the password for a name, and
// returns when the application has seen it all: it then places a call itself, and events come in order. odd
// is a message of the server that quotes the password and that no documentation has.
func officeDay(t *testing.T, a *app.App, log *slog.Logger, pbx *pbxsim.PBX, odd string) {
	t.Helper()
	online := func() bool {
		return a.State().Status == csta.Online
	}
	eventually(t, "the application is online", online)
	pbx.Set(func(b *pbxsim.Behaviour) { b.DivertCause = "not for " + canary })
	for i := range officeCalls {
		for number := range plantedNumbers {
			name := []string{"Ærø Bageri", canary, "Ring " + number, "71 82 93 04"}[i%4]
			call, err := pbx.Call(number, "201", name)
			if err != nil {
				t.Fatal(err)
			}
			switch i % 3 {
			case 0:
				err = errors.Join(call.Answer("201"), call.Clear("201"))
			case 1:
				err = call.Clear(number)
			default:
				err = errors.Join(call.Deflect("201", "202"), call.Clear("202"))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	pbx.Inject([]byte(odd))
	calls := func() bool {
		s, err := a.Session()
		if err == nil {
			_, err = s.MakeCall(t.Context(), "71829304")
		}
		return err == nil
	}
	eventually(t, "the application has called", calls)
	log.Error("what a careless part of the program would write", "err", errors.New("refused: "+canary))
	before := a.State().Since
	pbx.Drop() // the link's history gets more than its first line
	eventually(t, "the application is online again", func() bool {
		st := a.State()
		return st.Status == csta.Online && st.Since.After(before)
	})
	eventually(t, "the application has called again", calls)
}

// eventually waits for what comes about by itself.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	timeout, tick := time.After(limit), time.NewTicker(10*time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatalf("in vain: %s", what)
		}
	}
}

// holdsNone has the program write the text, with numbers and without, and looks for what is planted.
func holdsNone(t *testing.T, from string, env []string) {
	t.Helper()
	for _, hide := range []bool{false, true} {
		args := []string{"diagnostics", "--output", "-"}
		if hide {
			args = append(args, "--no-numbers")
		}
		r := <-begin(t.Context(), t, env, args...)
		if r.code != 0 || r.stderr != "" {
			t.Fatalf("%s: exit code %d, %s", from, r.code, r.stderr)
		}
		text := r.stdout
		cleanOfCanary(t, from, text)
		want := []string{"[redacted]", "[secret]", "SIP/hpbx-"} // by the codec, by the log, and what there is to find
		if from == "the running application" {
			want = append(want, "offline: The server closed the connection")
		}
		for _, s := range want {
			if !strings.Contains(text, s) {
				t.Errorf("%s: no %q in the text", from, s)
			}
		}
		if lines := strings.Count(text, "\n"); lines < 3*officeCalls*len(plantedNumbers) {
			t.Errorf("%s: %d lines, too few to be after a day in the office", from, lines)
		}
		found := 0
		for number, spellings := range plantedNumbers {
			for _, s := range append(spellings, diagnosticsTrunk) {
				if i := strings.Index(text, s); i >= 0 {
					found++
					if hide {
						t.Errorf("%s: %s is in the text as %q: ...%q...", from, number, s, text[max(0, i-100):min(len(text), i+100)])
						break
					}
				}
			}
		}
		if !hide && found < len(plantedNumbers) {
			t.Errorf("%s: the text tells of %d numbers only: nothing could be hidden", from, found)
		}
		if hide != strings.Contains(text, "[number ") {
			t.Errorf("%s: with --no-numbers %v, the names of numbers are in the text: %v", from, hide, !hide)
		}
		t.Logf("%s, --no-numbers %v: %d lines, %d bytes; %d places of the password, %d of numbers", from, hide,
			strings.Count(text, "\n"), len(text), strings.Count(text, "[secret]")+strings.Count(text, "[redacted]"), strings.Count(text, "[number "))
	}
}

// cleanOfCanary looks for the password, and for what would be left of one that was cut or spelled.
func cleanOfCanary(t *testing.T, where, text string) {
	t.Helper()
	for _, s := range escaped[:2] { // the third would be found in the hexadecimal of a commit, now and then
		if i := strings.Index(text, s); i >= 0 {
			t.Errorf("%s shows the password: ...%q", where, text[max(0, i-200):min(len(text), i+100)])
			return
		}
	}
}
