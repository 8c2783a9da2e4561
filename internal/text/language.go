package text

import (
	"embed"
	"encoding/json"
	"sync"
	"sync/atomic"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
)

// translations holds en.json and da.json. The key of a sentence is the sentence in English.
//
//go:embed translations
var translations embed.FS

// languages are the translations by language.
var languages = sync.OnceValue(func() map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, language := range []string{English, Danish} {
		data, err := translations.ReadFile("translations/" + language + ".json")
		var sentences map[string]string
		if err == nil {
			err = json.Unmarshal(data, &sentences)
		}
		if err != nil {
			fyne.LogError("the translations cannot be read", err)
		}
		all[language] = sentences
	}
	return all
})

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
	if _, known := languages()[language]; !known {
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

// Load makes the languages known to Fyne, which has no Danish.
func Load() {
	if err := lang.AddTranslationsFS(translations, "translations"); err != nil {
		fyne.LogError("the translations cannot be read", err)
	}
}

// ofComputer is the best of our languages for what the computer is set to.
func ofComputer() string {
	asking.Lock()
	defer asking.Unlock()
	Load()
	if lang.L(tell) == languages()[Danish][tell] {
		return Danish
	}
	return English
}

// tell is a sentence by which Fyne is asked which language it has chosen for the computer.
const tell = "Answer"

// asking is held while Fyne is asked: it keeps its languages to one goroutine.
var asking sync.Mutex

// known reports whether a sentence is among the translations.
func known(sentence string) bool {
	_, ok := languages()[English][sentence]
	return ok
}

// translated returns a sentence in the user's language, or as it is.
func translated(sentence string) string {
	if said := languages()[Language()][sentence]; said != "" {
		return said
	}
	return sentence
}
