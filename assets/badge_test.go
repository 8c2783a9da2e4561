package assets

import (
	"bytes"
	"image/png"
	"testing"
)

func TestBadge(t *testing.T) {
	for _, i := range Icons() {
		seen := map[string]int{}
		for n := range MostInBadge + 3 {
			data := i.WithBadge(n%2 == 0, n)
			img, err := png.Decode(bytes.NewReader(data))
			if err != nil || img.Bounds().Dx() != 64 || img.Bounds().Dy() != 64 {
				t.Fatalf("%s with %d: %v", i, n, err)
			}
			if other, ok := seen[string(data)]; ok && n <= MostInBadge+1 {
				t.Errorf("%s with %d looks like with %d", i, n, other)
			}
			seen[string(data)] = n
		}
	}
}
