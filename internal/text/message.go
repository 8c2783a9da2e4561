package text

import (
	"maps"
	"strings"

	"calltray/cstasession/csta"
	"calltray/internal/foreign"
)

// Message is a sentence that can be shown in every language for which there is a translation. It can be sent
// from one process to another as JSON. The zero Message is empty.
type Message struct {
	Code    string            `json:"code"`             // identifies the message to programs: it stays when the wording changes
	English string            `json:"english"`          // the sentence, a key of the translations
	Values  map[string]string `json:"values,omitempty"` // values for its placeholders
	Words   map[string]string `json:"words,omitempty"`  // values that are themselves translated
	Then    *Message          `json:"then,omitempty"`   // the sentence that follows
}

// New returns a Message. The sentence and its placeholders are as for Say: it must be a literal, and among the
// translations.
func New(code, sentence string, pairs ...string) Message {
	return Message{Code: code, English: sentence, Values: values(pairs)}
}

func values(pairs []string) map[string]string {
	if len(pairs) == 0 {
		return nil
	}
	m := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = foreign.Isolate(pairs[i+1])
	}
	return m
}

// Word returns the Message with a placeholder set to words that are themselves among the translations.
func (m Message) Word(name, words string) Message {
	m.Words = maps.Clone(m.Words)
	if m.Words == nil {
		m.Words = map[string]string{}
	}
	m.Words[name] = words
	return m
}

// Person returns the Message with a placeholder set to the name of a party.
func (m Message) Person(name string, p csta.Party) Message {
	who := Person(p)
	if who == "" {
		return m.Word(name, "an unknown number")
	}
	m.Values = maps.Clone(m.Values)
	if m.Values == nil {
		m.Values = map[string]string{}
	}
	m.Values[name] = who
	return m
}

// ForwardedTo returns the Message with a placeholder set to where calls are forwarded to, as the function of that name
// does.
func (m Message) ForwardedTo(name string, p csta.Party) Message {
	if words, known := forwardedTo[strings.ToLower(p.Number)]; known {
		return m.Word(name, words)
	}
	if shown := ForwardedTo(p.Number); p.Name == "" && shown != ShownNumber(p.Number) {
		p = csta.Party{Name: shown}
	}
	return m.Person(name, p)
}

// And returns a Message that consists of m followed by next.
func (m Message) And(next Message) Message {
	if m.Then != nil {
		next = m.Then.And(next)
	}
	m.Then = &next
	return m
}

// String returns the Message in the user's language. One without a translation stays in English: since it may
// come from another process, it is never treated as a template.
func (m Message) String() string {
	values := maps.Clone(m.Values)
	for name, words := range m.Words {
		if values == nil {
			values = map[string]string{}
		}
		values[name] = SayKnown(words)
	}
	said := fill(translated(m.English), values)
	if m.Then != nil {
		said += " " + m.Then.String()
	}
	return said
}

// InEnglish returns the Message in English, whatever the user's language.
func (m Message) InEnglish() string {
	said := fill(fill(m.English, m.Words), m.Values)
	if m.Then != nil {
		said += " " + m.Then.InEnglish()
	}
	return said
}

// fill replaces the placeholders of a sentence by values.
func fill(sentence string, values map[string]string) string {
	if len(values) == 0 {
		return sentence
	}
	var places []string
	for name, value := range values {
		places = append(places, "{{."+name+"}}", value)
	}
	return strings.NewReplacer(places...).Replace(sentence)
}

// Error is an error with a sentence for the user. Its text as an error is in English.
type Error struct {
	Message
	Err error // the cause; may be nil
}

// Sentencer is how packages that may not import this one (control, support, ui/native) give an error a
// sentence: in English, and among the translations. All other packages return an Error.
type Sentencer interface{ Sentence() string }

// Errorf returns an Error with a sentence, as New returns a Message.
func Errorf(code, sentence string, pairs ...string) *Error {
	return &Error{Message: Message{Code: code, English: sentence, Values: values(pairs)}}
}

// Error returns the sentence in English.
func (e *Error) Error() string { return e.InEnglish() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
