package dialplan

import (
	"bytes"
	"strconv"
	"strings"
)

// row is a sequence of digits in the text.
type row struct{ from, to int }

// shapes overwrites the sequences of digits whose form says what they are.
func (f *finder) shapes() {
	var rows []row
	for i := 0; i < len(f.text); i++ {
		f.steps++
		if !isDigit(f.text[i]) {
			continue
		}
		from := i
		for i < len(f.text) && isDigit(f.text[i]) {
			i++
		}
		rows = append(rows, row{from, i})
		i--
	}
	for len(rows) > 0 {
		s := shape{f, rows}
		if end := s.end(); end > rows[0].from {
			f.erase(rows[0].from, end)
			for len(rows) > 0 && rows[0].from < end {
				rows = rows[1:]
			}
			continue
		}
		rows = rows[1:]
	}
}

// shape examines the sequences of digits from a given one on.
type shape struct {
	*finder
	rows []row
}

// digits returns the nth sequence; it is empty if there is none, or if it is too long for any form.
func (s shape) digits(n int) string {
	if n >= len(s.rows) || s.rows[n].to-s.rows[n].from > 10 {
		return ""
	}
	return string(s.text[s.rows[n].from:s.rows[n].to])
}

// sep returns what separates the nth sequence from the next.
func (s shape) sep(n int) string {
	if n+1 >= len(s.rows) || s.rows[n+1].from-s.rows[n].to > 3 {
		return "\n"
	}
	return string(s.text[s.rows[n].to:s.rows[n+1].from])
}

// value returns the nth sequence as a number if its length is between least and most, else -1.
func (s shape) value(n, least, most int) int {
	d := s.digits(n)
	if len(d) < least || len(d) > most {
		return -1
	}
	v, _ := strconv.Atoi(d) // this does not fail: only digits, and few of them
	return v
}

func within(v, least, most int) bool { return v >= least && v <= most }

// end returns where the form that begins with the first sequence ends, or 0.
func (s shape) end() int {
	s.steps += 10
	if end := s.colons(); end > 0 {
		return end
	}
	if end := s.iban(); end > 0 {
		return end
	}
	if isWord(s.at(s.rows[0].from - 1)) {
		return 0
	}
	for _, look := range looks {
		if n := look(s); n > 0 {
			return s.rows[n-1].to
		}
	}
	return 0
}

// looks are the forms, most certain first. Each returns how many sequences it takes.
var looks = []func(shape) int{shape.date, shape.hours, shape.person, shape.hardware, shape.address, shape.card, shape.amount}

// colons: IPv6, hardware addresses, times with seconds.
func (s shape) colons() int {
	hex := func(c byte) bool { return isDigit(c) || c == ':' || c|0x20 >= 'a' && c|0x20 <= 'f' }
	from, to := s.rows[0].from, s.rows[0].to
	if to-from > 8 {
		return 0
	}
	least, most := from-40, to+40 // no address is longer than that
	for from > least && hex(s.at(from-1)) {
		from--
	}
	for to < most && hex(s.at(to)) {
		to++
	}
	colons := bytes.Count(s.text[from:to], []byte(":"))
	if colons < 2 || isWord(s.at(from-1)) && s.text[from] != ':' {
		return 0
	}
	for c := s.at(to); (c == '.' || c == ',') && isDigit(s.at(to+1)); c = s.at(to) {
		for to++; isDigit(s.at(to)); to++ {
		}
	}
	return to
}

// date: 22-11-2026, 22/11/26, 2026-11-22. The first half of 22.11.22.33 is not a date.
func (s shape) date() int {
	for n := range 2 {
		if sep := s.sep(n); len(sep) != 1 || !strings.Contains("-./", sep) {
			return 0
		}
	}
	century := func(n int) bool { v := s.value(n, 4, 4); return within(v, 1900, 2099) }
	switch {
	case century(0) && within(s.value(1, 1, 2), 1, 12) && within(s.value(2, 1, 2), 1, 31):
		return 3
	case !within(s.value(0, 1, 2), 1, 31) || !within(s.value(1, 1, 2), 1, 12) || !century(2) && s.value(2, 2, 2) < 0:
		return 0
	}
	before := strings.IndexByte(".-/", s.at(s.rows[0].from-1)) >= 0 && isDigit(s.at(s.rows[0].from-2))
	if after := s.sep(2); before || len(after) == 1 && strings.Contains(".-/", after) || isWord(s.at(s.rows[2].to)) {
		return 0
	}
	return 3
}

// hours: 12:30, 8.30 - 16.00.
func (s shape) hours() int {
	clock := func(n int) bool {
		return within(s.value(n, 1, 2), 0, 29) && within(s.value(n+1, 2, 2), 0, 59) && (s.sep(n) == "." || s.sep(n) == ":")
	}
	if clock(0) && strings.TrimSpace(s.sep(1)) == "-" && clock(2) && !isWord(s.at(s.rows[3].to)) {
		return 4
	}
	if s.sep(0) == ":" && s.value(0, 1, 2) >= 0 && s.value(1, 2, 2) >= 0 && !isWord(s.at(s.rows[1].to)) {
		return 2
	}
	return 0
}

// person: a civil registration number, 221126-1234.
func (s shape) person() int {
	v := s.value(0, 6, 6)
	if within(v/10000, 1, 31) && within(v/100%100, 1, 12) && strings.Trim(s.sep(0), " -") == "" && s.value(1, 4, 4) >= 0 && !isWord(s.at(s.rows[1].to)) {
		return 2
	}
	return 0
}

// hardware: 22-33-44-55-66-77. Those with colons are handled by colons.
func (s shape) hardware() int {
	for n := range 6 {
		if s.value(n, 2, 2) < 0 || n < 5 && s.sep(n) != "-" {
			return 0
		}
	}
	return 6
}

// address: an IP address with its port or network. 22.33.44.55 is the notation of a number, and a rare address.
func (s shape) address() int {
	pairs := true
	for n := range 4 {
		if s.value(n, 1, 3) < 0 || n < 3 && s.sep(n) != "." {
			return 0
		}
		pairs = pairs && len(s.digits(n)) == 2
	}
	switch {
	case pairs && s.sep(3) != ":" && s.sep(3) != "/" || isWord(s.at(s.rows[3].to)):
		return 0
	case s.sep(3) == ":" || s.sep(3) == "/":
		if pairs && len(s.digits(4)) == 2 { // 22.33.44.55/56 is a number with a second ending
			return 0
		}
		return 5
	}
	return 4
}

// card: a payment card. In nine cases out of ten, the check digit tells it from two numbers in groups of four.
func (s shape) card() int {
	all := ""
	for n := range 4 {
		if s.value(n, 4, 4) < 0 || n < 3 && s.sep(n) != " " && s.sep(n) != "-" {
			return 0
		}
		all += s.digits(n)
	}
	if isWord(s.at(s.rows[3].to)) || !luhn(all) {
		return 0
	}
	return 4
}

// amount: kr. 100, 1.234,56, 12.345.678, 22334455 DKK, 5%.
func (s shape) amount() int {
	thousands := 1
	dots := 0
	for len(s.digits(0)) <= 3 && thousands < 6 && (s.sep(thousands-1) == "." || s.sep(thousands-1) == " ") && len(s.digits(thousands)) == 3 {
		if s.sep(thousands-1) == "." {
			dots++
		}
		thousands++
	}
	for _, n := range []int{thousands, 1} {
		end := n
		if s.sep(n-1) == "," && within(len(s.digits(n)), 1, 2) && !isWord(s.at(s.rows[n].to)) {
			end = n + 1
		}
		if s.currencyBefore() || s.currencyAfter(s.rows[end-1].to) {
			return end
		}
		if end > n && s.sep(end-1) != "," { // a decimal, not a list
			return end
		}
	}
	if dots >= 2 && dots == thousands-1 && !isWord(s.at(s.rows[thousands-1].to)) {
		return thousands
	}
	return 0
}

func (s shape) currencyBefore() bool {
	from := s.rows[0].from
	head := bytes.TrimSuffix(s.text[max(0, from-6):from], []byte(" "))
	if bytes.HasSuffix(head, []byte("€")) || bytes.HasSuffix(head, []byte("$")) || bytes.HasSuffix(head, []byte("£")) {
		return true
	}
	head = bytes.TrimSuffix(head, []byte("."))
	n := len(head)
	for n > 0 && isLetter(head[n-1]) {
		n--
	}
	return currencies[strings.ToLower(string(head[n:]))]
}

func (s shape) currencyAfter(i int) bool {
	if s.at(i) == ' ' {
		i++
	}
	tail := s.around(i, 4)
	for _, sign := range []string{"€", "$", "£", "%", ",-"} {
		if bytes.HasPrefix(tail, []byte(sign)) {
			return true
		}
	}
	n := 0
	for n < len(tail) && isLetter(tail[n]) {
		n++
	}
	return currencies[strings.ToLower(string(tail[:n]))]
}

// iban returns the end of an international bank account number whose check digits are the first sequence.
func (s shape) iban() int {
	upper := func(c byte) bool { return c >= 'A' && c <= 'Z' }
	from := s.rows[0].from
	if !upper(s.at(from-1)) || !upper(s.at(from-2)) || isWord(s.at(from-3)) || s.rows[0].to-from < 2 {
		return 0
	}
	end, groups := from+2, 0
	four := func(i int) bool {
		for n := range 4 {
			if c := s.at(i + n); !isDigit(c) && !upper(c) {
				return false
			}
		}
		return true
	}
	for ; groups < 8; groups++ {
		i := end
		if s.at(i) == ' ' {
			i++
		}
		if !four(i) {
			break
		}
		end = i + 4
	}
	if groups < 2 {
		return 0
	}
	if i := end; s.at(i) == ' ' && isDigit(s.at(i+1)) { // the last group is shorter
		for i++; isDigit(s.at(i)); i++ {
		}
		end = i
	}
	for isDigit(s.at(end)) {
		end++
	}
	return end
}

// luhn reports whether the last digit of s is a valid check digit of payment cards. (ISO/IEC 7812-1)
func luhn(s string) bool {
	sum, double := 0, false
	for i := len(s) - 1; i >= 0; i-- {
		if !isDigit(s[i]) {
			continue
		}
		d := int(s[i] - '0')
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		double = !double
	}
	return sum%10 == 0
}
