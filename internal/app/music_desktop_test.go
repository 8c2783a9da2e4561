//go:build desktop && linux

package app

import (
	"bufio"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adrg/xdg"
	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/pbxsim"
)

// player is a music player on the bus.
type player struct{ properties *prop.Properties }

const playerInterface = "org.mpris.MediaPlayer2.Player"

func (p *player) set(status string) *dbus.Error {
	p.properties.SetMust(playerInterface, "PlaybackStatus", status)
	return nil
}
func (p *player) Pause() *dbus.Error { return p.set("Paused") }
func (p *player) Play() *dbus.Error  { return p.set("Playing") }

// The calls reach the player, and so does the setting, from the window and from the command line.
func TestMusicIsPausedInACall(t *testing.T) {
	home := t.TempDir()
	config := filepath.Join(home, "bus.conf")
	if err := os.WriteFile(config, []byte(`<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`), 0o600); err != nil {
		t.Fatal(err)
	}
	daemon := exec.Command("dbus-daemon", "--config-file="+config, "--nofork", "--print-address=1")
	out, err := daemon.StdoutPipe()
	if err == nil {
		err = daemon.Start()
	}
	if err != nil {
		t.Fatalf("the test needs dbus-daemon: %v", err)
	}
	defer func() { _ = daemon.Process.Kill(); _ = daemon.Wait() }()
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address = strings.TrimSpace(address)
	for name, value := range map[string]string{"XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home, "XDG_RUNTIME_DIR": home, "DBUS_SESSION_BUS_ADDRESS": address} {
		t.Setenv(name, value)
	}
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	music := &player{}
	const path = "/org/mpris/MediaPlayer2"
	music.properties, err = prop.Export(conn, path, prop.Map{playerInterface: {"PlaybackStatus": {Value: "Playing", Emit: prop.EmitTrue}}})
	if err == nil {
		err = conn.Export(music, path, playerInterface)
	}
	if err == nil {
		_, err = conn.RequestName("org.mpris.MediaPlayer2.test", dbus.NameFlagDoNotQueue)
	}
	if err != nil {
		t.Fatal(err)
	}

	anna := pbxsim.User{UserID: "anna@example.dk", Password: "hemmelig"}
	pbx := pbxsim.New(pbxsim.Config{Users: []pbxsim.User{anna}})
	defer pbx.Close()
	url, err := pbx.ListenTCP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	settings := account.Settings{URL: url, UserID: anna.UserID, PBXDomain: pbx.Domain(), Device: "201", PauseMusic: true}.AcceptPlain()
	a := New(Config{Settings: settings, Password: anna.Password, Logger: slog.New(slog.DiscardHandler)})
	defer a.Begin(t.Context())()
	until := func(what string, is func() bool) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("in vain: %s; the state is %+v", what, a.State())
			}
		}
	}
	plays := func(want string) func() bool {
		return func() bool { return music.properties.GetMust(playerInterface, "PlaybackStatus") == want }
	}
	until("online", func() bool { return a.State().Status == csta.Online })
	call, err := pbx.Call("22334455", "201", "Ærø")
	if err != nil {
		t.Fatal(err)
	}
	until("it rings", func() bool { return len(a.State().Calls) == 1 })
	if !plays("Playing")() {
		t.Error("the music stops while it only rings")
	}
	if err := call.Answer("201"); err != nil {
		t.Fatal(err)
	}
	until("paused while talking", plays("Paused"))
	settings.PauseMusic = false
	if err := a.save(t.Context(), settings, "", false); err != nil {
		t.Fatal(err)
	}
	until("it plays on when switched off in the window", plays("Playing"))
	settings.PauseMusic = true
	if err := settings.Save(); err != nil {
		t.Fatal(err)
	}
	if err := a.reload(false); err != nil {
		t.Fatal(err)
	}
	until("it is paused when switched on on the command line", plays("Paused"))
	if err := call.Clear("201"); err != nil {
		t.Fatal(err)
	}
	until("the music plays on after the call", plays("Playing"))
}
