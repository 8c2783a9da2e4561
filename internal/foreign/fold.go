package foreign

import (
	"strings"
	"unicode"
)

// letters are written in more than one way, or typed without their signs. What a Danish name can be written with
// becomes one letter: ø, ö and oe are o, æ, ä and ae are e, å and aa are a.
var letters = strings.NewReplacer("ø", "o", "ö", "o", "oe", "o", "œ", "o", "æ", "e", "ä", "e", "ae", "e", "å", "a", "aa", "a",
	"á", "a", "à", "a", "â", "a", "ã", "a", "é", "e", "è", "e", "ê", "e", "ë", "e", "í", "i", "ì", "i", "î", "i", "ï", "i",
	"ó", "o", "ò", "o", "ô", "o", "õ", "o", "ú", "u", "ù", "u", "û", "u", "ü", "u", "ue", "u", "ý", "y", "ÿ", "y",
	"ç", "c", "č", "c", "ñ", "n", "ň", "n", "š", "s", "ś", "s", "ž", "z", "ż", "z", "ł", "l", "ř", "r", "ß", "ss", "ð", "d", "þ", "th")

// Fold makes the same of texts that a search should not tell apart: capitals, letters with and without their signs,
// and the ways in which Danish letters are written where a keyboard has none: "Søren", "Soeren" and "soren".
func Fold(s string) string {
	return letters.Replace(strings.Map(unicode.ToLower, s))
}

// Words are the words of a text that is searched, folded. Digits in groups are one number: "22 33" finds "2233".
func Words(s string) []string {
	words := strings.Fields(Fold(s))
	if digits := strings.Join(words, ""); digits != "" && strings.Trim(digits, "0123456789+") == "" {
		return []string{strings.TrimPrefix(digits, "+")}
	}
	return words
}
