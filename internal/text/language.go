package text

import (
	"embed"
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"github.com/jeandeaual/go-locale"
)

// translations holds en.json and da.json. The key of a sentence is the sentence in English.
//
//go:embed translations
var translations embed.FS

// english and danish are the sentences by what they are in English. Each is read when it is first needed.
var (
	english = sync.OnceValue(func() map[string]string { return read(English) })
	danish  = sync.OnceValue(func() map[string]string { return read(Danish) })
)

func read(language string) (sentences map[string]string) {
	data, err := translations.ReadFile("translations/" + language + ".json")
	if err == nil {
		err = json.Unmarshal(data, &sentences)
	}
	if err != nil {
		fyne.LogError("the translations cannot be read", err)
	}
	return sentences
}

// The languages that there are.
const (
	English = "en"
	Danish  = "da"
)

// spoken is the language of the user; nil until Use, or until the first sentence.
var spoken atomic.Pointer[string]

// Use chooses the language of all sentences from now on: English, Danish, or with anything else that of the
// computer. Fyne's own words, such as those of an entry's menu, stay in that of the computer. Any goroutine may
// call it.
func Use(language string) {
	if language != English && language != Danish {
		language = ofComputer()
	}
	spoken.Store(&language)
}

// Language returns the language that is spoken.
func Language() string {
	if l := spoken.Load(); l != nil {
		return *l
	}
	Use("")
	return *spoken.Load()
}

// fynesWords are those that Fyne says by itself, in an entry's menu and in dialogs.
var fynesWords = []string{"Cancel", "Copy", "Cut", "Error", "No", "OK", "Paste", "Redo", "Select all", "Undo", "Yes"}

// TeachFyne makes Danish known to Fyne, which has none, if the computer speaks it. It belongs to the goroutine that
// runs Fyne.
func TeachFyne() {
	if ofComputer() != Danish {
		return
	}
	words := map[string]string{}
	for _, word := range fynesWords {
		words[word] = danish()[word]
	}
	data, err := json.Marshal(words)
	if err == nil {
		err = lang.AddTranslationsForLocale(data, Danish)
	}
	if err != nil {
		fyne.LogError("Fyne does not learn Danish", err)
	}
}

// ofComputer is the first of our languages that the computer is set to. Norwegians and the Faroese read Danish.
// (Unicode CLDR, supplemental data, language matching)
func ofComputer() string {
	locales, _ := locale.GetLocales() // English where nobody knows
	for _, l := range locales {
		switch language, _, _ := strings.Cut(strings.ReplaceAll(l, "_", "-"), "-"); strings.ToLower(language) {
		case "da", "nb", "no", "fo":
			return Danish
		case "en":
			return English
		}
	}
	return English
}

// known reports whether a sentence is among the translations.
func known(sentence string) bool {
	_, ok := english()[sentence]
	return ok
}

// translated returns a sentence in the user's language, or as it is.
func translated(sentence string) string {
	if Language() == Danish && danish()[sentence] != "" {
		return danish()[sentence]
	}
	return sentence
}
