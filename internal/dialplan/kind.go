package dialplan

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Kind is what a number is, as far as that matters before dialling it.
type Kind int

const (
	Ordinary      Kind = iota // nothing more is known about it
	FeatureCode               // "*21*22334455#": it changes a setting of the telephone or the network
	Premium                   // it costs more than an ordinary call: 90 in Denmark, 0900 and the like, satellites
	Emergency                 // 112, and the country's own emergency numbers
	Short                     // 118, 1813, 116117: a short number of the country
	Internal                  // an extension or a queue of the PBX
	Mobile                    // of the user's country
	National                  // any other number of the user's country
	International             // of another country
)

// ByHand reports whether a number of this kind may be dialled only if a person typed it: what another program
// put on the clipboard, or a web page into a link, must not become a click that redirects every call or costs
// money.
func (k Kind) ByHand() bool { return k == FeatureCode || k == Premium }

// premium are the prefixes of numbers that cost more than an ordinary call, with their country codes, in
// addition to those that libphonenumber knows. (The national numbering plans; +979 is ITU-T E.169.2, +87 and
// +88 are satellites and networks of no country, E.164.)
var premium = []string{
	"4590", "29890", "4782", "46900", "46939", "46944", "4699", "358600", "358700", "35490",
	"49900", "49137", "43900", "43901", "43930", "43931", "43939", "41900", "41901", "41906",
	"449", "44871", "44872", "44873", "3530", "35315", "31900", "31906", "31909", "3290",
	"3381", "3382", "3389", "34803", "34806", "34807", "34905", "39144", "39166", "39899", "39892", "39894", "39895",
	"4870", "420900", "420906", "420909", "1900", "37290", "37190", "37090",
	"979", "870", "878", "881", "882", "883",
}

// danishMobile are the first digits of Denmark's mobile numbers. (The Danish numbering plan, Agency for Digital
// Government; libphonenumber does not distinguish them.)
var danishMobile = []string{"2", "30", "31", "40", "41", "42", "50", "51", "52", "53", "60", "61", "71", "81", "91", "92", "93"}

// KindOf returns the kind of a number returned by [Dialable] or [Find]. A number without a country code is
// Danish or, with a leading zero, one of a neighbouring country.
func KindOf(dial string) Kind {
	kind, _ := Plan{}.Classify(dial)
	return kind
}

// Classify returns the kind of a number returned by [Dialable] or [Find] for somebody in the plan's country,
// and its country as an ISO 3166-1 code, "" if unknown.
func (p Plan) Classify(dial string) (kind Kind, country string) {
	digits, abroad := international(dial)
	switch {
	case strings.ContainsAny(dial, "*#"):
		return FeatureCode, ""
	case emergency(dial) || phonenumbers.IsEmergencyNumber(dial, p.country()) && dial != danishPolice:
		return Emergency, ""
	case slices.Contains(p.Short, dial):
		return Short, p.country()
	case abroad:
		return p.abroad(digits)
	case p.country() == "DK" && len(dial) == 10 && strings.HasPrefix(dial, "45") && danish(dial[2:]):
		return p.abroad(dial)
	case len(dial) < 7 && p.isShort(dial):
		return Short, p.country()
	case p.isInternal(dial):
		return Internal, ""
	case len(dial) >= 7 && (strings.HasPrefix(dial, "0900") || strings.HasPrefix(dial, "0190")):
		return Premium, ""
	}
	n, err := phonenumbers.Parse(dial, p.country())
	if err != nil || !phonenumbers.IsValidNumberForRegion(n, p.country()) {
		if p.country() == "DK" && danish(dial) {
			return p.abroad("45" + dial)
		}
		return Ordinary, ""
	}
	return p.abroad(strings.TrimPrefix(phonenumbers.Format(n, phonenumbers.E164), "+"))
}

// abroad classifies a number with its country code.
func (p Plan) abroad(digits string) (Kind, string) {
	n, err := phonenumbers.Parse("+"+digits, "")
	if err != nil {
		return International, ""
	}
	country := phonenumbers.GetRegionCodeForNumber(n)
	if country == "" || country == "ZZ" {
		country = phonenumbers.GetRegionCodeForCountryCode(int(n.GetCountryCode()))
	}
	if len(country) != 2 || country == "ZZ" {
		country = "" // "001": a network of no country
	}
	what := phonenumbers.GetNumberType(n)
	switch {
	case what == phonenumbers.PREMIUM_RATE, slices.ContainsFunc(premium, func(prefix string) bool { return strings.HasPrefix(digits, prefix) }):
		return Premium, country
	case country != p.country():
		return International, country
	case !phonenumbers.IsValidNumber(n) && (country != "DK" || !danish(strings.TrimPrefix(digits, "45"))):
		return Ordinary, country
	case what == phonenumbers.MOBILE, country == "DK" && slices.ContainsFunc(danishMobile, func(prefix string) bool { return strings.HasPrefix(digits, "45"+prefix) }):
		return Mobile, country
	}
	return National, country
}

// danishPolice is the police's number for non-emergencies. libphonenumber counts it as an emergency number.
const danishPolice = "114"

// emergency reports whether a number is the emergency number of Europe and of every mobile network. (3GPP TS
// 22.101 §10.1)
func emergency(dial string) bool { return dial == "112" }

// isShort reports whether the plan's country has the short number. (libphonenumber's metadata)
func (p Plan) isShort(dial string) bool {
	if len(p.Internal) > 0 && slices.Contains(p.Internal, len(dial)) && !strings.HasPrefix(dial, "1") {
		return false // a colleague's number
	}
	if len(dial) == 6 && strings.HasPrefix(dial, "116") {
		return true // the harmonised numbers of social value (Commission Decision 2007/116/EC)
	}
	n, err := phonenumbers.Parse(dial, p.country())
	return err == nil && phonenumbers.IsValidShortNumberForRegion(n, p.country())
}
