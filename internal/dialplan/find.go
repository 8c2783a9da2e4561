package dialplan

import (
	"errors"
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxText  = 16 << 10 // bytes of a text that are looked at: nobody copies a book to dial from it
	maxFound = 20
)

// Number is a telephone number that was found in a text.
type Number struct {
	Dial  string // what is dialled: [Dialable] returns it unchanged
	Shown string // the same number as the user reads it
}

// Find returns the telephone numbers of a text that somebody copied, in the order of the text, each
// once, at most twenty, from the first 16 KiB.
//
// In running text it finds Danish numbers (eight digits, grouped as people group them), numbers with a
// country code after "+" or "00", and the targets of tel: and callto: links. A text that is nothing but
// a number is found if it can be dialled: also an extension, a feature code ("*21*22334455#") or a
// foreign number without its country code.
//
// What can be known to be something else is left out: dates, times, amounts, IP addresses, e-mail and
// web addresses, IBAN, civil registration numbers (221126-1234), numbers behind words such as CVR,
// "ordre nr." or "invoice", and numbers that are part of a word. Where a row of digits can be read in
// two ways both are returned, for the user to choose.
func Find(text string) []Number {
	if len(text) > maxText {
		text = text[:maxText]
	}
	text = foldString(html.UnescapeString(strings.ToValidUTF8(text, "\n")))
	if n, ok := whole(strings.TrimSpace(text)); ok {
		return []Number{{n, Format(n)}}
	}
	f := finder{text: text}
	f.links()
	for _, re := range noise {
		f.blank(re)
	}
	f.runs()
	return f.numbers()
}

// whole reads a text that is nothing but one number.
func whole(text string) (string, bool) {
	if strings.Contains(text, "\n") {
		return "", false
	}
	f := finder{text: text}
	for _, re := range noise {
		f.blank(re)
	}
	dial, err := Dialable(text)
	if err != nil {
		// What Dialable would not drop unasked is dropped here: the user is shown what is left.
		var e *Error
		if !errors.As(err, &e) || e.Offer == "" || strings.Contains(text, "/") {
			return "", false
		}
		dial = e.Offer
	}
	link := linkStart.MatchString(text)
	if f.text != text && !link {
		return "", false
	}
	n, grouped := len(dial), strings.ContainsAny(text, " .-/()")
	national, abroad := international(dial)
	switch {
	case abroad && strings.HasPrefix(national, "45"):
		return dial, danish(national[2:])
	case abroad:
		return dial, len(national) >= 8 && len(national) <= 15 && national[0] != '0'
	case strings.ContainsAny(dial, "*#"):
		return dial, featureCode.MatchString(dial)
	case n == 8, n == 10 && dial[:2] == "45" && danish(dial[2:]):
		return dial, true
	case dial[0] == '0' && n > 8:
		return dial, n <= 15
	case n >= 2 && n < 8 && (!grouped || link):
		return dial, true
	case n == 6:
		return dial, pairs.MatchString(text) // the Faroes
	}
	return "", false
}

// international returns a number without its "+" or "00", and whether it had one.
func international(dial string) (string, bool) {
	if rest, ok := strings.CutPrefix(dial, "+"); ok {
		return rest, true
	}
	return strings.CutPrefix(dial, "00")
}

var (
	linkStart   = regexp.MustCompile(`(?i)^(?:tel|callto):`)
	featureCode = regexp.MustCompile(`^(?:\*|#\d{2,3}[#*])[\d*#]*$`)
	pairs       = regexp.MustCompile(`^\d\d[ .\-]\d\d[ .\-]\d\d$`)
	link        = regexp.MustCompile(`(?i)\b(?:tel|callto):([^\s"'<>)]+)`)
	phoneWord   = regexp.MustCompile(`(?i)(?:tlf|tel|telefon|mob|mobil|phone|fax|gsm)$`)
	goesOn      = regexp.MustCompile(`^[ .\-/()]{0,3}\d`)
)

// finder looks through a folded text. What is understood is overwritten with line feeds, of the same
// length, so that nothing else is made of it.
type finder struct {
	text  string
	found []place
}

// place is a number and where it stands.
type place struct {
	at   int
	dial string
}

func (f *finder) erase(from, to int) {
	f.text = f.text[:from] + strings.Repeat("\n", to-from) + f.text[to:]
}

func (f *finder) blank(re *regexp.Regexp) {
	for _, m := range re.FindAllStringSubmatchIndex(f.text, -1) {
		if keep(re, f.text, m) {
			continue
		}
		f.erase(m[0], m[1])
	}
}

// links takes out the targets of tel: and callto: links. "Tel:2233 4455" is none: it goes on.
func (f *finder) links() {
	for _, m := range link.FindAllStringSubmatchIndex(f.text, -1) {
		end := m[0] + len(strings.TrimRight(f.text[m[0]:m[1]], ".,;!?"))
		dial, ok := whole(f.text[m[0]:end])
		if !ok || goesOn.MatchString(f.text[end:]) {
			continue
		}
		f.found = append(f.found, place{m[0], dial})
		f.erase(m[0], end)
	}
}

// group is a row of digits, and a run is a row of groups with little between them.
type group struct {
	digits  string
	at      int
	apart   bool // blanks or brackets part it from the group before, or it is the first
	glued   bool // letters or signs are attached: it belongs to a word
	bracket bool // it stands in brackets
	plus    bool // "+" stands before it
}

// runs looks at every run of groups.
func (f *finder) runs() {
	for i := 0; i < len(f.text); {
		if !isDigit(f.text[i]) {
			i++
			continue
		}
		var run []group
		run, i = f.run(i)
		f.read(run)
	}
}

// run reads the run that begins at i, and returns where it ends.
func (f *finder) run(i int) ([]group, int) {
	var run []group
	sep, digits := "", 0
	for {
		start := i
		for i < len(f.text) && isDigit(f.text[i]) {
			i++
		}
		g := group{digits: f.text[start:i], at: start, apart: len(run) == 0 || strings.ContainsAny(sep, " ()")}
		before := strings.TrimRight(f.text[:start], " ")
		g.plus = strings.HasSuffix(before, "+") && start-len(before) <= 1
		g.bracket = strings.HasSuffix(before, "(") && strings.HasPrefix(strings.TrimLeft(f.text[i:], " "), ")")
		g.glued = len(run) == 0 && f.gluedBefore(start) || f.gluedAfter(i)
		run = append(run, g)
		between := " .-()"
		if digits += len(g.digits); digits <= 7 && (run[0].plus || strings.HasPrefix(run[0].digits, "00")) {
			between = " .-()/" // behind an area code: +49 30 / 123456
		}
		j := i
		for j < len(f.text) && strings.IndexByte(between, f.text[j]) >= 0 {
			j++
		}
		sep = f.text[i:j]
		if sep == "" || len(sep) > 3 || strings.Trim(sep, " ") == "" && len(sep) > 2 || j == len(f.text) || !isDigit(f.text[j]) {
			return run, i
		}
		i = j
	}
}

// gluedBefore reports whether the digits at i are the end of a word or an identifier. A word for a
// telephone may touch them.
func (f *finder) gluedBefore(i int) bool {
	head := f.text[max(0, i-16):i] // longer than any of the words
	r, size := utf8.DecodeLastRuneInString(head)
	if size > 0 && strings.ContainsRune("-/_", r) {
		head = head[:len(head)-size]
		if before := strings.TrimRight(head, "0123456789 .-"); r == '/' && countDigits(head[len(before):]) >= 8 {
			return false // a list: 33152010/33152011
		}
		r, size = utf8.DecodeLastRuneInString(head)
	}
	if size == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '#' && r != '*' {
		return false
	}
	return !phoneWord.MatchString(head)
}

// gluedAfter reports whether a word, or a domain name, goes on behind the digits that end at i.
func (f *finder) gluedAfter(i int) bool {
	tail := f.text[i:]
	r, size := utf8.DecodeRuneInString(tail)
	if r == '.' {
		if next, _ := utf8.DecodeRuneInString(tail[1:]); unicode.IsLower(next) {
			return true
		}
	}
	return size > 0 && (unicode.IsLetter(r) || r == '_' || r == '%' || r == '*' || r == '#' || r == '@')
}

// read makes numbers of a run: those with a country code first, the rest are Danish.
func (f *finder) read(run []group) {
	for i := 0; i < len(run); {
		n, dial := abroad(run[i:])
		if n == 0 {
			i++
			continue
		}
		f.national(run[:i])
		f.found = append(f.found, place{run[i].at, dial})
		run, i = run[i+n:], 0
	}
	f.national(run)
}

// abroad reads a number with a country code from the start of a run, and returns how many groups it
// takes.
func abroad(run []group) (groups int, dial string) {
	if !run[0].plus && !(strings.HasPrefix(run[0].digits, "00") && run[0].apart) || run[0].glued && !run[0].plus {
		return 0, ""
	}
	prefix, digits := "+", ""
	for i, g := range run {
		d := g.digits
		if i > 0 && g.plus || g.glued && i > 0 {
			break
		}
		if i == 0 && !g.plus {
			prefix, d = "00", d[2:]
		}
		if d == "0" && g.bracket && countryCode("+"+digits) {
			continue
		}
		if len(digits)+len(d) > 15 {
			break
		}
		digits += d
		if strings.HasPrefix(digits, "45") && len(digits) == 10 {
			return i + 1, prefix + digits // the rest is another number
		}
		groups = i + 1
	}
	least := 8
	if prefix == "00" {
		least = 9 // "0012345678" is an order number
	}
	if len(digits) < least || digits[0] == '0' || strings.HasPrefix(digits, "45") {
		return 0, ""
	}
	return groups, prefix + digits
}

// national reads Danish numbers: the run as a whole if it is made of them, else each that can be seen
// in it with blanks around.
func (f *finder) national(run []group) {
	if len(run) > 1 && run[0].digits == "45" && (run[0].bracket || run[0].plus) {
		run = run[1:]
	}
	var all []place
	for rest := run; ; {
		if len(rest) == 0 {
			f.found = append(f.found, all...)
			return
		}
		n, dial := eight(rest)
		if n == 0 {
			break
		}
		all = append(all, place{rest[0].at, dial})
		rest = rest[n:]
	}
	for i := range run {
		if n, dial := eight(run[i:]); n > 0 && run[i].apart && (i+n == len(run) || run[i+n].apart) {
			f.found = append(f.found, place{run[i].at, dial})
		}
	}
}

// eight reads a Danish number from the start of a run: groups of at least two digits, eight in all.
func eight(run []group) (groups int, dial string) {
	for i, g := range run {
		if g.glued || len(g.digits) < 2 {
			return 0, ""
		}
		if dial += g.digits; len(dial) >= 8 {
			if danish(dial) {
				return i + 1, dial
			}
			break
		}
	}
	return 0, ""
}

// numbers returns what was found, in order, each once: +45 22 33 44 55 and 22 33 44 55 are the same.
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
			numbers = append(numbers, Number{p.dial, Format(p.dial)})
		}
	}
	return numbers
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
