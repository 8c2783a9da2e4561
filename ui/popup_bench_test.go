package ui

import (
	"fmt"
	"testing"

	"calltray/cstasession/csta"
)

// BenchmarkPopup is what a call costs from its state to the popup's picture, and the part of it that painting is.
func BenchmarkPopup(b *testing.B) {
	f := newFixture(b)
	b.Run("call", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			f.online(call("1", csta.Ringing, fmt.Sprint(22334400+i%100), fmt.Sprintf("Ærø Bageri %d", i%100)))
			f.online()
		}
	})
	b.Run("first call", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			f.ui.popup.root = nil
			f.online(call("1", csta.Ringing, fmt.Sprint(22334400+i%100), fmt.Sprintf("Ærø Bageri %d", i%100)))
			f.online()
		}
	})
	for i, part := range []string{"paint what differs", "paint everything"} {
		b.Run(part, func(b *testing.B) {
			b.ReportAllocs()
			s := f.ui.popup.stand.(*picture)
			for n := 0; b.Loop(); n++ {
				f.ui.popup.cards[0].set(call("1", csta.Ringing, fmt.Sprint(22334400+n%100), fmt.Sprintf("Ærø Bageri %d", n%100)))
				if i == 1 {
					s.pieces = pieces{}
				}
				s.next()
			}
		})
	}
}
