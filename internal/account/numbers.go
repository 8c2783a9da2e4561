package account

import (
	"strconv"
	"strings"

	"calltray/internal/dialplan"
)

// Plan returns how numbers are parsed, displayed and dialled.
func (s Settings) Plan() dialplan.Plan {
	p := dialplan.Plan{Country: s.Country, AreaCode: s.AreaCode, Outside: s.OutsidePrefix, International: s.InternationalPrefix,
		Short: fields(s.ShortNumbers), PBXForm: s.PBXForm}
	p.Internal, _ = lengths(s.InternalLength) // Check reports what is wrong with it
	p.Dialled, _ = dialplan.ParseRules(s.DialRules)
	p.ShownBy, _ = dialplan.ParseRules(s.ShowRules)
	return p
}

func fields(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' || r == ';' })
}

// lengths parses "3", "3-4" or "3, 5".
func lengths(s string) (list []int, ok bool) {
	for _, span := range fields(s) {
		least, most, isSpan := strings.Cut(span, "-")
		from, err := strconv.Atoi(least)
		to := from
		if err == nil && isSpan {
			to, err = strconv.Atoi(most)
		}
		if err != nil || from < 1 || to > 8 || from > to {
			return nil, false
		}
		for n := from; n <= to; n++ {
			list = append(list, n)
		}
	}
	return list, true
}

func checkCountry(s string) string {
	if s != "" && !dialplan.KnowsCountry(s) {
		return "The country is written with two capitals, for example DK."
	}
	return ""
}

func checkDigits(s string) string {
	if strings.Trim(s, "0123456789") != "" || len(s) > 8 {
		return "Write it in digits alone, at most eight."
	}
	return ""
}

func checkLengths(s string) string {
	if _, ok := lengths(s); !ok {
		return "Write how many digits internal numbers have, for example 3 or 3-4."
	}
	return ""
}

func checkShort(s string) string {
	for _, n := range fields(s) {
		if why := checkDigits(n); why != "" {
			return why
		}
	}
	return ""
}

func checkRules(s string) string {
	_, why := dialplan.ParseRules(s)
	return why
}
