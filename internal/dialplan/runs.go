package dialplan

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// group is a sequence of digits; a run is a sequence of groups with little between them.
type group struct {
	digits  string
	at      int
	apart   bool // spaces or brackets separate it from the previous group, or it is the first
	loose   bool // more than one character separates it: it may not belong to what precedes it
	glued   bool // letters or other characters touch it: it belongs to a word
	bracket bool // it is in brackets
	plus    bool // it is preceded by "+"
}

func (g group) end() int { return g.at + len(g.digits) }

// plusNumbers extracts what begins with "+". No amount, address or personal number does.
func (f *finder) plusNumbers() {
	for i := 0; i < len(f.text); i++ {
		f.steps++
		if f.text[i] != '+' || f.sum(i) {
			continue
		}
		start := i + 1
		if c := f.at(start); c == ' ' || c == '(' {
			start++
		}
		if !isDigit(f.at(start)) || f.inAddress(i, start) {
			continue
		}
		run, end := f.run(start)
		run[0].plus = true
		groups, dials := f.abroad(run)
		if groups > 0 {
			end = run[groups-1].end()
		}
		for _, dial := range dials {
			f.found = append(f.found, place{i, dial})
		}
		f.erase(i, end) // not a number of its country, so not one of another either
		i = end - 1
	}
}

// sum reports whether the "+" at i is an addition, or part of a word: 12+34, a+b, 12 + 34.
func (f *finder) sum(i int) bool {
	r, size := utf8.DecodeLastRune(f.text[max(0, i-16):i])
	switch {
	case size == 0:
		return false
	case unicode.IsLetter(r):
		return !endsInPhoneWord(f.text[max(0, i-16):i])
	case r == ' ':
		return f.at(i+1) == ' ' && isDigit(f.at(i-2))
	}
	return unicode.IsDigit(r) || strings.ContainsRune("_*#@+", r)
}

// inAddress reports whether the "+" is part of an e-mail or web address. (Sub-addresses, RFC 5233; a space in a
// query)
func (f *finder) inAddress(plus, digits int) bool {
	if c := f.at(plus - 1); c == '=' || c == '&' || c == '?' || c == '/' {
		word := f.text[max(0, plus-64):plus]
		if i := bytes.LastIndexAny(word, " \n"); bytes.Contains(word[i+1:], []byte("://")) || bytes.Contains(word[i+1:], []byte("www.")) {
			return true
		}
	}
	for digits < len(f.text) && isDigit(f.text[digits]) {
		digits++
	}
	return f.at(digits) == '@'
}

// runs examines every run of groups.
func (f *finder) runs() {
	for i := 0; i < len(f.text); {
		f.steps++
		if !isDigit(f.text[i]) {
			i++
			continue
		}
		var run []group
		run, i = f.run(i)
		f.read(run)
	}
}

// run parses the run that begins at i, and returns where it ends.
func (f *finder) run(i int) ([]group, int) {
	var run []group
	sep, digits := "", 0
	for {
		start := i
		for i < len(f.text) && isDigit(f.text[i]) {
			i++
		}
		f.steps += i - start
		g := group{digits: string(f.text[start:i]), at: start, apart: len(run) == 0 || strings.ContainsAny(sep, " ()")}
		before := bytes.TrimRight(f.text[max(0, start-4):start], " ")
		g.plus = bytes.HasSuffix(before, []byte("+")) && start-min(4, start)+len(before) >= start-1
		g.bracket = bytes.HasSuffix(before, []byte("(")) && bytes.HasPrefix(bytes.TrimLeft(f.around(i, 4), " "), []byte(")"))
		g.glued = len(run) == 0 && f.gluedBefore(start) || f.gluedAfter(i)
		g.loose = len(run) > 0 && (len(sep) > 1 || sep == "(")
		run = append(run, g)
		between := " .-()"
		if digits += len(g.digits); digits <= 7 && (run[0].plus || strings.HasPrefix(run[0].digits, "00")) {
			between = " .-()/" // after an area code: +49 30 / 123456
		}
		j := i
		for j < len(f.text) && j-i <= 4 && strings.IndexByte(between, f.text[j]) >= 0 {
			j++
		}
		sep = string(f.text[i:j])
		if sep == "" || len(sep) > 3 || strings.Trim(sep, " ") == "" && len(sep) > 2 || j >= len(f.text) || !isDigit(f.text[j]) {
			return run, i
		}
		i = j
	}
}

// read turns a run into numbers: those with a country code first, the rest are Danish.
func (f *finder) read(run []group) {
	for i := 0; i < len(run); {
		groups, dials := 0, []string(nil)
		if strings.HasPrefix(run[i].digits, "00") && run[i].apart && !run[i].glued {
			groups, dials = f.abroad(run[i:])
		}
		if groups == 0 {
			i++
			continue
		}
		f.national(run[:i])
		for _, dial := range dials {
			f.found = append(f.found, place{run[i].at, dial})
		}
		run, i = run[i+groups:], 0
	}
	f.national(run)
}

// abroad parses a number with a country code at the start of a run, and returns how many groups it takes: as
// many as a number of its country can have. If it can also end before a gap, a bracket or a postcode, that is a
// second interpretation.
func (f *finder) abroad(run []group) (groups int, dials []string) {
	prefix, digits, zero := "+", "", false
	shorter, shorterGroups := "", 0
	for i, g := range run {
		d := g.digits
		if i > 0 && (g.plus || g.glued) {
			break
		}
		if i == 0 && !g.plus {
			prefix, d = "00", d[2:]
		}
		if d == "0" && g.bracket && !zero && countryCode("+"+digits) {
			zero = true
			continue
		}
		if i > 0 && groups == i && (g.loose || f.startsAnother(run[i:])) && shorterGroups == 0 {
			shorter, shorterGroups = prefix+digits, i
		}
		if len(digits)+len(d) > maxDigits {
			break
		}
		digits += d
		if complete(digits) && !f.gluedAfter(g.end()) && (len(digits) >= 8 || prefix == "+" && len(digits) >= 7) {
			groups, dials = i+1, []string{prefix + digits}
		}
		if tooLong(digits) {
			break
		}
	}
	if prefix == "00" && groups > 0 && len(dials[0]) < len("00")+9 {
		return 0, nil // "0012345678" is an order number
	}
	if shorterGroups == 0 || shorterGroups == groups {
		return groups, dials
	}
	if rest := run[shorterGroups:]; wholly(rest) || f.startsHours(rest) {
		return shorterGroups, []string{shorter} // what follows is certainly something else
	}
	return groups, append([]string{shorter}, dials...)
}

// wholly reports whether the groups consist of Danish numbers.
func wholly(run []group) bool {
	for len(run) > 0 {
		n, _ := eight(run)
		if n == 0 {
			return false
		}
		run = run[n:]
	}
	return true
}

// startsAnother reports whether what begins here may not be part of the preceding number: opening hours, or a
// postcode with its town.
func (f *finder) startsAnother(rest []group) bool {
	if f.startsHours(rest) {
		return true
	}
	n, end := 0, 0
	for i, g := range rest[:min(2, len(rest))] { // 10115 Berlin, 113 50 Stockholm
		n, end = n+len(g.digits), g.end()
		if town, _ := utf8.DecodeRune(f.around(end+1, utf8.UTFMax)); (n == 4 || n == 5) && f.at(end) == ' ' && unicode.IsUpper(town) && i < 2 {
			return true
		}
	}
	return false
}

// startsHours reports whether the groups are two hours of a day: 8-16.
func (f *finder) startsHours(rest []group) bool {
	if len(rest) < 2 || !rest[0].apart || len(rest[0].digits) > 2 || len(rest[1].digits) > 2 {
		return false
	}
	from, _ := strconv.Atoi(rest[0].digits) // two digits at most
	to, _ := strconv.Atoi(rest[1].digits)
	sep := strings.TrimSpace(string(f.text[rest[0].end():rest[1].at]))
	return sep == "-" && from < 24 && to <= 24 && (len(rest) == 2 || rest[2].loose)
}

// national parses Danish numbers: the whole run if it consists of them, else each that is recognisable with
// spaces around it.
func (f *finder) national(run []group) {
	if len(run) > 1 && run[0].digits == "45" && (run[0].bracket || run[0].plus) {
		run = run[1:]
	}
	for i := range run { // what is in brackets after a number is not part of it
		if i > 0 && f.at(run[i].at-1) == '(' {
			if n, _ := eight(run[:i]); n == i {
				f.national(run[:i])
				f.national(run[i:])
				return
			}
		}
		if i > 8 {
			break
		}
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
		f.steps++
		if n, dial := eight(run[i:]); n > 0 && run[i].apart && (i+n == len(run) || run[i+n].apart) {
			f.found = append(f.found, place{run[i].at, dial})
		}
	}
}

// eight parses a Danish number at the start of a run: groups of at least two digits, eight in total.
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
