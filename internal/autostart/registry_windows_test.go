package autostart

import (
	"errors"
	"testing"

	"golang.org/x/sys/windows/registry"
)

// The test uses the registry of the machine that it runs on, with a name that no program has.
func TestRegistry(t *testing.T) {
	e := Entry{ID: "dk.calltray.Test", Name: "Calltray Test", Command: []string{`C:\Program Files\Calltray\calltray.exe`, "--hidden"}}
	t.Cleanup(func() { _ = e.Disable() })
	enabled := func(want bool) {
		t.Helper()
		if got, err := e.Enabled(); got != want || err != nil {
			t.Errorf("enabled: %v, %v; want %v", got, err, want)
		}
	}
	enabled(false)
	if err := e.Enable(); err != nil {
		t.Fatal(err)
	}
	enabled(true)
	key, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	defer key.Close()
	if got, _, err := key.GetStringValue(e.Name); got != `"C:\Program Files\Calltray\calltray.exe" --hidden` || err != nil {
		t.Errorf("the command is %s, %v", got, err)
	}

	// As the Task Manager switches it off.
	approved, _, err := registry.CreateKey(registry.CURRENT_USER, approvedKey, registry.SET_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	defer approved.Close()
	if err := approved.SetBinaryValue(e.Name, []byte{3, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}); err != nil {
		t.Fatal(err)
	}
	enabled(false)
	if err := e.Enable(); err != nil {
		t.Fatal(err)
	}
	enabled(true)

	for range 2 {
		if err := e.Disable(); err != nil {
			t.Fatal(err)
		}
		enabled(false)
	}
}

// What an administrator's installation starts for everybody is said, and left.
func TestEveryUser(t *testing.T) {
	e := Entry{Name: "Calltray Test for everybody", Command: []string{`C:\calltray.exe`}}
	key, _, err := registry.CreateKey(registry.LOCAL_MACHINE, runKey, registry.SET_VALUE)
	if err != nil {
		t.Fatal(err) // needs an administrator; Wine's user is one
	}
	defer key.Close()
	if err := key.SetStringValue(e.Name, e.Command[0]); err != nil {
		t.Fatal(err)
	}
	defer key.DeleteValue(e.Name)
	if on, err := e.Enabled(); !on || err != nil {
		t.Errorf("enabled: %v, %v", on, err)
	}
	if err := e.Disable(); !errors.Is(err, ErrManaged) {
		t.Errorf("disable: %v", err)
	}
}
