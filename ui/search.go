package ui

import (
	"strings"
)

// find returns the targets whose name or number contains every word of text, in sorted order; those in
// which words begin with them come first.
func (o *office) find(text string) []*target {
	words := searchWords(text)
	o.mu.Lock()
	defer o.mu.Unlock()
	var first, second []*target
	for _, t := range o.sorted {
		switch found, begins := t.holds(words); {
		case found && begins:
			first = append(first, t)
		case found:
			second = append(second, t)
		}
	}
	return append(first, second...)
}

// searchWords splits a search text into words.
func searchWords(text string) []string {
	words := strings.Fields(fold(text))
	if digits := strings.Join(words, ""); strings.Trim(digits, "0123456789") == "" && digits != "" {
		return []string{digits} // "22 33" is one number
	}
	return words
}

// holds reports whether t contains all words, and whether each of them begins one of its own words.
func (t *target) holds(words []string) (found, begins bool) {
	found, begins = true, true
	for _, w := range words {
		found = found && strings.Contains(t.words, w)
		begins = begins && (strings.HasPrefix(t.words, w) || strings.Contains(t.words, " "+w))
	}
	return found, begins
}

// called returns the numbers of those with exactly this name, or else of all whose name contains it.
func (o *office) called(name string) (numbers []string) {
	o.arrange(false)
	var some []string
	for _, t := range o.find(name) {
		o.mu.Lock()
		exactly := fold(t.name) == fold(name)
		o.mu.Unlock()
		if some = append(some, t.number); exactly {
			numbers = append(numbers, t.number)
		}
	}
	if len(numbers) == 0 {
		return some
	}
	return numbers
}

// fold maps spellings that a search should not tell apart to one: capitals, and the two ways to write an å.
func fold(s string) string { return strings.ReplaceAll(strings.ToLower(s), "å", "aa") }

// danishOrder rewrites a lower-case name so that its bytes sort as in a Danish directory: æ, ø and å, which
// may be written aa, come after z, the byte before "{".
var danishOrder = strings.NewReplacer("æ", "{", "ä", "{", "ø", "|", "ö", "|", "å", "}", "aa", "}", "ü", "y", "é", "e")

func sortKey(name string) string { return danishOrder.Replace(strings.ToLower(name)) }
