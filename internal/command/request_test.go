package command

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"calltray/internal/dialplan"
)

func TestNewRequest(t *testing.T) {
	for _, tt := range []struct {
		line string // command and arguments, with "|" between
		want string // the arguments
		err  string // a part of the sentence
	}{
		{line: "show"},
		{line: "answer"},
		{line: "hangup|now", err: "hangup takes no arguments."},
		{line: "answer|200", err: "answer takes no arguments."},
		{line: "call|22334455", err: "it knows answer, colleagues,"},
		{line: "", err: "does not know the request"},
		{line: "transfer|+45 22 33 44 55", want: "+4522334455"},
		{line: "transfer|*21*22334455#", want: "*21*22334455#"},
		{line: "transfer", err: "Usage: calltray transfer NUMBER."},
		{line: "transfer|201|202", err: "Usage: calltray transfer NUMBER."},
		{line: "transfer|22cafe33", err: "."},
		{line: "transfer|", err: "."},
		{line: "transfer|" + strings.Repeat("2", 1000), err: "."},
		{line: "deflect|201", want: "201"},
		{line: "deflect|--now", err: "."},
		{line: "pickup|202", want: "202"},
		{line: "pickup|Bo", err: "short number"},
		{line: "pickup|+45", err: "short number"},
		{line: "pickup|1234567890123456", err: "short number"},
		{line: "pickup|", err: "short number"},
		{line: "digits|123#", want: "123#"},
		{line: "digits|1 2 a*d", want: "12A*D"},
		{line: "digits|e", err: "can be played"},
		{line: "digits|", err: "can be played"},
		{line: "digits|1,2", err: "can be played"},
		{line: "digits|" + strings.Repeat("1", mostDigits), want: strings.Repeat("1", mostDigits)},
		{line: "digits|" + strings.Repeat("1", mostDigits+1), err: "can be played"},
		{line: "dnd"},
		{line: "dnd|on", want: "on"},
		{line: "dnd|ON", err: "on, off"},
		{line: "dnd|on|off", err: "Usage: "},
		{line: "forward"},
		{line: "forward|immediate", err: "Usage: "},
		{line: "forward|immediate|22 33 44 55", want: "immediate|22334455"},
		{line: "forward|busy|off", want: "busy|off"},
		{line: "forward|sometimes|202", err: "immediate, busy, no-answer"},
		{line: "forward|immediate|x", err: "."},
		{line: "forward|no-answer|202|20s", want: "no-answer|202|20s"},
		{line: "forward|no-answer|202|1m30s", want: "no-answer|202|90s"},
		{line: "forward|no-answer|202|20", err: "whole seconds"},
		{line: "forward|no-answer|202|-20s", err: "whole seconds"},
		{line: "forward|no-answer|202|1500ms", err: "whole seconds"},
		{line: "forward|no-answer|202|11m", err: "whole seconds"},
		{line: "forward|no-answer|202|20s|x", err: "Usage: "},
		{line: "forward|busy|202|20s", err: "Only no-answer"},
		{line: "forward|no-answer|off|20s", err: "Only no-answer"},
		{line: "queue", err: "Usage: calltray queue"},
		{line: "queue|list", want: "list"},
		{line: "queue|in|400", want: "in|400"},
		{line: "queue|out|400;", err: "short number"},
		{line: "queue|away", err: "list, in, out"},
		{line: "colleagues"},
	} {
		t.Run(tt.line[:min(len(tt.line), 40)], func(t *testing.T) {
			words := strings.Split(tt.line, "|")
			got, err := NewRequest(words[0], words[1:]...)
			if tt.err != "" {
				var number *dialplan.Error
				if err == nil || !strings.Contains(err.Error(), tt.err) || !errors.As(err, &number) && !strings.HasSuffix(err.Error(), ".") {
					t.Errorf("got %+v, %v; want an error with %q", got, err, tt.err)
				}
				return
			}
			if err != nil || got.Command != words[0] || strings.Join(got.Args, "|") != tt.want {
				t.Errorf("got %+v, %v; want %q", got, err, tt.want)
			}
		})
	}
}

// Every request has a time limit: a client that gives up before the instance does could report a failure that
// did not happen.
func TestEveryRequestHasALimit(t *testing.T) {
	for command, r := range rows {
		longest := time.Minute
		if command == Contacts { // they are fetched from servers
			longest = fetched
		}
		if r.limit <= 0 || r.limit > longest {
			t.Errorf("%s may take %v", command, r.limit)
		}
		if (r.usage == "") != (len(r.args) == 0) || r.least > len(r.args) {
			t.Errorf("%s: %q, %d of %d arguments", command, r.usage, r.least, len(r.args))
		}
	}
}

// FuzzReadRequest: whatever comes in over the socket, what is handed on is one of the requests, with short
// arguments of harmless signs, and is a request itself.
func FuzzReadRequest(f *testing.F) {
	for _, s := range []string{"", "null", "{}", `{"command":"show"}`, `{"command":"transfer","args":["tel:22 33 44 55"]}`, `{"command":"forward","args":["no-answer","201","20s"]}`,
		`{"command":"digits","args":["1a*#"]}`, `{"command":"queue","args":["in","400"]}`, `{"command":"dnd","args":["\u0000"]}`, `{"command":"pickup","args":[null]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := ReadRequest(line)
		if err != nil {
			if !strings.HasSuffix(err.Error(), ".") {
				t.Fatalf("%q: not a sentence: %v", line, err)
			}
			return
		}
		if _, known := rows[r.Command]; !known || len(r.Args) > 3 {
			t.Fatalf("%q: %+v", line, r)
		}
		for _, arg := range r.Args {
			if arg == "" || len(arg) > mostDigits || strings.Trim(arg, "0123456789*#+ABCDabcdefghijklmnopqrstuvwxyz-") != "" {
				t.Fatalf("%q: argument %q", line, arg)
			}
		}
		again, err := NewRequest(r.Command, r.Args...)
		if err != nil || !slices.Equal(again.Args, r.Args) {
			t.Fatalf("%q: %+v is not what it says: %+v, %v", line, r, again, err)
		}
		if b, err := json.Marshal(r); err != nil || len(b) >= 4096 {
			t.Fatalf("%q: %d bytes, %v", line, len(b), err)
		}
	})
}
