package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"calltray/internal/command"
)

// TestMonitorJSON plays one script to two monitors, over TCP and over SignalR at once: both write the
// same sequence of states.
func TestMonitorJSON(t *testing.T) {
	x := newExchange(t, anna)
	var monitors []*program
	for _, url := range []string{x.tcp, x.http} {
		monitors = append(monitors, start(t, x.env(url, anna, "200"), "monitor", "--json"))
	}
	x.await(t, " monitor ", 2)
	x.await(t, "SnapShotDevice", 2)

	script := strings.NewReader("call 22334455 200 \"Ærø Bageri\"\nwait 50ms\nanswer 200\nwait 50ms\nclear\nawait idle\n" +
		"call 33445566 200\nwait 50ms\nclear\nawait idle\n" +
		"call 44556677 200 \"<b>&amp; $(x)\"\nwait 50ms\ndeflect 200 201\nwait 50ms\nanswer 201\nclear\nawait idle\n" +
		"dial 200 22334455\nwait 3s\nclear\nawait idle\nwait 100ms\n")
	if err := x.Run(t.Context(), script, io.Discard); err != nil {
		t.Fatal(err)
	}
	var sequences [2][]string
	for i, m := range monitors {
		m.interrupt(t)
		if code := m.finish(t); code != 0 || m.stderr.Len() > 0 {
			t.Errorf("monitor %d: exit code %d, %s", i, code, &m.stderr)
		}
		sequences[i] = phases(t, m.printed.Bytes())
	}
	if !slices.Equal(sequences[0], sequences[1]) {
		t.Errorf("over TCP:\n%s\nover SignalR:\n%s", strings.Join(sequences[0], "\n"), strings.Join(sequences[1], "\n"))
	}
	want := []string{
		"ringing incoming 22334455 Ærø Bageri", "active incoming 22334455 Ærø Bageri", "ended incoming 22334455 Ærø Bageri",
		"ringing incoming 33445566 ", "ended incoming 33445566 ",
		`ringing incoming 44556677 <b>&amp; $(x)`, `ended incoming 44556677 <b>&amp; $(x)`,
		"calling outgoing 22334455 ", "active outgoing 22334455 ", "ended outgoing 22334455 ",
	}
	if got := sequences[0]; !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	x.await(t, "logout", 2)
}

// phases reads the lines of monitor --json, checks their form, and returns the phases of the calls in
// order, each once.
func phases(t *testing.T, out []byte) (list []string) {
	t.Helper()
	ids := map[string]string{} // linkage to callID: told once, the same for ever
	for line := range bytes.Lines(out) {
		var st command.StateLine
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&st); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if _, err := time.Parse("2006-01-02T15:04:05.000Z", st.Time); err != nil {
			t.Errorf("time: %v", err)
		}
		if !bytes.HasPrefix(line, []byte(`{"time":"`)) || !bytes.Contains(line, []byte(`"calls":[`)) {
			t.Errorf("line %s", line)
		}
		for _, c := range st.Calls {
			if c.Linkage == "" || c.CallID == "" || c.DeviceID == "" || c.Since == "" {
				t.Errorf("incomplete call: %+v", c)
			}
			if before, known := ids[c.Linkage]; known && before != c.CallID {
				t.Errorf("call %s was %s and is %s", c.Linkage, before, c.CallID)
			}
			ids[c.Linkage] = c.CallID
			s := strings.Join([]string{c.Phase, c.Direction, c.Number, c.Name}, " ")
			if len(list) == 0 || list[len(list)-1] != s {
				list = append(list, s)
			}
		}
	}
	return list
}
