// Package command defines the commands: one row each, with its grammar, its time limit, and what it does in a
// session. It does not matter whose session that is: the running application's, which receives the command over
// the control channel, or the command's own.
package command

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"calltray/internal/dialplan"
	"calltray/internal/journal"
	"calltray/internal/text"
)

// The requests.
const (
	Show         = "show"        // bring the window to the front
	Diagnostics  = "diagnostics" // return the support text
	Reload       = "reload"      // read the settings again
	LogIn        = "login"       // likewise, and log in anew
	LogOut       = "logout"      // end the session and delete the password
	HangUp       = "hangup"      // hang up the call
	Answer       = "answer"      // answer the ringing call
	Hold         = "hold"        // put the call on hold
	Resume       = "resume"      // resume the held call
	Transfer     = "transfer"    // transfer the call to a number
	Deflect      = "deflect"     // deflect the ringing call to a number
	PickUp       = "pickup"      // pick up the call that rings at an extension
	Digits       = "digits"      // play DTMF digits into the call
	DoNotDisturb = "dnd"         // on or off; without an argument: report which
	Forward      = "forward"     // a kind, a number or off, how long it rings; without an argument: report all
	Queue        = "queue"       // list, in or out; and which queue, else all
	Colleagues   = "colleagues"  // list every other extension
	History      = "history"     // list past calls: see HistoryArgs
	Contacts     = "contacts"    // import, test, remove, list, find or refresh; and a source or a text
	Who          = "who"         // what the contacts and the history know about a number
	Note         = "note"        // write a note about the active call, or the last one
)

// The keywords among the arguments.
const (
	On  = "on"
	Off = "off"

	Immediate = "immediate" // the kinds of forwarding: all calls
	Busy      = "busy"      // calls that arrive while the line is busy
	NoAnswer  = "no-answer" // calls that nobody answers

	List = "list" // the actions on queues
	In   = "in"
	Out  = "out"
)

// Request is what a second start, or the command line, asks the running instance to do.
type Request struct {
	Command string `json:"command"` // Show, or another of the constants
	// Args are the command's arguments, as normalised by NewRequest.
	Args []string `json:"args,omitempty"`
	// Numbers, of Diagnostics, allows telephone numbers in the text. The other commands ignore it.
	Numbers bool `json:"numbers,omitempty"`
	// Written, of Dial, is a number or link as it was written, and From says where it comes from.
	Written string `json:"written,omitempty"`
	From    string `json:"from,omitempty"`
}

// Response is the answer to a Request.
type Response struct {
	OK      bool         `json:"ok"`
	Message text.Message `json:"message"`        // for the user; the reason if OK is false
	Text    string       `json:"text,omitempty"` // of Diagnostics: what the command writes to its file
	// List, of Colleagues and of Queue with List, is a JSON array of ColleagueLine or QueueLine.
	List json.RawMessage `json:"list,omitempty"`
	// Progress, of Dial and Dialled, is how far the number has got; Message says it in words.
	Progress Progress `json:"progress,omitzero"`
}

// Refusal returns the Response that says why a request was not executed.
func Refusal(err error) Response { return Response{Message: text.Of(err)} }

// row is a command: its arguments, its time limit, and what it does in a session that knows enough.
type row struct {
	usage string // "transfer NUMBER", for the sentence about a wrong number of arguments; "" if it takes none
	least int    // the minimum number of arguments
	args  []argument
	limit time.Duration
	needs Scope
	do    func(context.Context, Target, []string) (Response, error) // nil: the application executes it itself
}

// A service gets an answer within 10 seconds, and shows an effect within 10 more (package cstasession); if a
// service exceeds its own limit, its error is reported before the request's limit is reached.
const (
	quick   = 2 * time.Second  // for a click on an icon, while the user waits
	known   = 5 * time.Second  // for what is already known, even in an office of thousands
	written = 15 * time.Second // or is shown in a window that opens for the first time
	effect  = 22 * time.Second
	several = 40 * time.Second // for several services in a row
	fetched = 3 * time.Minute  // for address books on servers
)

// rows are the existing commands, by the name of their request.
var rows = map[string]row{
	Show:         {limit: quick},
	Diagnostics:  {limit: written},
	Dial:         {limit: written},
	Dialled:      {"dialled TICKET", 1, []argument{ticket}, known, ScopeCalls, nil},
	Withdraw:     {"withdraw TICKET [hangup]", 1, []argument{ticket, words(HangUp)}, effect, ScopeCalls, nil},
	Reload:       {limit: written},
	LogIn:        {limit: written},
	LogOut:       {limit: effect},
	HangUp:       {limit: effect, needs: ScopeCalls, do: hangUp},
	Answer:       {limit: effect, needs: ScopeCalls, do: answer},
	Hold:         {limit: effect, needs: ScopeCalls, do: hold},
	Resume:       {limit: effect, needs: ScopeCalls, do: resume},
	Transfer:     {"transfer NUMBER", 1, []argument{dialplan.Dialable}, effect, ScopeCalls, transfer},
	Deflect:      {"deflect NUMBER", 1, []argument{dialplan.Dialable}, effect, ScopeCalls, deflect},
	PickUp:       {"pickup EXTENSION", 1, []argument{device}, effect, ScopeOffice, pickUp},
	Digits:       {"digits DIGITS", 1, []argument{dtmf}, effect, ScopeCalls, digits},
	DoNotDisturb: {"dnd [on|off]", 0, []argument{words(On, Off)}, effect, ScopePhone, doNotDisturb},
	Forward:      {"forward [immediate|busy|no-answer NUMBER|off]", 0, []argument{words(Immediate, Busy, NoAnswer), target, seconds}, effect, ScopePhone, forward},
	Queue:        {"queue [list|in|out] [QUEUE]", 1, []argument{words(List, In, Out), device}, several, ScopeOffice, queue},
	Colleagues:   {limit: known, needs: ScopeOffice, do: colleagues},
	History: {"history", 3, []argument{words(string(journal.Everything), string(journal.Missed), string(journal.Open), string(journal.Incoming),
		string(journal.Outgoing), string(journal.WithNote)), anything, anything}, written, ScopeCalls, nil},
	Contacts: {"contacts [import SOURCE|test SOURCE|remove SOURCE|list|find TEXT|refresh]", 1, []argument{words(Import, Test, Remove, List, Find, Refresh), short}, fetched, ScopeCalls, nil},
	Who:      {"who NUMBER", 1, []argument{short}, quick, ScopeCalls, nil},
	Note:     {"note TEXT", 1, []argument{free}, known, ScopeCalls, nil},
}

// Limit returns how long the request may take to have its effect. A client that gave up earlier could report a
// failure that did not happen.
func (r Request) Limit() time.Duration { return rows[r.Command].limit }

// NewRequest makes a request from a command and its arguments, as a person wrote them: numbers lose their
// spaces, digits become upper case. An error is a *text.Error or a *dialplan.Error.
func NewRequest(command string, args ...string) (Request, error) {
	r, known := rows[command]
	if !known {
		return Request{}, text.Errorf("unknown-request", "This version does not know the request: it knows {{.Requests}}.", "Requests", strings.Join(slices.Sorted(maps.Keys(rows)), ", "))
	}
	half := command == Forward && len(args) == 1 // a kind of forwarding without a destination
	if len(args) < r.least || len(args) > len(r.args) || half {
		if r.usage == "" {
			return Request{}, text.Errorf("usage", "calltray {{.Command}} takes no arguments.", "Command", command)
		}
		return Request{}, text.Errorf("usage", "Usage: calltray {{.Usage}}.", "Usage", r.usage)
	}
	request := Request{Command: command}
	for i, arg := range args {
		canonical, err := r.args[i](arg)
		if err != nil {
			return Request{}, err
		}
		request.Args = append(request.Args, canonical)
	}
	if command == Forward && len(args) == 3 && (request.Args[0] != NoAnswer || request.Args[1] == Off) {
		return Request{}, text.Errorf("usage", "Only no-answer can have a time after which calls are forwarded.")
	}
	return request, nil
}

// ReadRequest parses a line of the control channel. Its errors are those of NewRequest.
func ReadRequest(line []byte) (Request, error) {
	var sent Request
	if json.Unmarshal(line, &sent) != nil {
		return sent, text.Errorf("bad-request", "The request cannot be read.")
	}
	request, err := NewRequest(sent.Command, sent.Args...)
	request.Numbers, request.Written, request.From = sent.Numbers, sent.Written, sent.From
	if err == nil {
		err = request.checkWritten()
	}
	return request, err
}

// argument validates one argument, and returns it in the form that the rest of the program uses.
type argument func(string) (string, error)

// words accepts one of the given words.
func words(list ...string) argument {
	return func(s string) (string, error) {
		if slices.Contains(list, s) {
			return s, nil
		}
		return "", text.Errorf("usage", "{{.Argument}} is not one of {{.Words}}.", "Argument", text.Quote(s), "Words", strings.Join(list, ", "))
	}
}

// device accepts the short number of an extension or a queue.
func device(s string) (string, error) {
	if s == "" || len(s) > 15 || strings.Trim(s, "0123456789") != "" {
		return "", text.Errorf("usage", "Give an extension or a queue by its short number, for example 200.")
	}
	return s, nil
}

// mostDigits is more than anybody types into one call at once.
const mostDigits = 64

// dtmf accepts the digits that a telephone can play. (ECMA-269 GenerateDigits)
func dtmf(s string) (string, error) {
	s = strings.ToUpper(strings.ReplaceAll(s, " ", ""))
	if s == "" || len(s) > mostDigits || strings.Trim(s, "0123456789*#ABCD") != "" {
		return "", text.Errorf("usage", "Only the digits 0 to 9, *, # and A to D can be played, at most {{.Most}} at once.", "Most", strconv.Itoa(mostDigits))
	}
	return s, nil
}

// target accepts a forwarding destination, or off.
func target(s string) (string, error) {
	if s == Off {
		return Off, nil
	}
	return dialplan.Dialable(s)
}

// seconds accepts how long a telephone rings, in whole seconds.
func seconds(s string) (string, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Second || d > 10*time.Minute || d%time.Second != 0 {
		return "", text.Errorf("usage", "The time is given in whole seconds or minutes, 10 minutes at most, for example 20s.")
	}
	return strconv.Itoa(int(d/time.Second)) + "s", nil
}
