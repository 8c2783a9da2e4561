package account

import (
	"strings"
	"testing"
)

func TestRemembered(t *testing.T) {
	home(t)
	if got := LoadRemembered(); !got.Equal(Remembered{}) {
		t.Errorf("at first: %+v", got)
	}
	want := Remembered{Introduced: true, Closed: true, Autostart: "on", Width: 960.5, Height: 690, X: -1280, Y: 40, Placed: true,
		PopupPlaces: []PopupPlace{{Screens: "1920x1080+0+0", Screen: 1, Left: true, Top: true}}}
	if err := want.Save(); err != nil {
		t.Fatal(err)
	}
	if got := LoadRemembered(); !got.Equal(want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, content := range []string{"x = \"left\"", "not TOML", strings.Repeat("x", maxLine+1), "width = 1e400"} {
		write(t, RememberedPath(), content)
		if got := LoadRemembered(); !got.Equal(Remembered{}) {
			t.Errorf("%.20q: %+v", content, got)
		}
	}
	for range 2 {
		if err := want.Forget(); err != nil {
			t.Error(err)
		}
	}
}
