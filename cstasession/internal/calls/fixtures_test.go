package calls

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
		for _, stem := range messages(t) {
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

// fixtures is where the messages of the wire are written down.
const fixtures = "../../testdata/wire/xml/"

// messages are the names of all fixtures.
func messages(t *testing.T) (names []string) {
	files, err := filepath.Glob(fixtures + "*.xml")
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures", err)
	}
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".xml"))
	}
	return names
}

func message(t *testing.T, name string) wire.Message {
	doc, err := os.ReadFile(fixtures + name + ".xml")
	if err != nil {
		t.Fatal(err)
	}
	root, err := wire.DecodeXML(doc)
	if err != nil {
		t.Fatal(err)
	}
	return wire.NewMessage(root)
}

const callerName = `Ærø Bageri & Søn <"1904">`
