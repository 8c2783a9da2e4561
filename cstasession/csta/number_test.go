package csta

import "testing"

func TestNumber(t *testing.T) {
	for device, want := range map[DeviceID]string{
		"200": "200", "u-12345678-200": "200", "q-12345678-400": "400", "22334455": "22334455", "+4522334455": "+4522334455",
		"tel:+4522334455": "+4522334455", "tel:+45-22-33-44-55": "+4522334455", "+45-22-33-44-55": "+4522334455", "+45 22 33 44 55": "+4522334455",
		"<sip:+4522334455": "+4522334455", "<sip:+4522334455@pbx.example.dk>": "+4522334455", `"Bo" <sip:+4522334455@h;user=phone>;tag=1`: "+4522334455",
		"sip:%2B4522334455@h": "+4522334455", "%2B4522334455": "+4522334455", "sip:200@h": "200", "SIPS:200@h;x=y": "200", "(033) 12.34.56/7": "0331234567",
		"12-34": "12-34", "Bo": "Bo", "*31#22334455": "*31#22334455", "50%": "50%", "": "",
		"anonymous": "", "Anonymous": "", "sip:anonymous@anonymous.invalid": "", "<sip:anonymous@anonymous.invalid>": "", `"Anonymous" <sip:anonymous@x>`: "",
		"sip:restricted@h": "", "unavailable": "", "Unavailable": "", "private": "", "Private Number": "", "withheld": "", "number withheld": "", "notKnown": "", "unknown": "",
		"u-12345678-anonymous": "", "tel:anonymous": "", "not available": "",
	} {
		if got := device.Number(); got != want {
			t.Errorf("DeviceID(%q).Number() = %q, want %q", device, got, want)
		}
	}
	for name, want := range map[string]bool{"Anonymous": true, "Privat": false, "Ann": false, "Private Banking": false, "Ærø Bageri": false, "": false} {
		if got := Withheld(name); got != want {
			t.Errorf("Withheld(%q) = %v", name, got)
		}
	}
}
