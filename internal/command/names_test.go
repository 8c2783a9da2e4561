package command

import (
	"reflect"
	"testing"

	"calltray/cstasession/csta"
	"calltray/internal/account"
)

func TestNameState(t *testing.T) {
	call := func(number, name, via, viaName string) csta.Call {
		return csta.Call{Remote: csta.Party{Number: number, Name: name}, Via: via, ViaName: viaName}
	}
	mine := account.Names{"201": "Bo", "400": "Salg"}
	for _, tt := range []struct {
		what       string
		names      account.Names
		call, want csta.Call
	}{
		{"no names", nil, call("201", "Bo Hansen", "400", "Queue"), call("201", "Bo Hansen", "400", "Queue")},
		{"the user's goes first", mine, call("201", "Bo Hansen", "", ""), call("201", "Bo", "", "")},
		{"the PBX told none", mine, call("201", "", "", ""), call("201", "Bo", "", "")},
		{"the user has none", mine, call("202", "Ida", "401", "Service"), call("202", "Ida", "401", "Service")},
		{"a queue", mine, call("22334455", "Ærø Bageri", "400", "Queue"), call("22334455", "Ærø Bageri", "400", "Salg")},
		{"the PBX's long form", mine, call("u-12345678-201", "", "q-12345678-400", ""), call("u-12345678-201", "Bo", "q-12345678-400", "Salg")},
		{"a withheld number", account.Names{"": "Nobody"}, call("", "Anna", "", ""), call("", "Anna", "", "")},
	} {
		t.Run(tt.what, func(t *testing.T) {
			st := csta.State{Status: csta.Online, Calls: []csta.Call{tt.call}}
			if got := NameState(st, tt.names).Calls[0]; !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if !reflect.DeepEqual(st.Calls[0], tt.call) {
				t.Errorf("the session's own state was changed to %+v", st.Calls[0])
			}
		})
	}
}
