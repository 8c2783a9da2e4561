package dialplan

import (
	"strconv"
	"strings"
	"sync"
)

// numberingPlans says how many digits follow the country code, by country code and, after a dash, by the digits
// that follow. The row with the longest matching prefix applies. (Numbering plans as filed under ITU-T E.164
// §6.2.1, checked against libphonenumber's metadata 9.0)
var numberingPlans = []struct{ digits, prefixes string }{
	{"10", "1 52 58 225"},
	{"7 10", "960"},
	{"10", "7 90"},
	{"8-10", "20 60 855 856 964 970 976"},
	{"5-10", "27 64 263"},
	{"10-12", "30 234"},
	{"5-11", "31"},
	{"9", "31-1 31-2 31-3 31-5 31-6 31-7"},
	{"8-9", "36 51 213 224 233 237 250 258 264 268 377 382 387 591 962 963"},
	{"8", "32"},
	{"9", "32-4"},
	{"9", "33 34 41 48 93 94 211 212 218 221 240 242 244 249 251 255 256 260 261 262 351 420 590 594 596 979 992 994 995 998"},
	{"6-12", "39 381"},
	{"9-10", "39-3"},
	{"6 9", "40 508 681"},
	{"4-13", "43"},
	{"7 9-10", "44"},
	{"10", "44-2 44-3 44-7"},
	{"8", "45 216 222 223 226 227 228 232 235 236 253 257 266 350 356 357 370 371 373 374 389 505 509 800 808 973 993"},
	{"7-9", "46"},
	{"9", "46-70 46-72 46-73 46-76 46-79"},
	{"5 8", "47 686"},
	{"8", "47-2 47-3 47-4 47-5 47-6 47-7 47-9"},
	{"5-13", "49"},
	{"10-11", "49-15 49-16 49-17"},
	{"6-8 10", "53"},
	{"10-11", "54"},
	{"8-11", "55 593"},
	{"9-11", "56"},
	{"8 10-11", "57 65 977"},
	{"5-10 12", "61"},
	{"9", "61-2 61-3 61-4 61-7 61-8"},
	{"7-13", "62"},
	{"6 8-13", "63"},
	{"8-10 13", "66"},
	{"9-10", "81-1 81-2 81-3 81-4 81-5 81-6 81-7 81-8 81-9"},
	{"8-13", "81 91"},
	{"10", "91-6 91-7 91-8 91-9"},
	{"5-6 8-13", "82"},
	{"7-10", "84 243 254 353"},
	{"9", "353-8"},
	{"7-12", "86 882 972"},
	{"8-12", "92 383 883"},
	{"6-10", "95 880"},
	{"4-7 10", "98"},
	{"7", "220 238 239 246 248 269 291 297 592 673 674 680 691 692"},
	{"8 10", "229 378 506 850"},
	{"7-8 10", "230 267 372"},
	{"7-9", "231 385 967 968"},
	{"7-8", "241 599 670 675 853 961 965 975"},
	{"7 9", "245 265 354 423"},
	{"5-6", "247"},
	{"6-9", "252 355"},
	{"4-5", "290"},
	{"6", "298 299 672 687"},
	{"4-11", "352"},
	{"5-12", "358 971"},
	{"6-10", "358-4 358-50"},
	{"6-9 12", "359"},
	{"6-11", "375 595"},
	{"6 8-9", "376 689"},
	{"9-10", "380 881 966 996"},
	{"5-8", "386"},
	{"9", "421"},
	{"5", "500 682"},
	{"7 11", "501 679"},
	{"8 11", "502 504"},
	{"7-8 11", "503"},
	{"7-8 10-11", "507"},
	{"6-7", "597"},
	{"4-12", "598 870"},
	{"5 7", "676 677 678"},
	{"4 7", "683"},
	{"5-7 10", "685"},
	{"5-7", "688"},
	{"4-7", "690"},
	{"5-9 11", "852"},
	{"12", "878"},
	{"7-11", "886"},
	{"11", "888"},
	{"7-9 11", "974"},
}

// plan is the possible lengths of the numbers of a country, or of a part of it.
type plan struct {
	country int    // digits of the country code
	lengths uint16 // bit n: n digits may follow it
}

// longestPrefix is the longest key of plans.
const longestPrefix = 5

var plans = sync.OnceValue(func() map[string]plan {
	all := make(map[string]plan)
	for _, row := range numberingPlans {
		var lengths uint16
		for _, span := range strings.Fields(row.digits) {
			least, most, isSpan := strings.Cut(span, "-")
			if !isSpan {
				most = least
			}
			from, _ := strconv.Atoi(least) // a test parses every row
			to, _ := strconv.Atoi(most)
			for n := from; n <= to; n++ {
				lengths |= 1 << n
			}
		}
		for _, prefix := range strings.Fields(row.prefixes) {
			country, goesOn, _ := strings.Cut(prefix, "-")
			all[country+goesOn] = plan{len(country), lengths}
		}
	}
	return all
})

// planOf returns the plan for a number with its country code, without "+" or "00". An unknown country has
// numbers of any length that E.164 allows.
func planOf(digits string) (p plan, known bool) {
	for n := min(longestPrefix, len(digits)); n > 0; n-- {
		if p, known = plans()[digits[:n]]; known {
			return p, true
		}
	}
	return plan{country: 3, lengths: 1<<(maxDigits-3+1) - 1<<5}, false
}

// complete reports whether a number in its country can end here. digits begin with the country code.
func complete(digits string) bool {
	p, _ := planOf(digits)
	n := len(digits) - p.country
	return n > 0 && n < 16 && digits[0] != '0' && p.lengths&(1<<n) != 0
}

// tooLong reports whether no number in the country has so many digits.
func tooLong(digits string) bool {
	p, known := planOf(digits)
	return known && p.lengths>>max(0, len(digits)-p.country) == 0
}
