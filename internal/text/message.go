package text

import (
	"maps"
	"strings"

	"calltray/cstasession/csta"
	"calltray/internal/foreign"
)

// Message is a sentence that can be said in every language there is a translation for. It can be sent from one
// process to another as JSON. The zero Message says nothing.
type Message struct {
	Code    string            `json:"code"`             // what it is about, for programs: it stays when the words change
	English string            `json:"english"`          // the sentence, a key of the translations
	Values  map[string]string `json:"values,omitempty"` // what fills its places
	Words   map[string]string `json:"words,omitempty"`  // the same, of words that are translated themselves
	Then    *Message          `json:"then,omitempty"`   // the sentence after it
}

// New makes a Message. The sentence and its places are as Say's: it is a literal, and among the translations.
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

// Word returns the Message with a place filled by words that are among the translations themselves.
func (m Message) Word(name, words string) Message {
	m.Words = maps.Clone(m.Words)
	if m.Words == nil {
		m.Words = map[string]string{}
	}
	m.Words[name] = words
	return m
}

// Person returns the Message with a place filled by who somebody is.
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

// And returns a Message that says m and then next.
func (m Message) And(next Message) Message {
	if m.Then != nil {
		next = m.Then.And(next)
	}
	m.Then = &next
	return m
}

// String returns the Message in the user's language. One without a translation stays English: it may come from
// another process, so it is never taken for a template.
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

// InEnglish returns the Message in English, whatever the user's language is.
func (m Message) InEnglish() string {
	said := fill(fill(m.English, m.Words), m.Values)
	if m.Then != nil {
		said += " " + m.Then.InEnglish()
	}
	return said
}

// fill puts values into the places of a sentence.
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

// Error is an error that is a sentence for the user. Its text as an error is English.
type Error struct {
	Message
	Err error // the cause; may be nil
}

// Sentencer is how the packages that may not import this one (control, support, ui/native) give an error a sentence:
// in English, and among the translations. Everybody else returns an Error.
type Sentencer interface{ Sentence() string }

// Errorf makes an Error of a sentence, as New makes a Message.
func Errorf(code, sentence string, pairs ...string) *Error {
	return &Error{Message: Message{Code: code, English: sentence, Values: values(pairs)}}
}

// Error returns the sentence in English.
func (e *Error) Error() string { return e.InEnglish() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
