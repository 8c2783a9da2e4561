package calls

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"calltray/cstasession/internal/fixture"
	"calltray/cstasession/internal/wire"
)

// TestFoldFixtures folds every event fixture, over calls in every phase: each twice, and the second time
// must change nothing. The extension is the fixtures'.
func TestFoldFixtures(t *testing.T) {
	openings := map[string][]string{
		"no call": nil, "ringing": {"DeliveredEvent.incoming"}, "calling": {"DeliveredEvent.outgoing"},
		"active": {"DeliveredEvent.incoming", "EstablishedEvent"}, "held": {"EstablishedEvent", "HeldEvent"},
	}
	for name, opening := range openings {
		for _, stem := range fixture.Stems(t, "xml") {
			m := message(t, stem)
			if !strings.HasSuffix(m.Name, "Event") {
				continue
			}
			t.Run(fmt.Sprint(name, "/", stem), func(t *testing.T) {
				table, now := New("310", &Belief{}), time.Unix(1e9, 0)
				for _, o := range opening {
					ev, _ := wire.ReadEvent(message(t, o))
					table.Apply(ev, now)
				}
				ev, known := wire.ReadEvent(m)
				if known {
					table.Apply(ev, now.Add(time.Second))
					table.Take()
					if c, changed := table.Apply(ev, now.Add(2*time.Second)); changed {
						t.Errorf("the second time it made %s", brief(c))
					}
				}
				most := 1
				if strings.HasSuffix(stem, ".consultation") || strings.HasSuffix(stem, ".pickup") || stem == "ConferencedEvent.ecma" {
					most = 2 // a call of its own
				}
				if len(table.entries) > most {
					t.Errorf("one call became %d", len(table.entries))
				}
			})
		}
	}
}

// message returns the message in a fixture.
func message(t *testing.T, name string) wire.Message {
	return fixture.XML(t, fixture.Read(t, "xml/"+name+".xml"))
}

const callerName = `Ærø Bageri & Søn <"1904">`
