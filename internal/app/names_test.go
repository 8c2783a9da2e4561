package app

import (
	"errors"
	"os"
	"reflect"
	"testing"

	"github.com/adrg/xdg"

	"calltray/cstasession/csta"
	"calltray/internal/account"
)

// TestNamesFollowTheExchange: another PBX domain has other names, and the demonstration touches no file.
func TestNamesFollowTheExchange(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	xdg.Reload()
	defer xdg.Reload()
	n := &names{}
	for _, step := range []struct{ domain, name string }{{"one.example.dk", "Bo"}, {"two.example.dk", "Ida"}} {
		if err := n.load(step.domain); err != nil || len(n.known()) != 0 {
			t.Fatalf("%s: %q, %v", step.domain, n.known(), err)
		}
		if err := n.set("201", step.name); err != nil || n.known()["201"] != step.name {
			t.Fatalf("%s: %q, %v", step.domain, n.known(), err)
		}
	}
	if err := n.load("one.example.dk"); err != nil || n.known()["201"] != "Bo" {
		t.Errorf("back: %q, %v", n.known(), err)
	}
	if err := os.WriteFile(account.NamesPath(), []byte("= nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	var fe *account.FileError
	if err := n.load("one.example.dk"); !errors.As(err, &fe) || len(n.known()) != 0 {
		t.Errorf("a file that cannot be read: %q, %v", n.known(), err)
	}
	if err := os.Remove(account.NamesPath()); err != nil {
		t.Fatal(err)
	}

	demo := &names{inMemory: true}
	for range 2 { // the second time as after "Try again"
		if err := demo.load("demo.example.dk"); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(demo.set("201", "Bo"), demo.set("202", "Ida"), demo.set("202", "")); err != nil {
			t.Fatal(err)
		}
	}
	if got := demo.known(); !reflect.DeepEqual(got, account.Names{"201": "Bo"}) {
		t.Errorf("the demonstration's: %q", got)
	}
	if err := demo.load("other.example.dk"); err != nil || len(demo.known()) != 0 {
		t.Errorf("%q, %v", demo.known(), err)
	}
	if _, err := os.Stat(account.NamesPath()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the demonstration wrote a file: %v", err)
	}
}

func TestLasting(t *testing.T) {
	st := csta.State{Calls: []csta.Call{{Linkage: "1", Phase: csta.Ended}, {Linkage: "2", Phase: csta.Held}}}
	if got := lasting(st).Calls; len(got) != 1 || got[0].Linkage != "2" {
		t.Errorf("got %+v", got)
	}
	if st.Calls[0].Linkage != "1" || st.Calls[1].Linkage != "2" {
		t.Errorf("the session's own state was changed to %+v", st.Calls)
	}
}
