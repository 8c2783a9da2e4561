package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/theme"

	"calltray/cstasession/csta"
	"calltray/internal/attention"
	"calltray/internal/text"
)

// While the desktop is being asked whether a call may be shown, the popup is painted, but not on the screen. Once it may,
// it is there without being painted again, and says who calls only if it may.
func TestPopupIsPaintedAhead(t *testing.T) {
	for _, nameless := range []bool{false, true} {
		f := newFixture(t)
		by := attention.Channels{Tray: true, Asking: true}
		f.ui.cfg.Attention = func(csta.Call) attention.Channels { return by }
		f.online(call("1", csta.Ringing, "203", "Bo"))
		s := f.ui.popup.stand.(*picture)
		if f.desk.picture != nil || f.ui.popup.shown || len(s.pieces.kept) == 0 {
			t.Fatalf("while the desktop is asked: on the screen %v, shown %v, painted %v", f.desk.picture != nil, f.ui.popup.shown, len(s.pieces.kept) > 0)
		}
		painted := s.pieces.kept
		by = attention.Channels{Popup: true, Tray: true, Nameless: nameless}
		f.ui.KnownChanged()
		f.settle()
		if f.desk.picture == nil {
			t.Fatal("the popup is not on the screen")
		}
		if again := f.paintedSince(painted); (again > 0) != nameless {
			t.Errorf("nameless %v: %d pieces painted again", nameless, again)
		}
		if r := difference(f.desk.picture, f.whole()); !r.Empty() {
			t.Errorf("nameless %v: %v is not up to date", nameless, r)
		}
	}
}

// A popup that is not painted again looks as if it had been.
func TestPopupIsNotPaintedForNothing(t *testing.T) {
	f := newFixture(t)
	known := Known{}
	f.ui.cfg.Known = func(string) Known { return known }
	by := attention.Channels{Popup: true, Tray: true}
	f.ui.cfg.Attention = func(csta.Call) attention.Channels { return by }
	s := f.ui.popup.standing().(*picture)
	first, second := call("1", csta.Ringing, "22334455", ""), call("2", csta.Ringing, "203", "Bo")
	first.Since, second.Since = time.Now().Add(time.Hour), time.Now().Add(time.Hour) // the clocks stand at zero
	for _, step := range []struct {
		what string
		do   func()
		same bool // nothing changes
	}{
		{"a call", func() { f.online(first) }, false},
		{"the same call", func() { f.online(first) }, true},
		{"nothing that it shows", func() { f.ui.JournalChanged(); f.settle() }, true},
		{"its name", func() { known.Name = "Ærø Bageri"; f.ui.KnownChanged(); f.settle() }, false},
		{"its company and note", func() { known.Company, known.Note = "Bageriet", "hurtigt"; f.online(first) }, false},
		{"the pointer", func() { f.point(f.middle(f.ui.popup.cards[0].answer), true, false) }, false},
		{"the pointer on another button", func() { f.point(f.middle(f.ui.popup.cards[0].hangUp), true, false) }, false},
		{"another call", func() { f.online(first, second) }, false},
		{"no name", func() { by.Nameless = true; f.online(first, second) }, false},
		{"the names again", func() { by.Nameless = false; f.online(first, second) }, false},
		{"five calls", func() {
			f.online(first, second, call("3", csta.Ringing, "204", ""), call("4", csta.Ringing, "205", ""), call("5", csta.Ringing, "206", ""))
		}, false},
		{"one call again", func() { f.online(second) }, false},
		{"a sentence", func() { f.ui.popup.note(text.Say("This is a test")) }, false},
		{"no sentence", func() { f.ui.popup.endNotice() }, false},
		{"an answered one", func() {
			f.ui.popup.answered = append(f.ui.popup.answered, second.ID)
			f.online(first, inPhase(second, csta.Active))
		}, false},
		{"held", func() { f.online(first, inPhase(second, csta.Held)) }, false},
		{"the dark look", func() { f.dress(theme.VariantDark); f.ui.restyle() }, false},
		{"ended, and another", func() { f.online(); f.online(call("6", csta.Ringing, "207", "Ib")) }, false},
	} {
		painted := s.pieces.kept
		step.do()
		if f.settle(); f.desk.picture == nil {
			t.Fatalf("%s: there is no popup", step.what)
		}
		if again := f.paintedSince(painted); again > 0 && step.same {
			t.Errorf("%s: %d pieces painted for nothing", step.what, again)
		}
		shown := f.desk.picture
		if r := difference(shown, f.whole()); !r.Empty() {
			t.Errorf("%s: %v is not up to date", step.what, r)
		}
	}
}

// From one call to the next, only the name and the number are painted. (Of another width, the number would move what is beside it.)
func TestPopupPaintsWhatDiffers(t *testing.T) {
	f := newFixture(t)
	first, second := call("1", csta.Ringing, "22334455", "Ærø Bageri"), call("2", csta.Ringing, "55443322", "Bo & Søn")
	first.Since, second.Since = time.Now().Add(time.Hour), time.Now().Add(time.Hour) // the clocks stand at zero
	f.online(first)
	kept := f.ui.popup.stand.(*picture).pieces.kept
	f.online()
	f.online(second)
	if n := f.paintedSince(kept); n != 2 {
		t.Errorf("%d pieces were painted", n)
	}
}

// Drawn waits for what was shown before, but not for a goroutine that is held up.
func TestDrawn(t *testing.T) {
	f := newFixture(t)
	drawn := make(chan struct{})
	f.ui.Show(csta.State{Status: csta.Online, Calls: []csta.Call{call("1", csta.Ringing, "203", "")}})
	go func() { defer close(drawn); f.ui.Drawn() }()
	for waits := true; waits; {
		f.settle()
		select {
		case <-drawn:
			waits = false
		case <-time.After(time.Millisecond):
		}
	}
	if f.desk.picture == nil {
		t.Error("Drawn returned before the popup was on the screen")
	}
	f.ui.Drawn() // nobody drains
}
