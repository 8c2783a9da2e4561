package account

import (
	"os"
	"testing"

	"golang.org/x/sys/windows"
)

// What another user put into %ProgramData% changes nothing.
func TestTrustedOwner(t *testing.T) {
	const user = "S-1-5-21-1-2-3-1001"
	for owner, want := range map[string]bool{
		user:                  true,
		"S-1-5-21-1-2-3-1002": false, // another user
		"S-1-5-32-544":        true,  // Administrators
		"S-1-5-32-545":        false, // Users
		"S-1-5-18":            true,  // the system
		"S-1-5-19":            false, // Local Service
		"S-1-1-0":             false, // everybody
		"S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464": true, // TrustedInstaller
	} {
		o, err := windows.StringToSid(owner)
		if err != nil {
			t.Fatal(err)
		}
		u, err := windows.StringToSid(user)
		if err != nil {
			t.Fatal(err)
		}
		if got := trustedOwner(o, u); got != want {
			t.Errorf("%s: %v", owner, got)
		}
	}
	own, err := os.CreateTemp("", "own")
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(own.Name())
	defer own.Close()
	if !trusted(own) {
		t.Error("the user's own file is not trusted")
	}
}
