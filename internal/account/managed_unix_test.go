//go:build !windows

package account

import (
	"testing"

	"github.com/adrg/xdg"
)

// A folder that is named earlier counts more, and what any of them locks is locked.
func TestSeveralManagedFiles(t *testing.T) {
	home(t)
	first, second := t.TempDir(), t.TempDir()
	t.Setenv("XDG_CONFIG_DIRS", first+":"+second)
	xdg.Reload()
	write(t, ManagedPaths()[0], "url = 'tls://first:1'\nlocked = ['popup']\n")
	write(t, ManagedPaths()[1], "url = 'tls://second:1'\npbx_domain = 'second.dk'\nlocked = ['url']\n")
	got, err := LoadManaged()
	if want := (Settings{URL: "tls://first:1", PBXDomain: "second.dk"}); got.Settings != want || err != nil {
		t.Errorf("got %+v, %v", got, err)
	}
	if !got.Locks(FieldURL) || !got.Locks(FieldPopup) || got.Locks(FieldDevice) {
		t.Errorf("locked are %v", got.Locked)
	}
}
