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
	b.Run("first call in a while", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			f.ui.popup.root = nil
			f.online(call("1", csta.Ringing, fmt.Sprint(22334400+i%100), fmt.Sprintf("Ærø Bageri %d", i%100)))
			f.online()
		}
	})
	b.Run("paint", func(b *testing.B) {
		f.online(call("1", csta.Ringing, "22334455", "Ærø Bageri"))
		b.ReportAllocs()
		for b.Loop() {
			f.ui.popup.stand.(*picture).painting()
		}
	})
}
