package office

import (
	"testing"

	"calltray/cstasession/csta"
)

// TestForwardedTo: a colleague is shown as forwarded when all calls are, whatever rules there are beside it.
func TestForwardedTo(t *testing.T) {
	var st colleague
	for _, rule := range []csta.Forwarding{{Type: "forwardImmediate", Active: true, To: "202"}, {Type: "forwardImmInt", To: "203"}, {Type: "forwardImmExt", Active: true, To: "204"}, {Type: "forwardBusy"}} {
		st.forward(rule)
	}
	if st.ForwardedTo != "202" {
		t.Errorf("got %q, want 202", st.ForwardedTo)
	}
	st.forward(csta.Forwarding{Type: "ForwardImmediate", To: "202"})
	if st.ForwardedTo != "" {
		t.Errorf("got %q, want none", st.ForwardedTo)
	}
}
