package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"calltray/internal/dialplan"
)

// The requests.
const (
	Show         = "show"        // bring the window to the front
	Diagnostics  = "diagnostics" // write the file for support
	HangUp       = "hangup"      // hang up the call
	Answer       = "answer"      // answer the call that rings
	Hold         = "hold"        // put the call on hold
	Resume       = "resume"      // take the held call back
	Transfer     = "transfer"    // hand the call to a number
	Deflect      = "deflect"     // send the call that rings to a number
	PickUp       = "pickup"      // take over the call that rings at an extension
	Digits       = "digits"      // play DTMF digits into the call
	DoNotDisturb = "dnd"         // on or off; without an argument: tell which
	Forward      = "forward"     // a kind, a number or off, how long it rings; without an argument: tell all
	Queue        = "queue"       // list, in or out; and which, else all
	Colleagues   = "colleagues"  // tell of every other extension
)

// The words that are arguments.
const (
	On  = "on"
	Off = "off"

	Immediate = "immediate" // the kinds of forwarding: all calls
	Busy      = "busy"      // those that come while the line is busy
	NoAnswer  = "no-answer" // those that nobody answers

	List = "list" // what there is to do with queues
	In   = "in"
	Out  = "out"
)

// Request is what a second start, or the command line, asks of the running instance.
type Request struct {
	Command string `json:"command"` // Show, or another of the constants
	// Args are the command's arguments, in the form that NewRequest gives them.
	Args []string `json:"args,omitempty"`
	// Numbers, of Diagnostics: telephone numbers may be in the file. The others do not look at it.
	Numbers bool `json:"numbers,omitempty"`
}

// Response is the running instance's answer.
type Response struct {
	OK      bool   `json:"ok"`
	Message string `json:"message,omitempty"` // a sentence for the user; why not, if OK is false
	Path    string `json:"path,omitempty"`    // of Diagnostics: the file that was written
	// List, of Colleagues and of Queue with List: what is listed, a JSON array of the caller's making.
	List json.RawMessage `json:"list,omitempty"`
}

// rule is what a command takes: arguments, of which the first so many must be there, and time to have its
// effect.
type rule struct {
	usage string // "transfer NUMBER": begins the sentence about a wrong number of arguments
	least int
	args  []argument
	limit time.Duration
}

// A service gets an answer within 10 seconds, and shows an effect within 10 more (package cstasession);
// what it says about a limit of its own is told before the request's limit is over.
const (
	quick   = 2 * time.Second // for a click on an icon that waits
	known   = 5 * time.Second // of what is known already, be it an office of thousands
	written = 15 * time.Second
	effect  = 22 * time.Second
	several = 40 * time.Second // of one service after the other
)

// rules are the requests that exist.
var rules = map[string]rule{
	Show:         {limit: quick},
	Diagnostics:  {limit: written},
	HangUp:       {limit: effect},
	Answer:       {limit: effect},
	Hold:         {limit: effect},
	Resume:       {limit: effect},
	Transfer:     {"transfer NUMBER", 1, []argument{dialplan.Dialable}, effect},
	Deflect:      {"deflect NUMBER", 1, []argument{dialplan.Dialable}, effect},
	PickUp:       {"pickup EXTENSION", 1, []argument{device}, effect},
	Digits:       {"digits 123#", 1, []argument{dtmf}, effect},
	DoNotDisturb: {"dnd [on|off]", 0, []argument{words(On, Off)}, effect},
	Forward:      {"forward [immediate|busy|no-answer NUMBER|off]", 0, []argument{words(Immediate, Busy, NoAnswer), target, seconds}, effect},
	Queue:        {"queue list|in|out [QUEUE]", 1, []argument{words(List, In, Out), device}, several},
	Colleagues:   {limit: known},
}

// wrong is an error that is a sentence for the user: what is wrong with a request.
type wrong string

func (w wrong) Error() string    { return string(w) }
func (w wrong) Sentence() string { return string(w) }

// Limit is how long the request may take to have its effect. A client that gave up before would tell a lie.
func (r Request) Limit() time.Duration { return rules[r.Command].limit }

// NewRequest makes a request of a command and its arguments, as somebody wrote them: numbers lose their
// blanks, digits are in upper case. An error is a sentence of this package (a method Sentence), or a
// *dialplan.Error.
func NewRequest(command string, args ...string) (Request, error) {
	r, known := rules[command]
	if !known {
		return Request{}, wrong("The request is not known: this version knows " + strings.Join(slices.Sorted(maps.Keys(rules)), ", ") + ".")
	}
	half := command == Forward && len(args) == 1 // forwarding, and where to?
	if len(args) < r.least || len(args) > len(r.args) || half {
		if r.usage == "" {
			return Request{}, wrong(fmt.Sprintf("%s takes no words.", command))
		}
		return Request{}, wrong(fmt.Sprintf("Write it so: %s.", r.usage))
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
		return Request{}, wrong("Only calls that nobody answers ring for a time before they are forwarded.")
	}
	return request, nil
}

// ReadRequest reads a line of the control channel. The error is a sentence for whoever sent it.
func ReadRequest(line []byte) (Request, error) {
	var sent Request
	if json.Unmarshal(line, &sent) != nil {
		return sent, wrong("The request cannot be read.")
	}
	request, err := NewRequest(sent.Command, sent.Args...)
	request.Numbers = sent.Numbers
	var number *dialplan.Error
	if errors.As(err, &number) {
		err = wrong(number.Why)
	}
	return request, err
}

// argument checks one argument, and returns it in the one form in which the rest of the program gets it.
type argument func(string) (string, error)

// words accepts the given words alone.
func words(list ...string) argument {
	return func(s string) (string, error) {
		if slices.Contains(list, s) {
			return s, nil
		}
		return "", wrong(fmt.Sprintf("That must be one of the words %s.", strings.Join(list, ", ")))
	}
}

// device accepts the short number of an extension or a queue.
func device(s string) (string, error) {
	if s == "" || len(s) > 15 || strings.Trim(s, "0123456789") != "" {
		return "", wrong("An extension and a queue are named by their short number, for example 200.")
	}
	return s, nil
}

// mostDigits is more than anybody types into one call at once.
const mostDigits = 64

// dtmf accepts what a telephone can play. (ECMA-269 GenerateDigits)
func dtmf(s string) (string, error) {
	s = strings.ToUpper(strings.ReplaceAll(s, " ", ""))
	if s == "" || len(s) > mostDigits || strings.Trim(s, "0123456789*#ABCD") != "" {
		return "", wrong(fmt.Sprintf("A telephone plays the digits 0 to 9, *, # and A to D, here at most %d.", mostDigits))
	}
	return s, nil
}

// target accepts where calls are forwarded to, or that they are not.
func target(s string) (string, error) {
	if s == Off {
		return Off, nil
	}
	return dialplan.Dialable(s)
}

// seconds accepts how long a telephone rings: whole seconds.
func seconds(s string) (string, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Second || d > 10*time.Minute || d%time.Second != 0 {
		return "", wrong("The telephone rings for whole seconds, 10m at most: write for example 20s.")
	}
	return strconv.Itoa(int(d/time.Second)) + "s", nil
}
