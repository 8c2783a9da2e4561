package hotkey

import (
	"testing"

	"calltray/internal/leaktest"
)

// TestMain fails when a goroutine of this package is left.
func TestMain(m *testing.M) { leaktest.Main(m) }

func TestParse(t *testing.T) {
	for written, want := range map[string]string{
		"Ctrl+Alt+K": "Ctrl+Alt+K", "alt + ctrl + k": "Ctrl+Alt+K", "win+5": "Super+5", "F8": "F8", "shift+f8": "Shift+F8", "f24": "F24", "Pause": "Pause",
		"Ctrl+PageUp": "Ctrl+PageUp", "Ctrl+space": "Ctrl+Space", "Shift+Super+Left": "Shift+Super+Left",
		"": "", "K": "", "Shift+K": "", "Space": "", "Ctrl": "", "Ctrl+": "", "Ctrl+Ctrl+K": "", "Hyper+K": "", "Ctrl+Æ": "", "F25": "", "+": "", "Ctrl+K+L": "", "off": "",
	} {
		k, err := Parse(written)
		got := ""
		if err == nil {
			got = k.String()
		}
		if got != want {
			t.Errorf("%q is %q, want %q", written, got, want)
		}
		if again, err := Parse(k.String()); want != "" && (err != nil || again != k) {
			t.Errorf("%q does not come back: %v, %v", k, again, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("Ctrl+Alt+K")
	f.Add("win + pagedown")
	f.Fuzz(func(t *testing.T, written string) {
		k, err := Parse(written)
		if err != nil {
			return
		}
		if again, err := Parse(k.String()); err != nil || again != k {
			t.Errorf("%q is %v, and that is %v, %v", written, k, again, err)
		}
		_ = k.code()
	})
}
