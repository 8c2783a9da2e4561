package text

import (
	"testing"

	"fyne.io/fyne/v2/lang"
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

func TestLanguageOfComputer(t *testing.T) {
	for _, c := range []struct{ locale, languages, want string }{
		{"da_DK.UTF-8", "", Danish}, {"nb_NO.UTF-8", "", Danish}, {"fo_FO.UTF-8", "", Danish},
		{"en_GB.UTF-8", "", English}, {"de_DE.UTF-8", "", English}, {"sv_SE.UTF-8", "", English},
		{"C", "da", English}, {"C.UTF-8", "", English}, {"POSIX", "", English}, {"", "", English},
		{"fi_FI.UTF-8", "fi:da", Danish}, {"fi_FI.UTF-8", "fi:en:da", English},
	} {
		t.Setenv("LC_ALL", c.locale)
		t.Setenv("LANG", "")
		t.Setenv("LC_MESSAGES", "")
		t.Setenv("LANGUAGE", c.languages)
		if got := ofComputer(); got != c.want {
			t.Errorf("%s, %q: %s, want %s", c.locale, c.languages, got, c.want)
		}
	}
}

// What an entry's menu says is Fyne's.
func TestFyneSpeaksDanish(t *testing.T) {
	test.NewTempApp(t)
	t.Setenv("LC_ALL", "da_DK.UTF-8")
	TeachFyne()
	for _, word := range fynesWords {
		if want := danish()[word]; want == "" || lang.L(word) != want {
			t.Errorf("%s: %q, want %q", word, lang.L(word), want)
		}
	}
}
