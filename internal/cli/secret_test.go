package cli

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/adrg/xdg"

	"calltray/internal/account"
	"calltray/internal/app"
	"calltray/pbxsim"
)

// canary is a password that is nowhere but where a test plants it.
const canary = "kanariefugl-&<7q3z>-æøå"

// escaped is how the canary looks on its ways out: as it is, in XML, in JSON, quoted by a logger. No identifier of
// hexadecimal digits looks so.
var escaped = []string{canary, "kanariefugl", "7q3z"}

// TestSecretCanary runs every command that logs in, at every level of the log, over both gateways, with
// the right password and with a refused one, and looks for the password in everything they say.
func TestSecretCanary(t *testing.T) {
	right := pbxsim.User{UserID: "canary@example.dk", Password: canary}
	refused := pbxsim.User{UserID: "canary@example.dk", Password: canary + "!"}
	for _, args := range []string{"monitor", "monitor --json", "dial 22334455", "dial 999", "hangup", "dnd on", "queue in", "colleagues --json"} {
		for _, level := range []string{"", " --debug"} {
			for _, gateway := range []string{"tcp", "signalr"} {
				for _, user := range []pbxsim.User{right, refused} {
					name := strings.ReplaceAll(args+level+" "+gateway, " ", "_")
					if user == refused {
						name += "_refused"
					}
					// The libraries below may write to the standard error by themselves: it is looked at where most is said.
					alone := level != "" && (args == "monitor" || args == "dial 22334455")
					t.Run(name, func(t *testing.T) {
						if alone {
							t.Parallel()
						}
						x := newExchange(t, right)
						env := x.env(map[string]string{"tcp": x.tcp, "signalr": x.http}[gateway], user, "200")
						interrupted := strings.HasPrefix(args, "monitor") && user == right
						var r result
						if alone {
							p := start(t, env, strings.Fields(args+level)...)
							if interrupted {
								x.await(t, "SnapShotDevice", 1)
								p.interrupt(t)
							}
							code := p.finish(t)
							r = result{p.printed.String(), p.stderr.String(), code}
						} else {
							ctx, interrupt := context.WithCancel(t.Context())
							defer interrupt()
							ended := begin(ctx, t, env, strings.Fields(args+level)...)
							if interrupted {
								x.await(t, "SnapShotDevice", 1)
								interrupt()
							}
							r = <-ended
						}
						if level != "" && r.stderr == "" {
							t.Error("--debug says nothing")
						}
						clean(t, "standard output", r.stdout)
						clean(t, "standard error", r.stderr)
						cleanFolder(t, x.home)
					})
				}
			}
		}
	}
}

// TestSecretInCrash: the stacks of a program that is killed with SIGQUIT do not show the password.
func TestSecretInCrash(t *testing.T) {
	user := pbxsim.User{UserID: "canary@example.dk", Password: canary}
	x := newExchange(t, user)
	p := start(t, append(x.env(x.tcp, user, "200"), "GOTRACEBACK=all"), "monitor", "--debug")
	x.await(t, "SnapShotDevice", 1)
	if err := p.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	p.finish(t)
	if !strings.Contains(p.stderr.String(), "goroutine ") {
		t.Fatalf("no stacks in %q", &p.stderr)
	}
	clean(t, "the crash", p.stderr.String())
}

// TestSecretOnDisk: settings that were saved with a password kept in memory hold none.
func TestSecretOnDisk(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", home)
	xdg.Reload()
	defer xdg.Reload()
	s := account.Settings{URL: "tcp://127.0.0.1:1", UserID: "canary", PBXDomain: "12345678.pbx.example.dk", Device: "200"}
	app.New(app.Config{Settings: s, Password: canary, Logger: slog.New(slog.DiscardHandler)})
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	if got, err := account.Load(); err != nil || got.UserID != "canary" {
		t.Fatalf("%+v, %v", got, err)
	}
	cleanFolder(t, home)
}

func clean(t *testing.T, where, text string) {
	t.Helper()
	for _, s := range escaped {
		if i := strings.Index(text, s); i >= 0 {
			t.Errorf("%s shows the password: ...%q", where, text[max(0, i-200):min(len(text), i+100)])
			return
		}
	}
}

func cleanFolder(t *testing.T, folder string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			var b []byte
			b, err = os.ReadFile(path)
			clean(t, path, string(b))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
