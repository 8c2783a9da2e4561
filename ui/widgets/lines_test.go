package widgets

import (
	"slices"
	"testing"
)

// wide measures ten units a character.
func wide(s string) float32 { return float32(10 * len([]rune(s))) }

func TestEllipsis(t *testing.T) {
	for _, c := range []struct {
		in    string
		width float32
		want  string
	}{
		{"Åse", 100, "Åse"},
		{"Åse Østergaard", 140, "Åse Østergaard"},
		{"Åse Østergaard", 80, "Åse Øst…"},
		{"Åse", 10, "…"},
		{"", 10, ""},
	} {
		if got := ellipsis(c.in, c.width, wide); got != c.want {
			t.Errorf("ellipsis(%q, %v) = %q, want %q", c.in, c.width, got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		in    string
		count int
		want  []string
	}{
		{"one two", 2, []string{"one two", ""}},
		{"one two three four", 2, []string{"one two", "three four"}},
		{"one two three four five", 2, []string{"one two", "three fou…"}},
		{"abcdefghijklmnop", 2, []string{"abcdefghij", "klmnop"}},
		{"abcdefghij klm", 2, []string{"abcdefghij", "klm"}},
		{"", 2, []string{"", ""}},
	} {
		if got := wrap(c.in, c.count, 100, wide); !slices.Equal(got, c.want) {
			t.Errorf("wrap(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
