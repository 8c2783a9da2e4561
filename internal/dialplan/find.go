package dialplan

import (
	"bytes"
	"errors"
	"html"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

const (
	maxText  = 16 << 10 // bytes of a text that are searched: nobody copies a book to dial from it
	maxFound = 20
)

// Number is a telephone number found in a text.
type Number struct {
	Dial  string // what to dial: [Dialable] returns it unchanged
	Shown string // the same number as the user reads it
	Kind  Kind   // whether a click may dial it
}

// Find returns the telephone numbers in a text that somebody copied, in order, each once, at most twenty, from
// the first 16 KiB. The time it takes grows only linearly with the length of the text.
//
// In running text it finds Danish numbers (eight digits, grouped as people group them), numbers with a country
// code after "+" or "00", and the targets of tel: and callto: links. A text that is nothing but a number is
// found if it can be dialled, including an extension, a feature code ("*21*22334455#") or a foreign number
// without its country code.
//
// A number ends where a number in its country can end. Anything that begins with "+" is a telephone number,
// whatever word precedes it. Of the rest, what is recognisably something else is ignored: dates, times,
// amounts, IP addresses, e-mail and web addresses, IBANs, civil registration numbers (221126-1234), numbers
// after words such as CVR, "ordre nr." or "invoice", and numbers that are part of a word. If a sequence of
// digits can be read in two ways, both are returned, for the user to choose.
func Find(text string) []Number {
	return newFinder(text).find()
}

func newFinder(text string) *finder {
	if len(text) > maxText {
		text = text[:maxText]
	}
	return &finder{text: []byte(foldString(html.UnescapeString(strings.ToValidUTF8(text, "\n"))))}
}

func (f *finder) find() []Number {
	if n, ok := whole(strings.TrimSpace(string(f.text))); ok {
		return []Number{{n, Format(n), KindOf(n)}}
	}
	f.links()
	f.plusNumbers()
	f.clean()
	f.runs()
	return f.numbers()
}

// whole parses a text that is nothing but one number.
func whole(text string) (string, bool) {
	if len(text) > maxWhole || strings.Contains(text, "\n") {
		return "", false
	}
	dial, err := Dialable(text)
	if err != nil {
		// What Dialable would not drop unasked is dropped here: the user sees the result.
		var e *Error
		if !errors.As(err, &e) || e.Offer == "" || e.part {
			return "", false
		}
		dial = e.Offer
	}
	national, abroad := international(dial)
	link := linkStart().MatchString(text)
	switch {
	case dial[0] == '+':
		return dial, link && complete(national) // for any other number, plusNumbers finds where it may end
	case !link:
		f := finder{text: []byte(text)}
		if f.clean(); string(f.text) != text {
			return "", false
		}
	}
	n, grouped := len(dial), strings.ContainsAny(text, " .-/()")
	switch {
	case abroad:
		return dial, len(national) >= 8 && complete(national)
	case strings.ContainsAny(dial, "*#"):
		return dial, featureCode().MatchString(dial)
	case n == 8, n == 10 && dial[:2] == "45" && danish(dial[2:]):
		return dial, true
	case dial[0] == '0' && n > 8:
		return dial, n <= 15
	case n >= 2 && n < 8 && (!grouped || link):
		return dial, true
	case n == 6:
		return dial, pairs().MatchString(text) // the Faroes
	}
	return "", false
}

// maxWhole is longer than any number as people write it, or as a link encodes it.
const maxWhole = 200

// international returns a number without its "+" or "00", and whether it had one.
func international(dial string) (string, bool) {
	if rest, ok := strings.CutPrefix(dial, "+"); ok {
		return rest, true
	}
	return strings.CutPrefix(dial, "00")
}

// lazy returns a regular expression that is compiled when first needed, rather than when the program starts.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// These are applied only to short texts: one number, or the few characters around one.
var (
	linkStart   = lazy(`(?i)^(?:tel|callto):`)
	featureCode = lazy(`^(?:\*|#\d{2,3}[#*])[\d*#]*$`)
	pairs       = lazy(`^\d\d[ .\-]\d\d[ .\-]\d\d$`)
	goesOn      = lazy(`^[ .\-/()]{0,3}\d`)
	extension   = lazy(`(?i)^[ ,]{0,2}(?:x|ext|extension|lok|lokal|lokalnr|lokalnummer|local|dw|durchwahl|ankn|anknytning)[.:]{0,2} ?\d{1,6}$`)
)

// finder searches a folded text. Recognised parts are overwritten with line feeds of the same length, so that
// they are not recognised again.
type finder struct {
	text  []byte
	found []place
	steps int // characters examined, approximately: they grow linearly with the text, not quadratically
}

// place is a number and its position.
type place struct {
	at   int
	dial string
}

func (f *finder) erase(from, to int) {
	f.steps += to - from
	for i := from; i < to; i++ {
		f.text[i] = '\n'
	}
}

// at returns the character at i, or a line feed outside the text.
func (f *finder) at(i int) byte {
	if i < 0 || i >= len(f.text) {
		return '\n'
	}
	return f.text[i]
}

// around returns at most n characters from i onward.
func (f *finder) around(i, n int) []byte { return f.text[min(i, len(f.text)):min(i+n, len(f.text))] }

// links extracts the targets of tel: and callto: links. "Tel:2233 4455" is not one: it continues after the
// space.
func (f *finder) links() {
	for i := 0; i < len(f.text); i++ {
		f.steps++
		if f.text[i] != ':' {
			continue
		}
		start := -1
		for _, scheme := range []string{"callto", "tel"} {
			from := i - len(scheme)
			if from >= 0 && strings.EqualFold(string(f.text[from:i]), scheme) && !isWord(f.at(from-1)) {
				start = from
			}
		}
		if start < 0 {
			continue
		}
		end := i + 1
		for end < len(f.text) && end-start <= maxWhole && strings.IndexByte(" \n\"'<>)", f.text[end]) < 0 {
			end++
		}
		f.steps += end - start
		end = start + len(bytes.TrimRight(f.text[start:end], ".,;!?"))
		dial, ok := whole(string(f.text[start:end]))
		if !ok || goesOn().Match(f.around(end, 4)) {
			continue
		}
		f.found = append(f.found, place{start, dial})
		f.erase(start, end)
		i = end - 1
	}
}

// numbers returns the results in order, each once: +45 22 33 44 55 and 22 33 44 55 are the same.
func (f *finder) numbers() []Number {
	slices.SortStableFunc(f.found, func(a, b place) int { return a.at - b.at })
	var numbers []Number
	seen := map[string]bool{}
	for _, p := range f.found {
		key := p.dial
		if rest, ok := international(key); ok {
			key = "+" + rest
		} else if danish(key) {
			key = "+45" + key
		}
		if !seen[key] && len(numbers) < maxFound {
			seen[key] = true
			numbers = append(numbers, Number{p.dial, Format(p.dial), KindOf(p.dial)})
		}
	}
	return numbers
}

// endsInPhoneWord reports whether a text ends with a word that may directly precede a number: tlf22334455.
func endsInPhoneWord(head []byte) bool {
	for _, word := range []string{"tlf", "tel", "telefon", "mob", "mobil", "phone", "fax", "gsm"} {
		if n := len(head) - len(word); n >= 0 && strings.EqualFold(string(head[n:]), word) {
			return true
		}
	}
	return false
}

// gluedBefore reports whether the digits at i are the end of a word or an identifier. A word for a telephone
// may directly precede them.
func (f *finder) gluedBefore(i int) bool {
	head := f.text[max(0, i-16):i] // longer than any of the words
	r, size := utf8.DecodeLastRune(head)
	if size > 0 && strings.ContainsRune("-/_", r) {
		head = head[:len(head)-size]
		if before := bytes.TrimRight(head, "0123456789 .-"); r == '/' && countDigits(string(head[len(before):])) >= 8 {
			return false // a list: 33152010/33152011
		}
		r, size = utf8.DecodeLastRune(head)
	}
	if size == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '#' && r != '*' && r != '+' {
		return false
	}
	return !endsInPhoneWord(head)
}

// gluedAfter reports whether a word or a domain name continues after the digits that end at i. An extension may
// directly follow them: 22334455x12.
func (f *finder) gluedAfter(i int) bool {
	tail := f.around(i, 24)
	r, size := utf8.DecodeRune(tail)
	if r == '.' {
		if next, _ := utf8.DecodeRune(tail[1:]); unicode.IsLower(next) {
			return true
		}
	}
	if size == 0 || !unicode.IsLetter(r) && r != '_' && r != '%' && r != '*' && r != '#' && r != '@' {
		return false
	}
	end := bytes.IndexAny(tail, "0123456789")
	for end >= 0 && end < len(tail) && isDigit(tail[end]) {
		end++
	}
	return end < 0 || isWord(f.at(i+end)) || !extension().Match(tail[:end])
}

func countDigits(s string) int {
	n := 0
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isWord reports whether the byte is part of a word: a letter of any script, a digit, or "_".
func isWord(c byte) bool {
	return isDigit(c) || c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}
