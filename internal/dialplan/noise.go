package dialplan

import (
	"regexp"
	"strings"
)

// What looks like a number and is none, in a folded text. They are blanked out in this order.
var (
	dateDay  = regexp.MustCompile(`\b(?:0?[1-9]|[12]\d|3[01])[-./](?:0?[1-9]|1[0-2])[-./](?:(?:19|20)\d\d|\d\d)\b`)
	ipv4     = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d+)?\b`)
	card     = regexp.MustCompile(`\b\d{4}(?:[ -]\d{4}){3}\b`)
	numbered = regexp.MustCompile(`(?i)([\pL\-]{2,}?)(?:nr|nummer|number)\b[.:]* *[:#]? ?(?:\d[ .\-]?){3,}`)
	telephon = regexp.MustCompile(`(?i)tlf|tel|mob|phone|fax|gsm|cell|lokal|direkte|kontakt|hoved|vagt|omstilling|døgn|nød|ring`)

	noise = []*regexp.Regexp{
		regexp.MustCompile(`[\pL\pN._%+\-]+@[\pL\pN.\-]+`),                                        // e-mail, SIP
		regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.\-]*://\S+|\bwww\.\S+|\bsips?:\S+`),               // web
		regexp.MustCompile(`</?[A-Za-z!][^<>]*>`),                                                 // HTML
		regexp.MustCompile(`\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b`),         // IBAN
		regexp.MustCompile(`(?i)\b(?:cvr|se-nr|vat|moms)` + nr + `(?:dk[ \-]?)?(?:\d[ .]?){8}\b`), // company
		regexp.MustCompile(`(?i)\b(?:cpr|ean|gln|iban|isbn|issn|imei|ip|p-nr|id)` + nr + `(?:\d[ .\-]?){3,}`),
		regexp.MustCompile(`(?i)\b(?:ordre|order|faktura|invoice|bilag|konto|sag|sags|case|ticket|reference|ref|` +
			`track|tracking|booking|reservation|rekvisition|tilbud|police|reg)` + nr + `(?:\d[ .\-]?){3,}`),
		regexp.MustCompile(`(?i)\b(?:account|customer|item|member|part|product|serial|kunde|vare|medlem)[ .\-]*(?:number|no|nr|id)\b` + nr + `(?:\d[ .\-]?){3,}`),
		numbered,
		regexp.MustCompile(`(?i)\b[0-9a-f]{2}(?:[:\-][0-9a-f]{2}){5}\b`),                              // MAC
		regexp.MustCompile(`(?i)\b[0-9a-f]*(?::[0-9a-f]*){2,}(?:[.,]\d+)?`),                           // IPv6, hh:mm:ss
		regexp.MustCompile(`\b(?:19|20)\d\d([-./])(?:0?[1-9]|1[0-2])[-./](?:0?[1-9]|[12]\d|3[01])\b`), // ISO date
		dateDay,
		regexp.MustCompile(`\b[0-2]?\d[.:][0-5]\d ?- ?[0-2]?\d[.:][0-5]\d\b`), // opening hours
		regexp.MustCompile(`\b\d{1,2}:\d{2}\b`),                               // time
		regexp.MustCompile(`(?i)\bkl\.? ?\d{1,2}(?:[.:]\d{2})?\b`),
		regexp.MustCompile(`\b(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d ?[- ] ?\d{4}\b`), // CPR
		ipv4,
		card,
		regexp.MustCompile(`(?i)(?:\bkr\.?|\bdkk|\beur|\busd|\bsek|\bnok|\bgbp|€|\$|£) ?(?:\d{1,3}(?:[. ]\d{3})+|\d+)(?:,\d+|,-)?`),
		regexp.MustCompile(`(?i)\b(?:\d{1,3}(?:[. ]\d{3})+|\d+)(?:,\d{1,2})? ?(?:kr\b|dkk\b|eur\b|usd\b|sek\b|nok\b|gbp\b|€|\$|£|%|,-)`),
		regexp.MustCompile(`\b\d{1,3}(?:\.\d{3}){2,}\b`), // 12.345.678
		regexp.MustCompile(`\b[\d.]+,\d{1,2}\b`),         // 1.234,56
	}
)

// nr is what may stand between a word and its number.
const nr = `[ .\-]*(?:nr|no|nummer|number)?[.:#]* *[:#]? ?`

// keep reports whether a match of one of the patterns may be a telephone number after all.
func keep(re *regexp.Regexp, text string, m []int) bool {
	match := text[m[0]:m[1]]
	switch re {
	case dateDay: // the first half of 22.11.22.33 is no date
		before := m[0] >= 2 && strings.ContainsRune(".-/", rune(text[m[0]-1])) && isDigit(text[m[0]-2])
		after := m[1]+1 < len(text) && strings.ContainsRune(".-/", rune(text[m[1]])) && isDigit(text[m[1]+1])
		return before || after
	case ipv4: // 22.33.44.55 is how a number is written, and a rare address
		return len(match) == 11 && match[2] == '.' && match[5] == '.' && match[8] == '.'
	case card: // or two numbers in groups of four; nine times in ten the check digit tells
		return !luhn(match)
	case numbered: // "telefonnummer", but "ordrenummer"
		return telephon.MatchString(text[m[2]:m[3]])
	}
	return false
}

// luhn reports whether the digits of s end in the check digit of payment cards. (ISO/IEC 7812-1)
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
