package text

import (
	"strings"

	"calltray/internal/dialplan"
)

// KindWords describes a number's kind and country: "mobile, Denmark". "" if nothing is known about it.
func KindWords(kind dialplan.Kind, country string) string {
	where := SayKnown(countries[country])
	switch kind {
	case dialplan.FeatureCode:
		return Say("feature code")
	case dialplan.Emergency:
		return Say("emergency number")
	case dialplan.Internal:
		return Say("internal number")
	}
	if where == "" {
		switch kind {
		case dialplan.Premium:
			return Say("premium-rate number")
		case dialplan.International:
			return Say("abroad")
		}
		return ""
	}
	switch kind {
	case dialplan.Premium:
		return Say("premium-rate number, {{.Country}}", "Country", where)
	case dialplan.Short:
		return Say("short number, {{.Country}}", "Country", where)
	case dialplan.Mobile:
		return Say("mobile, {{.Country}}", "Country", where)
	case dialplan.International:
		return Say("abroad, {{.Country}}", "Country", where)
	}
	return where
}

// CountryName returns the name of a country by its ISO 3166-1 code, "" if there is none.
func CountryName(code string) string { return SayKnown(countries[code]) }

// Reading describes in one line how a written number is interpreted: “+45 (0) 20-12.34 56” › 20 12 34 56 ·
// mobile, Denmark · from 200, and each change to it. extension is the user's own, "" if unknown.
func Reading(r dialplan.Reading, extension string) string {
	shown := dialplan.Format(r.Dial)
	line := shown
	if r.Input != shown {
		line = Quote(r.Input) + " › " + shown // this character is in the font: an arrow would come from another font, with a box behind it
	}
	parts := []string{line}
	if words := KindWords(r.Kind, r.Country); words != "" {
		parts = append(parts, words)
	}
	if extension != "" {
		parts = append(parts, Say("from {{.Extension}}", "Extension", extension))
	}
	return strings.Join(append(parts, Changes(r)...), " · ")
}

// Changes describes the changes to a written number, in order.
func Changes(r dialplan.Reading) (list []string) {
	for _, c := range r.Changes {
		detail := Plain(c.Detail, MaxName)
		switch c.What {
		case dialplan.PartsIgnored:
			list = append(list, Say("{{.Parts}} in the link ignored", "Parts", detail))
		case dialplan.DigitsKept:
			list = append(list, Say("{{.Digits}} to be played after the answer", "Digits", detail))
		case dialplan.ContextAdded:
			list = append(list, Say("{{.Code}} added, as the link says", "Code", detail))
		case dialplan.CountryLeftOut:
			list = append(list, Say("{{.Code}} left out", "Code", detail))
		case dialplan.AbroadWritten:
			list = append(list, Say("{{.Prefix}} instead of +", "Prefix", detail))
		case dialplan.AreaAdded:
			list = append(list, Say("area code {{.Code}} added", "Code", detail))
		case dialplan.OutsideAdded:
			list = append(list, Say("{{.Prefix}} for an outside line added", "Prefix", detail))
		case dialplan.RuleApplied:
			list = append(list, Say("changed by your rule {{.Rule}}", "Rule", Quote(detail)))
		case dialplan.SignsDropped, dialplan.LinkRead, dialplan.EscapesDecoded:
			// they are before the arrow, not after it
		}
	}
	return list
}
