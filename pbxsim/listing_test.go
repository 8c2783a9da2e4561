package pbxsim

import (
	"regexp"
	"strings"
	"testing"
)

// TestListings compares what the prompt tells of telephones and queues with what was done to them.
func TestListings(t *testing.T) {
	p := newPBX(t, Config{})
	var out strings.Builder
	err := p.Run(t.Context(), strings.NewReader(`watch off
		dnd 200 on
		busy 201 on
		forward 202 no-answer 203 20s
		member 400 202 out
		queue add 410 "Æbler & Pærer" 202
		dial 203 200
		dial 203 22334455
		call 22334455 400 "Ærø Bageri"
		call 33445566 202
		phone 200
		phone 201
		phone 202
		phone 203
		queue
		queue 410
		watch
		clear 33445566`), &out)
	if err != nil {
		t.Fatal(err)
	}
	got := regexp.MustCompile("(?m)^call .*\n").ReplaceAllString(out.String(), "")
	const want = `phone 200 Astrid free dnd on busy off
forward 200 forwardImmediate off - 0s
forward 200 forwardBusy off - 0s
forward 200 forwardNoAns off busy 90s
phone 201 Bo free dnd off busy on
forward 201 forwardImmediate off - 0s
forward 201 forwardBusy off - 0s
forward 201 forwardNoAns off busy 90s
member 400 201 in
phone 202 Cecilie ringing dnd off busy off
forward 202 forwardImmediate off - 0s
forward 202 forwardBusy off - 0s
forward 202 forwardNoAns on 203 20s
member 400 202 out
member 410 202 in
phone 203 Søren talking dnd off busy off
forward 203 forwardImmediate off - 0s
forward 203 forwardBusy off - 0s
forward 203 forwardNoAns off busy 90s
queue 400 Reception waiting 1 talking 0 of 1 answered 0 missed 0
member 400 201 in
member 400 202 out
queue 410 "Æbler & Pærer" waiting 0 talking 0 of 0 answered 0 missed 0
member 410 202 in
queue 410 "Æbler & Pærer" waiting 0 talking 0 of 0 answered 0 missed 0
member 410 202 in
event ConnectionCleared 33445566 SIP/hpbx-00000238
event ConnectionCleared 202 SIP/hpbx-00000239
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
