//go:build linux

package cli

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/adrg/xdg"

	"calltray/cstasession/csta"
	"calltray/internal/app"
	"calltray/internal/control"
	"calltray/pbxsim"
)

// TestServicesRefused: what the PBX refuses, ignores or does not tell is a sentence, and exit code 1.
func TestServicesRefused(t *testing.T) {
	bothWays(t, func(t *testing.T, x *exchange, env []string, a *app.App) {
		x.Set(func(b *pbxsim.Behaviour) {
			b.Unsupported, b.NoEffect = "HoldCall,SetDoNotDisturb", "SetForwarding,GenerateDigits"
		})
		call, err := x.Call("22334455", "201", "")
		if err == nil {
			err = call.Answer("201")
		}
		if err != nil {
			t.Fatal(err)
		}
		if a != nil {
			eventually(t, "the application knows of the call", func() bool { return x.agrees(a) })
		}
		for _, tt := range []struct {
			args, want string
			code       int
		}{
			{"hold", "calltray: The PBX does not offer hold (", 1},
			{"dnd on", "calltray: The PBX does not offer do-not-disturb (", 1},
			{"forward busy 202", "calltray: The PBX agreed, but nothing happened: look at the number", 1},
			{"digits 1", "Played 1 digit to 22 33 44 55.", 0}, // no event reports it
		} {
			if strings.HasPrefix(tt.args, "forward") && (a == nil || slices.Contains(env, "CALLTRAY_URL="+x.http)) {
				continue // ten seconds once are enough
			}
			got, code := said(t, env, tt.args)
			if code != tt.code || !strings.HasPrefix(got, tt.want) || !strings.HasSuffix(got, ".") || strings.Contains(got, "\n") {
				t.Errorf("%s: got %q, exit code %d; want %q, %d", tt.args, got, code, tt.want, tt.code)
			}
		}
	})
}

// TestOffline: the running application that has lost the PBX says so; nobody logs in behind its back.
func TestOffline(t *testing.T) {
	x := newExchange(t, anna)
	a, env := running(t, x, x.tcp, "201", slog.New(slog.DiscardHandler))
	x.Close()
	eventually(t, "the application is offline", func() bool {
		return a.State().Status != csta.Online
	})
	for _, args := range []string{"answer", "dnd", "colleagues", "transfer 202"} {
		if got, code := said(t, env, args); got != "calltray: Calltray is not connected to the PBX: wait until it is online, or use the telephone." || code != 1 {
			t.Errorf("%s: %q, exit code %d", args, got, code)
		}
	}
}

// TestNoNamesInTheLog: the user's names for people, and who called, are in no log and in no support file that
// hides numbers; and digits that were played, which may be a code, are in no log at all.
func TestNoNamesInTheLog(t *testing.T) {
	bothWays(t, func(t *testing.T, x *exchange, env []string, a *app.App) {
		if a != nil {
			x.Drop() // and something is logged
			x.await(t, " login ", 2)
			eventually(t, "the application is back", func() bool { return x.agrees(a) })
		}
		for _, from := range []string{"22334455", "200"} {
			call, err := x.Call(from, "201", "")
			if err == nil {
				err = call.Answer("201")
			}
			if err != nil {
				t.Fatal(err)
			}
			if a != nil {
				eventually(t, "the application knows of the call", func() bool { return x.agrees(a) })
			}
			for _, args := range []string{"digits 918273 --debug", "hold", "resume", "hangup"} {
				out, code := said(t, env, args)
				if code != 0 || strings.Contains(out, "918273") {
					t.Errorf("%s: exit code %d, %s", args, code, out)
				}
			}
		}
		if a == nil {
			return
		}
		facts, _ := said(t, env, "diagnostics --no-numbers --output -")
		for _, text := range []string{x.log.String(), facts} {
			for _, secret := range []string{"Navnekanarie", "22334455", "918273", "Salg"} {
				if i := strings.Index(text, secret); i >= 0 {
					t.Errorf("%s is told: ...%s...", secret, text[max(0, i-100):min(len(text), i+100)])
				}
			}
		}
		if !strings.Contains(facts, "History of the link") || !strings.Contains(x.log.String(), "level=") {
			t.Errorf("the file for the support: %s\nthe log: %s", facts, x.log.String())
		}
	})
}

// TestHungInstance: a running application that does not answer is distinguished from a PBX that does not.
func TestHungInstance(t *testing.T) {
	home := t.TempDir()
	t.Cleanup(xdg.Reload) // runs when Setenv has put the variable back
	t.Setenv("XDG_RUNTIME_DIR", home)
	xdg.Reload()
	woken := make(chan struct{})
	instance, err := control.Acquire("calltray", func(context.Context, []byte) []byte {
		<-woken
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { close(woken); _ = instance.Close() }()
	p := start(t, bare(home)) // the application starts on a main goroutine
	if code := p.finish(t); p.stderr.String() != "calltray: Calltray is running but does not answer: quit it, and start it again.\n" || code != 1 {
		t.Errorf("%q, exit code %d", &p.stderr, code)
	}
}
