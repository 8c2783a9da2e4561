package calls

import (
	"fmt"
	"testing"
	"time"

	"calltray/cstasession/csta"
)

// TestOutcomeOfAnUnansweredCall: how a call that rang here unanswered has ended, by cause and by releasing
// device. The cause outranks the device: PBXs name the device that stops ringing, whoever made it stop. The
// device counts only if the cause says nothing.
func TestOutcomeOfAnUnansweredCall(t *testing.T) {
	const us, caller, colleague = "200", dun, "201"
	type row struct {
		causes  []csta.Cause
		by      map[csta.DeviceID]csta.Outcome // of the releasing device
		weClear csta.Outcome                   // when our side asked to clear it
	}
	everybody := func(o csta.Outcome) map[csta.DeviceID]csta.Outcome {
		return map[csta.DeviceID]csta.Outcome{us: o, caller: o, colleague: o, "": o}
	}
	unless := func(us csta.Outcome) map[csta.DeviceID]csta.Outcome {
		return map[csta.DeviceID]csta.Outcome{"200": us, caller: csta.Missed, colleague: csta.Missed, "": csta.Missed}
	}
	for _, test := range []row{
		{[]csta.Cause{"No user responding", "callNotAnswered", "timeout", "No answer", "User alerting, no answer", "NO_ANSWER_FROM_USER_(USER_ALERTED)", "alertTimeExpired", "queueTimeOverflow", "noAvailableAgents"},
			everybody(csta.Missed), csta.Rejected},
		{[]csta.Cause{"callCancelled", "Originator cancel"}, everybody(csta.Missed), csta.Rejected},
		{[]csta.Cause{"networkCongestion", "trunksBusy", "destOutOfOrder", "Subscriber absent", "Recovery on timer expiry", "Destination out of order"}, everybody(csta.Missed), csta.Rejected},
		{[]csta.Cause{"Answered elsewhere", "callPickup", "Non-selected user clearing", "pickedOff"}, everybody(csta.AnsweredElsewhere), csta.AnsweredElsewhere},
		{[]csta.Cause{"Call Rejected", "rejected"}, everybody(csta.Rejected), csta.Rejected},
		{[]csta.Cause{"User busy", "busy"}, unless(csta.Rejected), csta.Rejected}, // what a telephone says whose user declines
		{[]csta.Cause{"Normal Clearing", "normalClearing", "normal", "newCall", "keyOperation", "", "Weltuntergang"}, unless(csta.Rejected), csta.Rejected},
	} {
		for _, cause := range test.causes {
			for device, want := range test.by {
				for _, clearing := range []bool{false, true} {
					if clearing {
						want = test.weClear
					}
					t.Run(fmt.Sprintf("%s by %q, we clear %v", cause, device, clearing), func(t *testing.T) {
						table := New(us, &Belief{})
						table.Apply(ringsUs(), time.Unix(1, 0))
						table.Clearing("A", clearing)
						if c, _ := table.Apply(isCleared(by(device), why(cause)), time.Unix(20, 0)); c.Outcome != want {
							t.Errorf("got %v, want %v", c.Outcome, want)
						}
					})
				}
			}
		}
	}
}

func TestCauses(t *testing.T) {
	for _, pair := range [][2]csta.Cause{{"normalClearing", "Normal Clearing"}, {"Answered elsewhere", "ANSWERED_ELSEWHERE"}, {"User busy", "user-busy"}} {
		if !pair[0].Is(pair[1]) {
			t.Errorf("%q is not %q", pair[0], pair[1])
		}
	}
	if csta.Cause("busy").Is("busyOverflow") || csta.Cause("").Is("x") {
		t.Error("different causes are the same")
	}
	for folded := range outcomeOfCause {
		if csta.Cause(folded).Fold() != folded {
			t.Errorf("%q in the table can never be found", folded)
		}
	}
}
