package ui

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"

	"calltray/cstasession/csta"
)

// BenchmarkOffice is what an event of a colleague's telephone costs the window, in offices of three sizes:
// to take it in while the window is hidden, and with the list on the screen and being scrolled, where it is
// drawn every twentieth event, as at 200 a second. The figures should not grow.
func BenchmarkOffice(b *testing.B) {
	for _, size := range []int{50, 500, 5000} {
		events := make([]csta.Colleague, 0, 2*size)
		for i := range size {
			c := colleague(fmt.Sprint(10000+i), fmt.Sprintf("Name %04d", i))
			busy := c
			busy.Calls = []csta.Call{call("1", csta.Ringing, "22334455", "Ærø Bageri")}
			events = append(events, busy, c)
		}
		b.Run(fmt.Sprint("hidden/", size), func(b *testing.B) {
			f := newFixture(b)
			f.tellAll(events)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				f.ui.Colleague(events[i%len(events)])
			}
		})
		b.Run(fmt.Sprint("shown/", size), func(b *testing.B) {
			f := newFixture(b)
			p := f.openOffice()
			f.tellAll(events)
			f.ui.window.renderOffice()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				f.ui.Colleague(events[i%len(events)])
				if i%20 == 0 {
					p.list.Scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -25)})
					f.ui.window.renderOffice()
				}
			}
		})
	}
}

func (f *fixture) tellAll(events []csta.Colleague) {
	for _, c := range events {
		f.ui.Colleague(c)
	}
	f.settle()
}
