package pbxsim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// TestStories plays random stories, and after each step compares what a client of the whole trunk makes
// of the events with what the PBX says is true.
func TestStories(t *testing.T) {
	told := make(map[string]int) // events by name
	for seed := range uint64(40) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			p := newPBX(t, Config{Seed: seed + 1, Outside: func(number string) Reply { return Reply{Busy: number == "999"} }})
			c := pipe(t, p)
			login(t, c)
			c.request("MonitorTrunk", "monitorObject.deviceObject=1")
			synctest.Wait()
			seen := make(map[string]string)          // status by callID
			waiting := map[string]string{"400": "0"} // calls, by queue
			var story []string
			for range 60 {
				story = append(story, step(rnd, p))
				c.request("SnapShotDevice", "snapshotObject=200") // its answer ends what the step caused
				for m := c.next(); m.root != "SnapShotDeviceResponse"; m = c.next() {
					id, _ := m.connection()
					told[m.root]++
					switch m.root {
					case "ConnectionCleared", "Diverted":
						if seen[id] == "" {
							t.Errorf("%s of a leg that is not there: %s", m.root, m)
						}
						delete(seen, id)
					case "Transfered":
						delete(seen, m.leaf["primaryoldcall.callid"])
					case "QueueStatistics":
						waiting[m.leaf["localnumber"]] = m.leaf["waitingcalls"]
					case "Conferenced":
						delete(seen, m.leaf["secondaryoldcall.callid"])
						fallthrough
					case "Delivered", "Established", "Held":
						seen[id] = m.leaf["privatedata.localstatus"]
					}
				}
				var got, want []string
				for id, status := range seen {
					got = append(got, id+" "+status)
				}
				for _, call := range p.Calls() {
					for _, l := range call.Legs {
						want = append(want, l.CallID+" "+l.Status)
					}
					if len(call.Legs) < 2 {
						t.Errorf("a call of one: %+v", call)
					}
				}
				queued := 0
				for _, w := range want {
					if strings.HasSuffix(w, " Queued") {
						queued++
					}
				}
				if said := waiting["400"]; said != fmt.Sprint(queued) {
					t.Errorf("the queue says that %s calls wait, and %d do", said, queued)
				}
				for i := range want {
					want[i] = strings.Replace(want[i], "Queued", "Alerting", 1)
				}
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) || t.Failed() {
					t.Fatalf("seed %d: events say %v\nthe PBX says %v\nafter\n%s", seed, got, want, strings.Join(story, "\n"))
				}
			}
		})
	}
	for _, event := range []string{"Delivered", "Established", "Held", "Diverted", "Transfered", "Conferenced", "ConnectionCleared", "QueueStatistics"} {
		if told[event] == 0 {
			t.Errorf("no story has a %s: %v", event, told)
		}
	}
}

// fitting is what people do with a leg, by its status.
var fitting = map[string][]string{
	"Alerting":                {"answer ID", "answer ID", "answer ID", "deflect ID TO", "pickup TO ID"},
	"Active":                  {"hold ID", "consult ID TO", "consult ID TO", "transfer ID TO", "clear ID"},
	"Held":                    {"retrieve ID"},
	"Active_AttendedTransfer": {"alternate DEVICE", "conference DEVICE", "complete DEVICE"},
}

// step does something at random, possible or not, and says what.
func step(rnd *rand.Rand, p *PBX) string {
	numbers := []string{"200", "201", "202", "203", "400", "22334455", "66778899", "999"}
	pick := func() string { return numbers[rnd.IntN(len(numbers))] }
	calls := p.Calls()
	if len(calls) == 0 || len(calls) < 4 && rnd.IntN(3) == 0 {
		from, to := pick(), pick()
		_, err := p.Call(from, to, "")
		return fmt.Sprint("call ", from, " ", to, ": ", err)
	}
	legs := calls[rnd.IntN(len(calls))].Legs
	l := legs[rnd.IntN(len(legs))]
	to := pick()
	var out strings.Builder
	line := []string{"answer ID", "answer ID", "answer ID", "clear ID", "hold ID", "retrieve ID", "deflect ID TO", "transfer ID TO",
		"consult ID TO", "complete DEVICE", "reconnect DEVICE", "alternate DEVICE", "conference DEVICE", "pickup TO ID", "dnd 201 on", "dnd 201 off", "member 400 202 in", "member 400 202 out",
		"busy 201 on", "busy 201 off", "forward 202 203", "forward 202 off", "forward 202 busy 200", "forward 202 no-answer 203 0"}[rnd.IntN(24)]
	if fit := fitting[l.Status]; rnd.IntN(3) > 0 && len(fit) > 0 {
		line = fit[rnd.IntN(len(fit))]
	}
	line = strings.NewReplacer("ID", l.CallID, "DEVICE", l.Device, "TO", to).Replace(line)
	err := p.Run(context.Background(), strings.NewReader(line), &out)
	return fmt.Sprint(line, ": ", err)
}
