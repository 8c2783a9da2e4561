package text

import (
	"testing"

	"fyne.io/fyne/v2/test"
)

func TestUse(t *testing.T) {
	test.NewTempApp(t)
	t.Cleanup(func() { Use(English) })
	for _, c := range []struct{ language, want string }{{Danish, "Besvar"}, {English, "Answer"}} {
		if Use(c.language); Say("Answer") != c.want || Language() != c.language {
			t.Errorf("%s: says %q, and that it is %q", c.language, Say("Answer"), Language())
		}
	}
	// What is not one of ours is the computer's.
	Use("")
	computers := Language()
	for _, language := range []string{"auto", "de", "DA", "../da"} {
		if Use(language); Language() != computers {
			t.Errorf("%q is taken for %q", language, Language())
		}
	}
}
