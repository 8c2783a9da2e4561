// Package dialplan knows how people write telephone numbers: what to dial for a written number ([Dialable]),
// where the numbers are in a copied text ([Find]), and how to display a number ([Format]).
//
// One rule is above all others: a number is never changed without the user's knowledge. White space and
// punctuation are dropped, and digits of other scripts become ASCII digits, since no telephone dials them any
// other way; whatever would need a guess is an [Error] that says so, and offers the guess to the user.
//
// The package knows Denmark's numbers (eight digits, no area code, country code 45) and treats all others as
// they are. All functions are pure and may be called from any goroutine.
package dialplan

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// ErrNotDialable matches every error of [Dialable] with errors.Is.
var ErrNotDialable = errors.New("dialplan: not a number that can be dialled")

// MaxLength is the length of the longest number that can be dialled, in characters: a feature code that
// contains a number.
const MaxLength = 32

// maxDigits is the length of the longest number, without "+" or "00". (ITU-T E.164 §6.1) A longer one is two
// numbers.
const maxDigits = 15

// Error says why a text cannot be dialled unchanged.
type Error struct {
	Input string // the given text, cut to a length that can be displayed
	// Why is a sentence for the user, without the text itself: what is wrong and what to do.
	Why string
	// Offer is a dialable number that may be what was meant, or "". It is never dialled without asking.
	Offer string

	part bool // Offer omits digits
}

// Error returns the text and the sentence.
func (e *Error) Error() string {
	if e.Input == "" {
		return e.Why
	}
	return fmt.Sprintf("%q: %s", e.Input, e.Why)
}

// Is reports whether target is ErrNotDialable.
func (e *Error) Is(target error) bool { return target == ErrNotDialable }

// Dialable returns what to send to the PBX for a number as somebody wrote it: digits, '*' and '#', and a
// leading '+'.
//
// Dropped are a leading "tel:" or "callto:" (also with "//"), white space of every kind, dots, dashes, slashes,
// brackets, and the invisible characters in text copied from web pages. Digits of other scripts become ASCII
// digits. A leading "+" or "00" is kept. In a tel: link, percent escapes are decoded and parameters dropped
// (RFC 3966), except the two that change whom the number reaches: ";ext=" and ";phone-context=" are errors that
// offer the number without them. A person would omit the "(0)" in "+45 (0) 20 12 34 56", and a machine would
// not, so it is an error that offers the number without it. So is anything that may be more than one number:
// digits after a slash, in brackets or in a group of their own after a complete number of the country, and an
// extension. Letters, a second '+', commas, SIP addresses and everything else are errors.
//
// Every error is an *[Error] and matches [ErrNotDialable].
func Dialable(s string) (string, error) {
	fail := func(why, offer string) (string, error) {
		if offer != "" {
			offer, _ = Dialable(offer)
		}
		return "", &Error{Input: excerpt(s), Why: why, Offer: offer}
	}
	cut := func(why, offer string) (string, error) {
		_, err := fail(why, offer)
		err.(*Error).part = true
		return "", err
	}
	text, params, why := unlink(s)
	if why != "" {
		return fail(why, "")
	}
	var b strings.Builder
	list := false // a slash follows what may be a complete number
	for i, r := range text {
		c := fold(r)
		switch {
		case c >= '0' && c <= '9' && list:
			return cut("The slash may part two numbers: dial one at a time.", b.String())
		case c >= '0' && c <= '9', c == '*', c == '#':
			b.WriteRune(c)
		case c == '+':
			if b.Len() > 0 {
				return fail("A plus sign can only stand in front of a number: dial one number at a time.", "")
			}
			b.WriteRune(c)
		case c == '/':
			list = countDigits(b.String()) >= 8
		case c == '\n', c == ' ', c == '.', c == '-', c == '(', c == ')', c == invisible:
		case c == ',' && countDigits(b.String()) >= enough && extension().MatchString(foldString(text[i:])),
			unicode.IsLetter(c) && countDigits(b.String()) >= enough && extension().MatchString(foldString(text[i:])):
			return cut("An extension behind a number is not dialled with it: dial the number, and the extension when you are asked for it.", b.String())
		case unicode.IsLetter(c):
			return fail("A number cannot hold letters: write it in digits.", "")
		default:
			return fail(fmt.Sprintf("A number cannot hold the character %q: leave it out.", r), "")
		}
		if b.Len() > MaxLength {
			return fail(fmt.Sprintf("A number has at most %d digits: dial one number at a time.", maxDigits), "")
		}
	}
	n := b.String()
	bare, _ := international(n)
	switch {
	case len(bare) > maxDigits && !strings.ContainsAny(n, "*#"):
		return fail(fmt.Sprintf("A number has at most %d digits: dial one number at a time.", maxDigits), "")
	case !strings.ContainsAny(n, "0123456789"):
		return fail("There is no number in it: type a number.", "")
	case strings.HasPrefix(n, "+") && (n[1] < '0' || n[1] > '9'):
		return fail("A plus sign must be followed by a country code.", "")
	}
	if bare, ok := withoutTrunkZero(text); ok {
		return fail("The (0) is not dialled from abroad: dial the number with or without it.", bare)
	}
	if why, offer := restInDoubt(foldString(text), n); why != "" {
		return cut(why, offer)
	}
	for _, p := range params {
		key, value, _ := strings.Cut(p, "=")
		switch strings.ToLower(key) {
		case "ext":
			return fail(fmt.Sprintf("The link names extension %q behind the number, which cannot be dialled with it.", excerpt(value)), n)
		case "phone-context":
			if !strings.HasPrefix(n, "+") {
				return fail(fmt.Sprintf("The link says that the number is a local one of %q: dial it with its country code.", excerpt(value)), n)
			}
		}
	}
	return n, nil
}

// enough is how many digits must precede a bracket for it not to enclose an area code.
const enough = 7

// restInDoubt reports whether the end of a folded text may not be part of the number dial in it: why is then a
// sentence, and offer is the number without that end.
func restInDoubt(text, dial string) (why, offer string) {
	digits, abroad := international(dial)
	whole := len(digits) == 10 && strings.HasPrefix(digits, "45") && danish(digits[2:]) // 45 22 33 44 55
	prefix := dial[:len(dial)-len(digits)]
	overlong := abroad && tooLong(digits)
	head := ""
	for i := range len(text) {
		switch c := text[i]; {
		case c == '(' && countDigits(head) >= enough && countDigits(text[i:]) > 0:
			return "What stands in brackets may not belong to the number: dial it with or without it.", head
		case isDigit(c) && i > 0 && !isDigit(text[i-1]) && countDigits(head) > 0: // a group of digits begins
			national := strings.TrimPrefix(head, prefix)
			if !abroad && danish(head) && !whole {
				why, offer = "A number in Denmark has 8 digits, and more follow: dial it with or without them.", head
			}
			if overlong && strings.HasPrefix(head, prefix) && complete(national) {
				offer = head
			}
		}
		if c := text[i]; isDigit(c) || c == '+' || c == '*' || c == '#' {
			head += string(c)
		}
	}
	if overlong {
		why = "No number of this country is so long: look where it ends."
	}
	return why, offer
}

// unlink removes the scheme of a telephone link, and decodes what is specific to links. If that is impossible,
// why is a sentence that says so.
func unlink(s string) (text string, params []string, why string) {
	text = strings.TrimFunc(s, func(r rune) bool { c := fold(r); return c == ' ' || c == '\n' || c == invisible })
	scheme, rest, ok := strings.Cut(text, ":")
	if !ok {
		return text, nil, ""
	}
	switch strings.ToLower(strings.TrimSpace(scheme)) {
	case "tel", "callto":
	case "sip", "sips":
		return "", nil, "SIP addresses cannot be dialled, only numbers: dial the number alone."
	default:
		return text, nil, ""
	}
	text, err := url.PathUnescape(strings.TrimPrefix(rest, "//"))
	if err != nil {
		return "", nil, "The link is damaged (a % sign without its code): type the number."
	}
	parts := strings.Split(text, ";")
	return parts[0], parts[1:], ""
}

// withoutTrunkZero returns the number without the "(0)" after a country code, if there is one. Italy's zero is
// part of the number and is kept.
func withoutTrunkZero(text string) (string, bool) {
	var b strings.Builder
	folded := []rune(foldString(text))
	dropped := false
	for i := 0; i < len(folded); i++ {
		c := folded[i]
		if c == '(' && !dropped {
			j := i + 1
			for j < len(folded) && folded[j] == ' ' {
				j++
			}
			if j < len(folded) && folded[j] == '0' {
				for j++; j < len(folded) && folded[j] == ' '; j++ {
				}
				if j < len(folded) && folded[j] == ')' && countryCode(b.String()) {
					dropped, i = true, j
					continue
				}
			}
		}
		if c == '+' || c == '*' || c == '#' || c >= '0' && c <= '9' {
			b.WriteRune(c)
		}
	}
	return b.String(), dropped
}

// countryCode reports whether the digits are an international prefix and a country code of up to three
// digits, other than Italy's.
func countryCode(s string) bool {
	rest, ok := strings.CutPrefix(s, "+")
	if !ok {
		rest, ok = strings.CutPrefix(s, "00")
	}
	return ok && len(rest) >= 1 && len(rest) <= 3 && rest != "39" && !strings.ContainsAny(rest, "*#")
}

// Format returns a number for display: Danish numbers in pairs ("22 33 44 55", "+45 22 33 44 55"), those of
// other countries with "+" and grouped as is usual there ("+49 30 123456"), extensions and everything else
// unchanged. It only inserts spaces and dashes: without them the result is the number, which [Dialable] returns
// for it.
func Format(number string) string {
	prefix, national := "", number
	for _, p := range []string{"+45", "0045"} {
		if rest, ok := strings.CutPrefix(number, p); ok {
			prefix, national = p+" ", rest
			break
		}
	}
	if danish(national) {
		return prefix + national[0:2] + " " + national[2:4] + " " + national[4:6] + " " + national[6:8]
	}
	if !strings.HasPrefix(number, "+") || len(number) > maxDigits+1 {
		return number
	}
	n, err := phonenumbers.Parse(number, "")
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return number
	}
	grouped := phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
	if Bare(grouped) != number {
		return number
	}
	return grouped
}

// Bare returns a displayed number without what [Format] has inserted.
func Bare(shown string) string { return strings.NewReplacer(" ", "", "-", "").Replace(shown) }

// danish reports whether s is a Danish subscriber number: eight ASCII digits, of which the first is
// neither 0 nor 1 (Danish numbering plan: 1xx are short numbers, no number begins with 0).
func danish(s string) bool {
	if len(s) != 8 || s[0] < '2' {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// excerpt cuts a text for an error message, and replaces what should not reach a screen or a log.
func excerpt(s string) string {
	const limit = 40
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == limit {
			b.WriteRune('…')
			break
		}
		if !unicode.IsPrint(r) {
			r = ' '
		}
		b.WriteRune(r)
		n++
	}
	return strings.TrimSpace(b.String())
}
