package autostart

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"
)

var entry = Entry{ID: "dk.calltray.Test", Name: "Calltray Test", Command: []string{"/opt/Call & tray/calltray", "--hidden"}}

// A path may hold everything that XML minds.
func TestLaunchAgent(t *testing.T) {
	e := entry
	e.Command = []string{`/Applications/<Bob's> & "Co".app/calltray`, "--hidden"}
	var plist struct {
		Keys    []string `xml:"dict>key"`
		Strings []string `xml:"dict>string"`
		Args    []string `xml:"dict>array>string"`
	}
	if err := xml.Unmarshal(e.launchAgent(), &plist); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(plist.Args, e.Command) {
		t.Errorf("the command is %q, want %q", plist.Args, e.Command)
	}
	if got, want := strings.Join(plist.Keys, " "), "Label ProgramArguments RunAtLoad LimitLoadToSessionType ProcessType"; got != want {
		t.Errorf("keys %s, want %s", got, want)
	}
	if plist.Strings[0] != e.ID {
		t.Errorf("label %s, want %s", plist.Strings[0], e.ID)
	}
}
