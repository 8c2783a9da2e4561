package wire

import (
	"strconv"
	"strings"

	"calltray/cstasession/csta"
)

// Element is one node of a message as it travels: the common form of an ECMA-323 document and of the
// JSON object that the hub sends for it. Names are looked up without regard to case and namespace,
// since the vendor's two gateways disagree on both (callID, callId).
type Element struct {
	Name     string
	Text     string // of a leaf
	kind     leafKind
	Children []Element
}

// leafKind is how JSON writes a leaf; XML makes no difference.
type leafKind uint8

const (
	textLeaf leafKind = iota
	numberLeaf
	booleanLeaf
)

// Leaf returns an element with text.
func Leaf(name, text string) Element { return Element{Name: name, Text: text} }

// Node returns an element with children.
func Node(name string, kids ...Element) Element { return Element{Name: name, Children: kids} }

// Number returns an element with a number, which JSON does not quote.
func Number(name, digits string) Element { return Element{Name: name, Text: digits, kind: numberLeaf} }

// Boolean returns an element with a boolean.
func Boolean(name string, is bool) Element {
	return Element{Name: name, Text: strconv.FormatBool(is), kind: booleanLeaf}
}

// Connection returns an element with a ConnectionID.
func Connection(name string, c csta.ConnectionID) Element {
	return Node(name, Leaf("callID", c.CallID), Leaf("deviceID", string(c.DeviceID)))
}

// At follows a path of names down the tree, taking the first match at each step; nil if there is none.
func (e *Element) At(path ...string) *Element {
	for _, name := range path {
		if e = e.Child(name); e == nil {
			return nil
		}
	}
	return e
}

// Child returns the first child with that name, or nil. It may be called on nil.
func (e *Element) Child(name string) *Element {
	if e == nil {
		return nil
	}
	for i := range e.Children {
		if strings.EqualFold(e.Children[i].Name, name) {
			return &e.Children[i]
		}
	}
	return nil
}

// Value returns the text at a path, "" if there is none.
func (e *Element) Value(path ...string) string {
	if e = e.At(path...); e == nil {
		return ""
	}
	return e.Text
}

// Find returns the first element with that name anywhere below e, or nil.
func (e *Element) Find(name string) *Element {
	if e == nil {
		return nil
	}
	if found := e.Child(name); found != nil {
		return found
	}
	for i := range e.Children {
		if found := e.Children[i].Find(name); found != nil {
			return found
		}
	}
	return nil
}

// Leaves returns the texts below an element, in order and in lower case.
func Leaves(e *Element) []string {
	if e == nil {
		return nil
	}
	if len(e.Children) == 0 {
		if e.Text == "" {
			return nil
		}
		return []string{strings.ToLower(e.Text)}
	}
	var texts []string
	for i := range e.Children {
		texts = append(texts, Leaves(&e.Children[i])...)
	}
	return texts
}

// IsTrue reports whether the text of the named child is true, in either spelling.
func (e *Element) IsTrue(name string) bool {
	v := strings.ToLower(e.Value(name))
	return v == "true" || v == "1"
}

// local drops a namespace prefix.
func local(name string) string {
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}
