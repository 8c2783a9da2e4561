package pbxsim

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Behaviour is what can be changed on a running PBX: choices that the vendor's documentation leaves open, and
// faults. The zero value is the documented PBX with no fault.
//
// A field is a switch: its tags give its name for the "set" command of the prompt, the values it takes (the
// first is what an empty value means), and one line of help. A new switch is one line.
type Behaviour struct {
	RefuseAs        string        `set:"refuse-as" words:"neg error close silence" help:"how a login is refused: NegResponse, CSTAErrorCode, a closed link, no answer"`
	RefuseLogins    int           `set:"refuse-logins" help:"refuse this many logins, whoever they are of"`
	MaxSession      time.Duration `set:"max-session" help:"the longest session granted; 0 is what was asked for"`
	Timer           string        `set:"timer" words:"ignored terminate close" help:"what the end of a session's time does"`
	Greet           bool          `set:"greet" help:"a link begins with a SystemStatus of the PBX"`
	Reset           string        `set:"reset" words:"supported error silence" help:"what ResetApplicationSessionTimer gets"`
	OneSession      string        `set:"one-session" words:"off newest oldest" help:"a user's second session: both go on, the newest ends the others, the oldest keeps it out"`
	SessionDuration string        `set:"session-duration" help:"what a login and a renewal tell as actualSessionDuration, whatever was granted, as 9300000000; - is the truth"`
	StackMonitors   bool          `set:"stack-monitors" help:"a second monitor of an object does not replace the first: each sends every event"`
	TicketRefs      bool          `set:"ticket-refs" help:"every monitor has a cross reference of its own, that names no device"`
	SnapshotStates  string        `set:"snapshot-states" help:"snapshots list calls in these states alone, of alerting, queued, connected and held; - is all"`
	Snapshot        string        `set:"snapshot" words:"empty vendor ecma" help:"SnapShotDevice: without calls as documented, or filled in one of two shapes"`
	HeldDevice      string        `set:"held-device" words:"other holder" help:"whose device HeldEvent's heldConnection names"`
	RetrieveAs      string        `set:"retrieve-as" words:"established retrieved" help:"the event that tells of a retrieved call"`
	ConsultLinkage  string        `set:"consult-linkage" words:"own same" help:"whether a call that asks about another has a globalCallLinkageId of its own"`
	BusyAs          string        `set:"busy-as" words:"cleared failed silent" help:"a busy number: ConnectionCleared, FailedEvent before it, no event at all"`
	DivertCause     string        `set:"divert-cause" help:"cause text of a deflected call's DivertedEvent"`
	ReleasingDevice string        `set:"releasing-device" words:"party own caller called none" help:"whom ConnectionCleared names as releasing: who hung up, the leg's own device, the caller, the device that was called, nobody"`
	LoseCleared     int           `set:"lose-cleared" help:"lose the ConnectionCleared of this many legs that are monitored"`
	ReuseCallIDs    bool          `set:"reuse-call-ids" help:"a leg gets the callID that its device's last call had, if that has ended"`
	WithheldAs      string        `set:"withheld-as" help:"how a withheld number reads, as restricted, unavailable or sip:anonymous@anonymous.invalid; - is anonymous"`
	NumbersAs       string        `set:"numbers-as" words:"plain dashes sip brackets percent" help:"how outside numbers read: 22334455, +45-22-33-44-55, sip:+4522334455@host, <sip:+4522334455, %2B4522334455"`
	NoAnswer        time.Duration `set:"no-answer" help:"give up a call that nobody answered for this long; 0 is never"`
	JSONErrors      string        `set:"json-errors" words:"completion result" help:"on the hub an error is the completion's error text, or a CSTAErrorCode result"`
	NoNulls         bool          `set:"no-nulls" help:"JSON leaves out what is not set instead of writing null"`
	NoNamespace     bool          `set:"no-namespace" help:"XML without xmlns"`
	Prolog          bool          `set:"prolog" help:"XML begins with a prolog that claims utf-16"`
	PrivateData     string        `set:"private-data" words:"last first random" help:"where privateData stands"`
	Case            string        `set:"case" words:"vendor lower upper" help:"how names are spelt"`
	NoRequestID     bool          `set:"no-request-id" help:"answers do not repeat the requestID"`
	OtherRequestID  bool          `set:"other-request-id" help:"answers and errors have another requestID than the request"`
	EventsFirst     bool          `set:"events-first" help:"events overtake the answer of the request that caused them"`
	DropAnswers     string        `set:"drop-answers" help:"requests that are carried out but not answered, as MakeCall,AnswerCall"`
	DropEvents      string        `set:"drop-events" help:"events that are not sent, as Established,Held"`
	AnswerDelay     time.Duration `set:"answer-delay" help:"answers come this much later"`
	Delayed         string        `set:"delayed" help:"the requests that answer-delay is for, as MakeCall,AnswerCall; - is all"`
	OutOfOrder      bool          `set:"out-of-order" help:"an answer waits for the next one, a second at most, and goes after it"`
	WrongAnswers    string        `set:"wrong-answers" help:"requests that are carried out and get the empty answer of another service"`
	Unsupported     string        `set:"unsupported" help:"requests that are refused as unknown here, as HoldCall,MonitorTrunk"`
	Refused         string        `set:"refused" help:"requests that are refused, as MonitorTrunk"`
	RefusedWith     string        `set:"refused-with" help:"the error that they get, a value of ECMA-323's operation, or another category and its value; - is privilegeViolationSpecifiedDevice"`
	Ignored         string        `set:"ignored" help:"requests that are neither carried out nor answered"`
	IgnoredAgain    string        `set:"ignored-again" help:"requests that are ignored from their second time on, on each link, as MonitorStart"`
	NoEffect        string        `set:"no-effect" help:"requests that get a positive answer, and nothing more"`
	InvocationIDs   bool          `set:"invocation-ids" help:"on the hub, events have an invocationId: the client must answer them"`
	Transports      string        `set:"transports" help:"what the hub offers, of WebSockets, ServerSentEvents and LongPolling; - is all"`
	Cookie          bool          `set:"cookie" help:"the hub's negotiation sets a cookie without which the link is refused, as a load balancer does"`
	HubStatus       int           `set:"hub-status" help:"the hub's negotiation is answered with this HTTP status, as 503; 0 is not"`
	RetryAfter      time.Duration `set:"retry-after" help:"what hub-status tells of when to try again"`
	Duplicates      bool          `set:"duplicates" help:"every event is sent twice"`
	Chunk           int           `set:"chunk" help:"write in pieces of this many bytes; 0 is whole"`
	Coalesce        time.Duration `set:"coalesce" help:"gather what is written for this long and write it at once"`
	Silence         bool          `set:"silence" help:"a black hole: links stay up, everything is read, nothing is written"`
}

// Set changes the behaviour. It may be called at any time, from any goroutine. It panics if change sets a
// switch to a value that it does not know: a test with a misspelt value should not pass.
func (p *PBX) Set(change func(*Behaviour)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.behaviour
	change(&b)
	b.mustBeKnown()
	p.behaviour = b
}

// mustBeKnown panics if a switch has a value that it does not know.
func (b *Behaviour) mustBeKnown() {
	v := reflect.ValueOf(b).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if words := strings.Fields(f.Tag.Get("words")); len(words) > 0 && v.Field(i).String() != "" && !contains(words, v.Field(i).String()) {
			panic(fmt.Sprintf("pbxsim: %q is not a value of Behaviour.%s: it takes %s", v.Field(i), f.Name, strings.Join(words, ", ")))
		}
	}
}

// Behaviour returns the current behaviour.
func (p *PBX) Behaviour() Behaviour {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.behaviour
}

// set sets the switch with that name. The error is a sentence that says what to type.
func (b *Behaviour) set(name, value string) error {
	v := reflect.ValueOf(b).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Tag.Get("set") != name {
			continue
		}
		switch p := v.Field(i).Addr().Interface().(type) {
		case *bool:
			switch value {
			case "on", "true", "yes":
				*p = true
			case "off", "false", "no":
				*p = false
			default:
				return fmt.Errorf("%q is neither on nor off: type set %s on, or set %s off", value, name, name)
			}
		case *int:
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 {
				return fmt.Errorf("%q is not a number: type set %s 1", value, name)
			}
			*p = n
		case *time.Duration:
			d, err := duration(value)
			if err != nil {
				return err
			}
			*p = d
		case *string:
			words := strings.Fields(f.Tag.Get("words"))
			if len(words) > 0 && !contains(words, value) {
				return fmt.Errorf("%q is not a value of %s: type set %s and one of %s", value, name, name, strings.Join(words, ", "))
			}
			if len(words) > 0 && value == words[0] || value == "-" {
				value = ""
			}
			*p = value
		}
		return nil
	}
	return fmt.Errorf("there is no switch %q: type set to see all of them", name)
}

// switches lists every switch with its current value and help.
func (b Behaviour) switches() string {
	var s strings.Builder
	v := reflect.ValueOf(b)
	for i := range v.NumField() {
		f := v.Type().Field(i)
		value := strings.NewReplacer("true", "on", "false", "off").Replace(fmt.Sprint(v.Field(i).Interface()))
		words := f.Tag.Get("words")
		if value == "" && words != "" {
			value = strings.Fields(words)[0]
		}
		if value == "" {
			value = "-"
		}
		help := f.Tag.Get("help")
		if words != "" {
			help += " (" + strings.ReplaceAll(words, " ", ", ") + ")"
		}
		fmt.Fprintf(&s, "  set %s %s\n      %s\n", f.Tag.Get("set"), value, help)
	}
	return s.String()
}

// Withheld stands for the number of a caller who withholds it. Messages spell it as [Behaviour] says.
const Withheld = "withheld"

// spellNumbers returns the message with outside numbers spelled as the behaviour says.
func (b *Behaviour) spellNumbers(e *element) *element {
	switch e.name {
	case "deviceIdentifier", "deviceID", "remoteUser":
		if spelt := b.spelt(e.text); spelt != e.text {
			c := *e
			c.text = spelt
			return &c
		}
	}
	out := e
	for i, k := range e.kids {
		spelt := b.spellNumbers(k)
		if spelt == k {
			continue
		}
		if out == e {
			c := *e
			c.kids = slices.Clone(e.kids)
			out = &c
		}
		out.kids[i] = spelt
	}
	return out
}

// spelt returns a number as messages spell it.
func (b *Behaviour) spelt(number string) string {
	digits := strings.TrimPrefix(number, "+")
	switch {
	case number == Withheld && b.WithheldAs == "":
		return "anonymous"
	case number == Withheld:
		return b.WithheldAs
	case b.NumbersAs == "" || len(digits) < 8 || strings.Trim(digits, "0123456789") != "":
		return number
	case digits == number && len(digits) == 8:
		digits = "45" + digits
	}
	switch b.NumbersAs {
	case "dashes":
		pairs := ""
		for i, r := range digits {
			if i > 0 && i%2 == 0 {
				pairs += "-"
			}
			pairs += string(r)
		}
		return "+" + pairs
	case "sip":
		return "sip:+" + digits + "@pbx.example.dk;user=phone"
	case "brackets":
		return "<sip:+" + digits
	case "percent":
		return "%2B" + digits
	}
	return number
}

// refusal is the error for requests that are refused.
func (b *Behaviour) refusal() error {
	e := &serviceError{"operation", "privilegeViolationSpecifiedDevice", "the PBX has been told to refuse this"}
	switch category, value, both := strings.Cut(b.RefusedWith, " "); {
	case both:
		e.category, e.value = category, value
	case category != "":
		e.value = category
	}
	return e
}

// Transports are those of an ASP.NET Core hub, under their names in a negotiation.
var Transports = []string{"WebSockets", "ServerSentEvents", "LongPolling"}

// offers reports whether the hub has a transport.
func (b *Behaviour) offers(transport string) bool {
	return b.Transports == "" || names(b.Transports, transport)
}

// names reports whether the comma-separated list has the word.
func names(commaList, word string) bool {
	return contains(strings.FieldsFunc(commaList, func(r rune) bool { return r == ',' || r == ' ' }), word)
}

func contains(words []string, word string) bool {
	for _, w := range words {
		if strings.EqualFold(w, word) {
			return true
		}
	}
	return false
}

// duration reads "2s", "150ms", or a bare number of seconds.
func duration(s string) (time.Duration, error) {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return time.Duration(n) * time.Second, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a length of time: type it as 2s or 500ms", s)
	}
	return d, nil
}
