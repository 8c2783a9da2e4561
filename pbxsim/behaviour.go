package pbxsim

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Behaviour is what can be turned on a running exchange: the choices where the vendor's documentation
// leaves the truth open, and faults. The zero value is the documented exchange with no fault.
//
// A field is a switch: its tags give the name that "set" of the prompt knows it by, the words it takes
// (of which the first is what an empty value means), and one line of help. A new switch is one line.
type Behaviour struct {
	RefuseAs       string        `set:"refuse-as" words:"neg error close silence" help:"how a login is refused: NegResponse, CSTAErrorCode, a closed link, no answer"`
	RefuseLogins   int           `set:"refuse-logins" help:"refuse this many logins, whoever they are of"`
	MaxSession     time.Duration `set:"max-session" help:"the longest session granted; 0 is what was asked for"`
	Timer          string        `set:"timer" words:"ignored terminate close" help:"what the end of a session's time does"`
	Greet          bool          `set:"greet" help:"a link begins with a SystemStatus of the exchange"`
	Reset          string        `set:"reset" words:"supported error silence" help:"what ResetApplicationSessionTimer gets"`
	Snapshot       string        `set:"snapshot" words:"empty vendor ecma" help:"SnapShotDevice: without calls as documented, or filled in one of two shapes"`
	HeldDevice     string        `set:"held-device" words:"other holder" help:"whose device HeldEvent's heldConnection names"`
	RetrieveAs     string        `set:"retrieve-as" words:"established retrieved" help:"the event that tells of a retrieved call"`
	ConsultLinkage string        `set:"consult-linkage" words:"own same" help:"whether a call that asks about another has a globalCallLinkageId of its own"`
	BusyAs         string        `set:"busy-as" words:"cleared failed silent" help:"a busy number: ConnectionCleared, FailedEvent before it, no event at all"`
	DivertCause    string        `set:"divert-cause" help:"cause text of a deflected call's DivertedEvent"`
	NoAnswer       time.Duration `set:"no-answer" help:"give up a call that nobody answered for this long; 0 is never"`
	JSONErrors     string        `set:"json-errors" words:"completion result" help:"on the hub an error is the completion's error text, or a CSTAErrorCode result"`
	NoNulls        bool          `set:"no-nulls" help:"JSON leaves out what is not set instead of writing null"`
	NoNamespace    bool          `set:"no-namespace" help:"XML without xmlns"`
	Prolog         bool          `set:"prolog" help:"XML begins with a prolog that claims utf-16"`
	PrivateData    string        `set:"private-data" words:"last first random" help:"where privateData stands"`
	Case           string        `set:"case" words:"vendor lower upper" help:"how names are spelt"`
	NoRequestID    bool          `set:"no-request-id" help:"answers do not repeat the requestID"`
	OtherRequestID bool          `set:"other-request-id" help:"answers and errors have another requestID than the request"`
	EventsFirst    bool          `set:"events-first" help:"events overtake the answer of the request that caused them"`
	DropAnswers    string        `set:"drop-answers" help:"requests that are carried out but not answered, as MakeCall,AnswerCall"`
	DropEvents     string        `set:"drop-events" help:"events that are not sent, as Established,Held"`
	AnswerDelay    time.Duration `set:"answer-delay" help:"answers come this much later"`
	Delayed        string        `set:"delayed" help:"the requests that answer-delay is for, as MakeCall,AnswerCall; - is all"`
	OutOfOrder     bool          `set:"out-of-order" help:"an answer waits for the next one, a second at most, and goes after it"`
	WrongAnswers   string        `set:"wrong-answers" help:"requests that are carried out and get the empty answer of another service"`
	Unsupported    string        `set:"unsupported" help:"requests that are refused as unknown here, as HoldCall,MonitorTrunk"`
	Refused        string        `set:"refused" help:"requests that are refused, as MonitorTrunk"`
	RefusedWith    string        `set:"refused-with" help:"the error that they get, a value of ECMA-323's operation, or another category and its value; - is privilegeViolationSpecifiedDevice"`
	Ignored        string        `set:"ignored" help:"requests that are neither carried out nor answered"`
	NoEffect       string        `set:"no-effect" help:"requests that get a positive answer, and nothing more"`
	Duplicates     bool          `set:"duplicates" help:"every event is sent twice"`
	Chunk          int           `set:"chunk" help:"write in pieces of this many bytes; 0 is whole"`
	Coalesce       time.Duration `set:"coalesce" help:"gather what is written for this long and write it at once"`
	Silence        bool          `set:"silence" help:"a black hole: links stay up, everything is read, nothing is written"`
}

// Set changes the behaviour. It may be called at any time, from any goroutine. It panics when change
// gives a switch a word that it does not know: a test that turns nothing should not pass.
func (p *PBX) Set(change func(*Behaviour)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.behaviour
	change(&b)
	b.mustBeKnown()
	p.behaviour = b
}

// mustBeKnown panics when a switch has a word that it does not know.
func (b *Behaviour) mustBeKnown() {
	v := reflect.ValueOf(b).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if words := strings.Fields(f.Tag.Get("words")); len(words) > 0 && v.Field(i).String() != "" && !contains(words, v.Field(i).String()) {
			panic(fmt.Sprintf("pbxsim: %q is not a value of Behaviour.%s: it takes %s", v.Field(i), f.Name, strings.Join(words, ", ")))
		}
	}
}

// Behaviour returns the present behaviour.
func (p *PBX) Behaviour() Behaviour {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.behaviour
}

// set turns the switch of that name. The error is a sentence that says what to type.
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

// switches lists every switch with its present value and help.
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

// refusal is the error of the requests that are refused.
func (b *Behaviour) refusal() error {
	e := &serviceError{"operation", "privilegeViolationSpecifiedDevice", "the exchange has been told to refuse this"}
	switch category, value, both := strings.Cut(b.RefusedWith, " "); {
	case both:
		e.category, e.value = category, value
	case category != "":
		e.value = category
	}
	return e
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
