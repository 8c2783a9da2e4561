//go:build linux

package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adrg/xdg"

	"calltray/internal/account"
	"calltray/internal/command"
	"calltray/internal/control"
	"calltray/internal/support"
)

// An interrupted "calltray diagnostics" leaves no file behind, and neither does one that is answered: the text
// goes over the channel.
func TestDiagnosticsLeaveNoFile(t *testing.T) {
	home := t.TempDir()
	for name, value := range map[string]string{"XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home, "XDG_RUNTIME_DIR": home,
		"DBUS_SESSION_BUS_ADDRESS": "unix:path=" + home + "/no-bus"} {
		t.Setenv(name, value)
	}
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	file, err := support.OpenLog(support.Folder(), slog.LevelInfo) // makes the folder, as every start does
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	a := New(Config{Settings: account.Settings{UserID: "anna@example.dk"}, Password: "hemmelig", Logger: slog.New(slog.DiscardHandler), File: file})
	asked := make(chan struct{}, 1)
	gone := make(chan struct{})
	answered := make(chan struct{}, 1)
	instance, err := control.Acquire(instanceName, func(ctx context.Context, line []byte) []byte {
		asked <- struct{}{}
		<-gone
		defer func() { answered <- struct{}{} }()
		return a.Reply(ctx, line)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer instance.Close()

	conn, err := net.Dial("unix", filepath.Join(home, "calltray", instanceName+".sock"))
	if err != nil {
		t.Fatal(err)
	}
	request, err := json.Marshal(command.Request{Command: command.Diagnostics})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(append(request, '\n')); err != nil {
		t.Fatal(err)
	}
	<-asked
	conn.Close()
	close(gone)
	<-answered

	facts, err := Diagnostics(t.Context(), true)
	if err != nil || !strings.Contains(facts, "anna@example.dk") || strings.Contains(facts, "hemmelig") {
		t.Errorf("diagnostics: %v\n%s", err, facts)
	}
	left, err := filepath.Glob(filepath.Join(support.Folder(), "*diagnostics*"))
	if len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
