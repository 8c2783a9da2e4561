package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
)

func TestActionTellsWhyItIsOutOfUse(t *testing.T) {
	test.NewTempApp(t)
	done, told := 0, "nothing yet"
	a := NewAction(widget.MediumImportance, func(why string) { told = why }, func() { done++ }, Face{"Hold", assets.Hold}, Face{"Resume", assets.Resume})
	test.NewTempWindow(t, a)

	a.MouseIn(nil)
	a.MouseOut()
	if told != "nothing yet" {
		t.Errorf("a button in use told %q", told)
	}
	test.Tap(a)
	a.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if done != 2 {
		t.Errorf("pressed by pointer and by key, it did its work %d times", done)
	}

	a.Forbid("The PBX cannot.")
	for name, ask := range map[string]func(){"pointer": func() { a.MouseIn(nil) }, "tap": func() { test.Tap(a) }} {
		told = ""
		ask()
		if told != "The PBX cannot." || done != 2 {
			t.Errorf("%s: told %q, did its work %d times", name, told, done)
		}
		a.MouseOut()
		if told != "" {
			t.Errorf("%s: still told when the pointer has left: %q", name, told)
		}
	}

	a.MouseIn(nil)
	a.Forbid("Another reason.")
	if told != "Another reason." {
		t.Errorf("under the pointer the reason changes to %q", told)
	}
	if a.Allow(); told != "" {
		t.Errorf("in use again it tells %q", told)
	}
	told = "untouched"
	a.Forbid("")
	a.MouseIn(nil)
	test.Tap(a)
	if told != "untouched" {
		t.Errorf("without a reason it told %q", told)
	}
}

func TestActionKeepsItsWidth(t *testing.T) {
	test.NewTempApp(t)
	short, long := Face{"Hold", assets.Hold}, Face{"Back to the caller", assets.Back}
	a := NewAction(widget.MediumImportance, nil, func() {}, short, long)
	before := a.MinSize()
	a.Set(long)
	if a.Text != long.Label || a.MinSize() != before {
		t.Errorf("as %q it is %v, was %v", a.Text, a.MinSize(), before)
	}
	a.Set(Face{"Hold", ""})
	if a.Icon != nil || a.MinSize() != before {
		t.Errorf("without a drawing it is %v, was %v", a.MinSize(), before)
	}
}
