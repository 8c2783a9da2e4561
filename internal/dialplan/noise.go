package dialplan

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// clean overwrites what looks like a number but is not one: addresses, digits after words that name something
// else, and sequences of digits in the form of a date, a time, an amount or the like.
func (f *finder) clean() {
	f.addresses()
	f.words()
	f.shapes()
}

// addresses overwrites e-mail and web addresses, and HTML tags.
func (f *finder) addresses() {
	for i := 0; i < len(f.text); i++ {
		f.steps++
		switch f.text[i] {
		case '@':
			from, to := i, i+1
			for from > 0 && (isWord(f.text[from-1]) || strings.IndexByte(".%+-", f.text[from-1]) >= 0) {
				from--
			}
			for to < len(f.text) && (isWord(f.text[to]) || strings.IndexByte(".-", f.text[to]) >= 0) {
				to++
			}
			if from < i && to > i+1 {
				f.erase(from, to)
			}
			f.steps += to - from
			i = to - 1
		case ':':
			if bytes.HasPrefix(f.text[i:], []byte("://")) && isLetter(f.at(i-1)) {
				i = f.eraseAddress(i-schemeLength(f.text[:i]), i+3)
			} else if scheme := bytes.ToLower(f.text[max(0, i-4):i]); bytes.HasSuffix(scheme, []byte("sip")) || bytes.HasSuffix(scheme, []byte("sips")) {
				i = f.eraseAddress(i-3, i+1)
			}
		case '.':
			if i >= 3 && strings.EqualFold(string(f.text[i-3:i]), "www") && !isWord(f.at(i-4)) {
				i = f.eraseAddress(i-3, i+1)
			}
		case '<':
			end := i + 1
			for end < len(f.text) && f.text[end] != '<' && f.text[end] != '>' {
				end++
			}
			f.steps += end - i
			if c := f.at(i + 1); f.at(end) == '>' && (isLetter(c) || c == '/' || c == '!') {
				f.erase(i, end+1)
			}
			i = end - 1
		}
	}
}

// eraseAddress overwrites everything from from to the first space after to, and returns the position of that
// space.
func (f *finder) eraseAddress(from, to int) int {
	if c := f.at(to); c == ' ' || c == '\n' {
		return to - 1
	}
	for to < len(f.text) && f.text[to] != ' ' && f.text[to] != '\n' {
		to++
	}
	f.erase(from, to)
	return to - 1
}

// schemeLength returns how many characters at the end of the text are the scheme of an address.
func schemeLength(text []byte) int {
	n := 0
	for n < min(len(text), 16) && isLetter(text[len(text)-1-n]) {
		n++
	}
	return n
}

func isLetter(c byte) bool { return isWord(c) && !isDigit(c) && c != '_' }

func set(words string) map[string]bool {
	all := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		all[w] = true
	}
	return all
}

// Words whose number is not a telephone number.
var (
	companyWords  = set("cvr cvr-nr se-nr vat moms")
	personWords   = set("cpr cpr-nr ean gln iban isbn issn imei ip p-nr id")
	orderWords    = set("ordre order faktura invoice bilag konto sag sags case ticket reference ref track tracking rekvisition tilbud police reg")
	desks         = set("booking reservation bestilling support service") // people call these, and they also issue numbers
	numberedWords = set("account customer item member part product serial kunde vare medlem")
	currencies    = set("kr dkk eur usd sek nok gbp")
)

// What precedes -nummer, -nr or -number.
var (
	telephoneWord = lazy(`(?i)tlf|tel|mob|phone|fax|gsm|cell|service|opkald|hotline|support|rufn|lokal|direkte|kontakt|kontor|^hoved|vagt|omstilling|døgn|nød|^ring|^privat$|arbejds|akut|^sms`)
	otherWord     = lazy(`(?i)kunde$|konto$|ordre|sags?$|faktura|medlem|person|registrering|serie|vare|journal|police|bestilling|booking|reservation|cvr|cpr|ean|^se-?$|artikel|matrikel`)
)

// maxWordLength is in bytes; a longer word is not in the lists.
const maxWordLength = 40

// words overwrites the digits after words that name something other than a telephone.
func (f *finder) words() {
	for i := 0; i < len(f.text); {
		f.steps++
		if !isLetter(f.text[i]) {
			i++
			continue
		}
		end := i
		for end < len(f.text) && (isLetter(f.text[end]) || f.text[end] == '-' && isLetter(f.at(end+1))) {
			end++
		}
		f.steps += end - i
		if digits := f.digitsNear(end); digits && end-i <= maxWordLength && !isWord(f.at(i-1)) {
			f.word(i, end)
		}
		i = end
	}
}

// digitsNear reports whether there are digits where those of a word would be.
func (f *finder) digitsNear(i int) bool { return bytes.ContainsAny(f.around(i, 24), "0123456789") }

// word overwrites the digits after a word, if it is one of those.
func (f *finder) word(from, to int) {
	word := strings.ToLower(string(f.text[from:to]))
	digits, titled := f.skipNumberWord(to)
	base, numbered := word, false
	for _, suffix := range []string{"nummer", "number", "nr"} {
		if rest, ok := strings.CutSuffix(word, suffix); ok && utf8.RuneCountInString(rest) >= 2 {
			base, numbered = strings.TrimSuffix(rest, "-"), true
			break
		}
	}
	until := f.digitsUntil(digits)
	switch {
	case companyWords[word] || numbered && companyWords[base]:
		for _, c := range []byte("dk") { // DK 12345678
			if f.at(digits)|0x20 == c {
				digits++
			}
		}
		if c := f.at(digits); c == '-' || c == ' ' {
			digits++
		}
		until = f.exactly(digits, 8)
	case word == "kl":
		until = digits
		for until < len(f.text) && until < digits+2 && isDigit(f.text[until]) {
			until++
		}
		if c := f.at(until); (c == '.' || c == ':') && isDigit(f.at(until+1)) && isDigit(f.at(until+2)) && !isDigit(f.at(until+3)) {
			until += 3
		}
	case numbered:
		if telephoneWord().MatchString(base) || !otherWord().MatchString(base) && !personWords[base] && !orderWords[base] && f.inPairs(digits) {
			return
		}
	case personWords[word], orderWords[word]:
	case desks[word] && titled:
	case desks[word] && word != "support" && word != "service":
		if f.inPairs(digits) {
			return
		}
	case numberedWords[word] && titled:
	default:
		return
	}
	if until > digits {
		f.erase(from, until)
	}
}

var numberWord = lazy(`(?i)^[ .\-]*(nr|number|no|nummer|id)?[.:#]* *[:#]? ?`)

// skipNumberWord returns where the digits after a word begin, and whether "nr." or the like precedes them.
func (f *finder) skipNumberWord(i int) (at int, titled bool) {
	m := numberWord().FindSubmatchIndex(f.around(i, 24))
	return i + m[1], m[2] >= 0
}

// digitsUntil returns where the digits that begin at i end, with or without a punctuation character between
// them: i if there are fewer than three.
func (f *finder) digitsUntil(i int) int {
	end, n := i, 0
	for j := i; j < len(f.text) && isDigit(f.text[j]); {
		n++
		j++
		end = j
		if c := f.at(j); c == ' ' || c == '.' || c == '-' {
			j++
		}
	}
	f.steps += end - i
	if n < 3 {
		return i
	}
	return end
}

// exactly returns where n digits end, with spaces or dots between them: i if there are fewer, or more in one
// sequence.
func (f *finder) exactly(i, n int) int {
	j := i
	for ; n > 0; n-- {
		if !isDigit(f.at(j)) {
			return i
		}
		j++
		if c := f.at(j); n > 1 && (c == ' ' || c == '.') {
			j++
		}
	}
	if isWord(f.at(j)) {
		return i
	}
	return j
}

var fourPairs = lazy(`^\d\d[ .\-]\d\d[ .\-]\d\d[ .\-]\d\d$`)

// inPairs reports whether there is a Danish number in its usual notation at i: 33 12 34 56.
func (f *finder) inPairs(i int) bool {
	return fourPairs().Match(f.around(i, 11)) && !isWord(f.at(i+11))
}
