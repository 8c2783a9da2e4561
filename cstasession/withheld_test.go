package cstasession

import (
	"strings"
	"testing"

	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

// TestRemoteNumber: withheld is withheld and a number is a number, however the PBX spells it.
func TestRemoteNumber(t *testing.T) {
	for _, tt := range []struct{ set, from, want string }{
		{"withheld-as -", pbxsim.Withheld, ""},
		{"withheld-as restricted", pbxsim.Withheld, ""},
		{"withheld-as unavailable", pbxsim.Withheld, ""},
		{"withheld-as private", pbxsim.Withheld, ""},
		{"withheld-as withheld", pbxsim.Withheld, ""},
		{"withheld-as sip:anonymous@anonymous.invalid", pbxsim.Withheld, ""},
		{"numbers-as plain", "22334455", "22334455"},
		{"numbers-as dashes", "22334455", "+4522334455"},
		{"numbers-as sip", "22334455", "+4522334455"},
		{"numbers-as brackets", "22334455", "+4522334455"},
		{"numbers-as percent", "22334455", "+4522334455"},
	} {
		t.Run(tt.set, func(t *testing.T) {
			overBoth(t, pbxsim.Config{}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
				var out strings.Builder
				if err := pbx.Run(t.Context(), strings.NewReader("set "+tt.set), &out); err != nil {
					t.Fatal(err)
				}
				c := start(t, config(url))
				c.await("online", online)
				call, err := pbx.Call(tt.from, "200", "")
				if err != nil {
					t.Fatal(err)
				}
				if got := c.phase(csta.Ringing).Remote.Number; got != tt.want {
					t.Errorf("ringing: the number is %q, want %q", got, tt.want)
				}
				if err := call.Clear(tt.from); err != nil {
					t.Fatal(err)
				}
				if ended := c.phase(csta.Ended); ended.Remote.Number != tt.want || ended.Outcome != csta.Missed {
					t.Errorf("ended: %q, %s, want a missed call of %q", ended.Remote.Number, ended.Outcome, tt.want)
				}
			})
		})
	}
}
