// Package rules runs the user's actions when a telephone call rings, is answered or ends: it opens a page in
// the browser, runs a program, or sends the call to a web address. Callers' names come from strangers: they
// never become options, and do not change which program runs, or which server the browser or the request
// contacts.
package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"calltray/internal/webpage"
)

// Event is something that happens to a call.
type Event string

// The events, as written in rules.
const (
	Rings    Event = "rings"    // at the user's telephone
	Answered Event = "answered" // by the user, or by the party whom the user called
	Ended    Event = "ended"    // in whatever way
	Missed   Event = "missed"
	Dialled  Event = "dialled" // by the user
)

// Happening is an event of a call with its details.
type Happening struct {
	Event
	webpage.Call
	Internal bool   // with a colleague
	Source   string // of the contact: the source's address, Own, or "" if nobody knows the number
}

// Own is the source of the user's own contacts.
const Own = "own"

// Rule is one line in the settings.
type Rule struct {
	Line   int // in the settings, from 1
	Event  Event
	who    []string // the conditions, all of which must hold
	action string   // open, run or post
	target string   // the template of an address, or the path of a program
	args   []string // templates of the program's arguments
	body   any      // what to send, with templates in its texts; nil for the whole call
}

// The errors of rules, beside those of a webpage's template.
var (
	ErrForm    = errors.New("rules: the line is no rule")
	ErrWhen    = errors.New("rules: there is no such event")
	ErrWho     = errors.New("rules: there is no such kind of call")
	ErrAction  = errors.New("rules: there is no such action")
	ErrProgram = errors.New("rules: the program is not written with its whole path, or it depends on the call")
	ErrBatch   = errors.New("rules: batch files cannot be given what strangers wrote") // they interpret their arguments as commands: CVE-2024-24576
	ErrShell   = errors.New("rules: a shell takes its arguments for commands")
	ErrBody    = errors.New("rules: what is to be sent is no JSON")
	ErrTooMany = errors.New("rules: there are too many, or they are too long")
)

// The limits of the user's rules.
const (
	MaxRules = 30
	maxText  = 3900 // bytes in total: doubled, this is a line of the settings file
	maxMarks = 1000 // dots and brackets; the settings file may not have more
)

// arrow separates the event and its conditions from the action.
const arrow = "=>"

// Parse parses rules as people write them, one per line: "ended external => post https://crm.example.dk/calls".
// Empty lines and those that begin with # are ignored. The error is one of this package's, or webpage's, about
// the first invalid line.
func Parse(text string) ([]Rule, error) {
	marks := strings.Count(text, ".") + strings.Count(text, "[") + strings.Count(text, "{")
	if len(text) > maxText || marks > maxMarks {
		return nil, ErrTooMany
	}
	var list []Rule
	n := 0
	for line := range strings.Lines(text) {
		n++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if strings.ContainsFunc(line, func(r rune) bool { return r != '\t' && unicode.IsControl(r) }) || !utf8.ValidString(line) {
			return nil, ErrForm
		}
		rule, err := parse(line)
		if err != nil {
			return nil, err
		}
		rule.Line = n
		if list = append(list, rule); len(list) > MaxRules {
			return nil, ErrTooMany
		}
	}
	return list, nil
}

func parse(line string) (r Rule, err error) {
	condition, action, found := strings.Cut(line, arrow)
	words, ok := split(condition)
	if !found || !ok || len(words) == 0 {
		return r, ErrForm
	}
	r.Event, r.who = Event(strings.ToLower(words[0])), words[1:]
	if !slices.Contains([]Event{Rings, Answered, Ended, Missed, Dialled}, r.Event) {
		return r, ErrWhen
	}
	for i, w := range r.who {
		if source, is := strings.CutPrefix(w, "source:"); is && source != "" {
			continue
		}
		r.who[i] = strings.ToLower(w)
		if !slices.Contains([]string{"external", "internal", "queue", "incoming", "outgoing"}, r.who[i]) {
			return r, ErrWho
		}
	}
	action = strings.TrimSpace(action)
	first, rest, _ := strings.Cut(action, " ")
	rest = strings.TrimSpace(rest)
	switch r.action = strings.ToLower(first); r.action {
	case "open":
		r.target = rest
		return r, webpage.Check(r.target)
	case "post":
		r.target, rest, _ = strings.Cut(rest, " ")
		if r.body, err = readBody(strings.TrimSpace(rest)); err != nil {
			return r, err
		}
		return r, webpage.Check(r.target)
	case "run":
		words, ok := split(rest)
		if !ok || len(words) == 0 {
			return r, ErrForm
		}
		r.target, r.args = words[0], words[1:]
		return r, r.checkProgram()
	}
	return r, ErrAction
}

// Names reports whether a rule passes on who calls: then it may wait a moment for the name. A program finds it
// in its environment, and a request without a custom body contains the whole call.
func (r Rule) Names() bool {
	uses := func(text string) bool { return strings.Contains(text, "{name}") || strings.Contains(text, "{company}") }
	written, err := json.Marshal(r.body)
	return r.action == "run" || r.action == "post" && r.body == nil || uses(r.target) || err != nil || uses(string(written))
}

// split splits a text at its spaces. "Quotes" keep a word together, and "" within them is one quote; ok is
// false if they are not closed.
func split(s string) (words []string, ok bool) {
	var word strings.Builder
	quoted, begun := false, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' && quoted && i+1 < len(s) && s[i+1] == '"':
			word.WriteByte(c)
			i++
		case c == '"':
			quoted, begun = !quoted, true
		case (c == ' ' || c == '\t') && !quoted:
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteByte(c)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words, !quoted
}

// readBody parses what is to be sent. Placeholders are allowed only within texts, so JSON that is valid before
// they are filled in is valid afterwards, with the same structure.
func readBody(s string) (body any, err error) {
	if s == "" {
		return nil, nil
	}
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	if d.Decode(&body) != nil || body == nil {
		return nil, ErrBody
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, ErrBody
	}
	_, err = fill(body, webpage.Call{})
	return body, err
}

// fill returns JSON with a call's values filled in to its texts.
func fill(body any, c webpage.Call) (any, error) {
	switch v := body.(type) {
	case string:
		return c.Fill(v, plain)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = fill(v[i], c); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		object := make(map[string]any, len(v))
		for key := range v {
			var err error
			if object[key], err = fill(v[key], c); err != nil {
				return nil, err
			}
		}
		return object, nil
	}
	return body, nil
}

// Applies reports whether a rule applies to something that has happened.
func (r Rule) Applies(h Happening) bool {
	if r.Event != h.Event {
		return false
	}
	for _, w := range r.who {
		is := false
		switch w {
		case "internal":
			is = h.Internal
		case "external":
			is = !h.Internal
		case "queue":
			is = h.Queue != ""
		case "incoming", "outgoing":
			is = h.Direction == w
		default:
			wanted := strings.TrimPrefix(w, "source:")
			is = h.Source != "" && (strings.EqualFold(h.Source, wanted) || base(h.Source) == strings.ToLower(wanted))
		}
		if !is {
			return false
		}
	}
	return true
}

// payload returns what is sent about a call.
func (r Rule) payload(h Happening) ([]byte, error) {
	if r.body == nil {
		all := map[string]string{"event": string(h.Event)}
		for word, value := range h.Call.Values() {
			all[word] = plain(value)
		}
		return encode(all)
	}
	filled, err := fill(r.body, h.Call)
	if err != nil {
		return nil, err
	}
	return encode(filled)
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(true) // in case somebody pastes it into a page
	err := e.Encode(v)
	return b.Bytes(), err
}
