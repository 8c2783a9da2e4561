package office

import (
	"testing"

	"calltray/cstasession/internal/calls"
	"calltray/cstasession/internal/wire"
)

// Questions whose link falls before they are done are asked again by the link that takes over, once anything is
// reported to it.
func TestQuestionsOfALinkThatFell(t *testing.T) {
	o := New("200", "12345678", true, true, &calls.Belief{})
	tell := func(number string) Changes {
		started := wire.Node("MonitorStartedEvent", wire.Leaf("monitorCrossRefID", "t-12345678"), wire.Node("monitoredConnection", wire.Leaf("deviceID", number)))
		changed, _ := o.FoldOther(wire.NewMessage(started), "u-12345678-200")
		return changed
	}
	about := func(want string) {
		t.Helper()
		list, more := o.Next()
		got := ""
		if len(list) > 0 {
			got = list[0].Number
		}
		if got != want || more != (want == "201") {
			t.Errorf("asks about %q, and for more: %v; want %q", got, more, want)
		}
	}
	tell("201")
	if !tell("202").Questions {
		t.Error("there is nothing to ask")
	}
	about("201")
	if !tell("201").Questions { // by the next link, which takes over
		t.Error("what the first link did not finish is forgotten")
	}
	about("201")
	about("202") // the question may be why the second link fell, too
	o.Done()
	about("")
	if tell("202").Questions {
		t.Error("there is more to ask")
	}
}
