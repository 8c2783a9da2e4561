package command

import (
	"context"
	"encoding/json"

	"calltray/internal/contacts"
	"calltray/internal/text"
)

// The first arguments of Contacts, in addition to List.
const (
	Import  = "import"
	Test    = "test"
	Remove  = "remove"
	Refresh = "refresh"
	Find    = "find"
)

// SourceLine is a line of contacts list --json.
type SourceLine struct {
	Source    string `json:"source"` // the file, the folder or the server's address; "" is the user's own book
	Contacts  int    `json:"contacts"`
	Refreshed string `json:"refreshed"`
	Error     string `json:"error"` // a contacts.Trouble; "" for none
	Cause     string `json:"cause"`
}

// ContactLine is a line of contacts find --json.
type ContactLine struct {
	Name    string       `json:"name"`
	Company string       `json:"company"`
	Numbers []NumberLine `json:"numbers"`
	Own     bool         `json:"own"`
}

type NumberLine struct {
	Label  string `json:"label"`
	Number string `json:"number"`
}

// WhoLine is the answer to Who.
type WhoLine struct {
	Name    string `json:"name"`
	Company string `json:"company"`
	Note    string `json:"note"`
}

// SourceLines returns the answer to Contacts with List or Refresh: the user's own book, and the sources.
func SourceLines(ctx context.Context, book *contacts.Book) (json.RawMessage, error) {
	own, err := book.Of(ctx, contacts.Own)
	if err != nil {
		return nil, err
	}
	sources, err := book.Sources(ctx)
	if err != nil {
		return nil, err
	}
	lines := []SourceLine{{Contacts: len(own)}}
	for _, s := range sources {
		line := SourceLine{Source: s.Address, Contacts: s.Count, Refreshed: Timestamp(s.Refreshed)}
		if s.Err != nil {
			line.Error = string(s.Err.Trouble)
			if s.Err.Err != nil {
				line.Cause = s.Err.Err.Error()
			}
		}
		lines = append(lines, line)
	}
	return json.Marshal(lines)
}

// ContactLines returns the answer to Contacts with Find.
func ContactLines(found []contacts.Contact) (json.RawMessage, error) {
	lines := []ContactLine{}
	for _, c := range found {
		line := ContactLine{Name: c.Name, Company: c.Company, Own: c.Source == contacts.Own, Numbers: []NumberLine{}}
		for _, n := range c.Numbers {
			line.Numbers = append(line.Numbers, NumberLine(n))
		}
		lines = append(lines, line)
	}
	return json.Marshal(lines)
}

// short accepts a path, or a text to search for.
func short(s string) (string, error) {
	if len(s) > 4096 {
		return "", text.Errorf("usage", "That is too long: type less.")
	}
	return s, nil
}
