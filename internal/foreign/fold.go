package foreign

import (
	"strings"
	"unicode"
)

// letters are those that are written in more than one way, or typed without their diacritics. All ways to write
// a Danish letter become the same one: ø, ö and oe become o, æ, ä and ae become e, å and aa become a.
var letters = strings.NewReplacer("ø", "o", "ö", "o", "oe", "o", "œ", "o", "æ", "e", "ä", "e", "ae", "e", "å", "a", "aa", "a",
	"á", "a", "à", "a", "â", "a", "ã", "a", "é", "e", "è", "e", "ê", "e", "ë", "e", "í", "i", "ì", "i", "î", "i", "ï", "i",
	"ó", "o", "ò", "o", "ô", "o", "õ", "o", "ú", "u", "ù", "u", "û", "u", "ü", "u", "ue", "u", "ý", "y", "ÿ", "y",
	"ç", "c", "č", "c", "ñ", "n", "ň", "n", "š", "s", "ś", "s", "ž", "z", "ż", "z", "ł", "l", "ř", "r", "ß", "ss", "ð", "d", "þ", "th")

// Fold makes texts equal that a search should not distinguish: upper and lower case, letters with and without
// diacritics, and the ways in which Danish letters are typed on other keyboards: "Søren", "Soeren" and "soren".
func Fold(s string) string {
	return letters.Replace(strings.Map(unicode.ToLower, s))
}

// Words returns the words of a search text, folded. Digits in groups are one number: "22 33" finds "2233".
func Words(s string) []string {
	words := strings.Fields(Fold(s))
	if digits := strings.Join(words, ""); digits != "" && strings.Trim(digits, "0123456789+") == "" {
		return []string{strings.TrimPrefix(digits, "+")}
	}
	return words
}
