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

// translations contains en.json and da.json. The key of a sentence is the sentence in English.
//
//go:embed translations
var translations embed.FS

// english and danish map sentences in English to translations. Each is parsed when first needed.
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

// The available languages.
const (
	English = "en"
	Danish  = "da"
)

// spoken is the user's language; nil until Use is called or the first sentence is needed.
var spoken atomic.Pointer[string]

// Use sets the language of all sentences from now on: English, Danish or, for any other value, the computer's.
// Fyne's own words, such as those in an entry's menu, remain in the computer's language. Any goroutine may call
// it.
func Use(language string) {
	if language != English && language != Danish {
		language = ofComputer()
	}
	spoken.Store(&language)
}

// Language returns the current language.
func Language() string {
	if l := spoken.Load(); l != nil {
		return *l
	}
	Use("")
	return *spoken.Load()
}

// fynesWords are Fyne's own words, in an entry's menu and in dialogs.
var fynesWords = []string{"Cancel", "Copy", "Cut", "Error", "No", "OK", "Paste", "Redo", "Select all", "Undo", "Yes"}

// TeachFyne adds Danish to Fyne, which lacks it, if it is the computer's language. It must be called on the
// goroutine that runs Fyne.
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

// ofComputer returns the first of our languages among the computer's. Norwegians and Faroese read Danish.
// (Unicode CLDR, supplemental data, language matching)
func ofComputer() string {
	locales, _ := locale.GetLocales() // English if unknown
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

// known reports whether there is a translation of a sentence.
func known(sentence string) bool {
	_, ok := english()[sentence]
	return ok
}

// translated returns a sentence in the user's language, or unchanged.
func translated(sentence string) string {
	if Language() == Danish && danish()[sentence] != "" {
		return danish()[sentence]
	}
	return sentence
}
