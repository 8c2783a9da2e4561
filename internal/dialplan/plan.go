package dialplan

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Plan is where the user is, and what the PBX expects. The zero Plan is Denmark, and changes nothing.
type Plan struct {
	Country       string   // ISO 3166-1, two upper-case letters; "" is Denmark
	AreaCode      string   // the user's own, without the leading 0; "" if the country has none
	Internal      []int    // the lengths of internal numbers; nil: every short number is internal
	Outside       string   // prefix for an outside line; "" for none
	International string   // prefix for calls abroad; "" is 00
	Short         []string // short numbers in addition to the country's own; they are dialled unchanged
	PBXForm       bool     // dialled numbers are converted to the form above
	Dialled       []Rule   // the user's own, applied in order to dialled numbers
	ShownBy       []Rule   // the user's own, applied in order to displayed callers
}

func (p Plan) country() string {
	if p.Country == "" {
		return "DK"
	}
	return p.Country
}

// countryCode returns the country's calling code, such as "45" for Denmark.
func (p Plan) countryCode() string {
	return itoa(phonenumbers.GetCountryCodeForRegion(p.country()))
}

func itoa(n int) string {
	if n == 0 {
		return ""
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// trunk returns the prefix of an area code in the country: 0 in Germany, nothing in Denmark.
func (p Plan) trunk() string { return phonenumbers.GetNddPrefixForRegion(p.country(), true) }

// apply determines what to dial for r.Number, and its kind. Emergency numbers are never changed, and neither
// the PBX's form nor a rule changes a code without asking.
func (p Plan) apply(r *Reading) {
	r.Dial = r.Number
	r.Kind, r.Country = p.Classify(r.Number)
	if r.Kind == Emergency {
		return
	}
	if p.PBXForm {
		p.inForm(r)
	}
	for _, rule := range p.Dialled {
		after, hit := rule.Apply(r.Dial)
		if !hit || after == r.Dial {
			continue
		}
		if clean, err := Dialable(after); err != nil || clean != after {
			r.Dial, r.Doubt = r.Number, "A rule of yours makes something of the number that cannot be dialled: look at the rules in the settings."
			break
		}
		r.Dial = after
		r.Changes = append(r.Changes, Change{RuleApplied, rule.Title()})
	}
	if r.Dial == r.Number {
		return
	}
	if kind, country := p.Classify(r.Dial); kind.ByHand() || kind == Emergency {
		r.Kind, r.Country = kind, country // a rule must not hide the cost
	}
}

// inForm converts the dialled number to the form that the PBX expects.
func (p Plan) inForm(r *Reading) {
	switch r.Kind {
	case FeatureCode, Short, Internal:
		return
	}
	digits, abroad := international(r.Dial)
	code := p.countryCode()
	switch national, own := strings.CutPrefix(digits, code); {
	case abroad && own && (r.Country == p.country() || r.Kind == Premium):
		r.Changes = append(r.Changes, Change{CountryLeftOut, "+" + code})
		r.Dial = p.trunk() + national
	case abroad:
		prefix := p.International
		if prefix == "" {
			prefix = "00"
		}
		if prefix+digits != r.Dial {
			r.Changes = append(r.Changes, Change{AbroadWritten, prefix})
		}
		r.Dial = prefix + digits
	case p.AreaCode != "" && r.Kind == Ordinary && !strings.HasPrefix(r.Dial, p.trunk()):
		r.Changes = append(r.Changes, Change{AreaAdded, p.trunk() + p.AreaCode})
		r.Dial = p.trunk() + p.AreaCode + r.Dial
	case p.Outside != "" && strings.HasPrefix(r.Dial, p.Outside):
		rest := strings.TrimPrefix(r.Dial, p.Outside)
		if kind, _ := p.Classify(rest); kind != Ordinary && kind != Internal && strings.HasPrefix(rest, p.trunk()) {
			return // it already has the prefix
		}
	}
	if p.Outside != "" {
		r.Changes = append(r.Changes, Change{OutsideAdded, p.Outside})
		r.Dial = p.Outside + r.Dial
	}
}

// Show returns a caller's number for display: after the user's rules, without the code of the user's own
// country if one is set, and grouped.
func (p Plan) Show(number string) string {
	for _, rule := range p.ShownBy {
		if after, hit := rule.Apply(number); hit && len(after) <= maxLink {
			number = after
		}
	}
	if p.Country != "" {
		if n, err := phonenumbers.Parse(number, p.country()); err == nil && phonenumbers.IsValidNumberForRegion(n, p.country()) && strings.HasPrefix(number, "+") {
			return phonenumbers.Format(n, phonenumbers.NATIONAL)
		}
	}
	return Format(number)
}

// Key returns the form in which numbers are compared: with "+" and the country code if the number is complete,
// else unchanged. 22334455 and +45 22 33 44 55 have the same key.
func (p Plan) Key(number string) string {
	n, err := phonenumbers.Parse(number, p.country())
	if err != nil || len(number) < 7 || strings.ContainsAny(number, "*#") || !phonenumbers.IsValidNumber(n) {
		return number
	}
	return phonenumbers.Format(n, phonenumbers.E164)
}

// isInternal reports whether a number of the user's PBX can have this many digits.
func (p Plan) isInternal(number string) bool {
	if number == "" || strings.Trim(number, "0123456789") != "" {
		return false
	}
	if len(p.Internal) > 0 {
		return slices.Contains(p.Internal, len(number))
	}
	return len(number) < 7
}

// KnowsCountry reports whether a Plan can have a country: two upper-case letters of ISO 3166-1.
func KnowsCountry(code string) bool { return phonenumbers.GetCountryCodeForRegion(code) != 0 }
