package cstasession

import (
	"calltray/cstasession/csta"
	"strconv"
	"strings"
)

// element is one node of a message as it travels: the common form of an ECMA-323 document and of the
// JSON object that the hub sends for it. Names are looked up without regard to case and namespace,
// since the vendor's two gateways disagree on both (callID, callId).
type element struct {
	name string
	text string // of a leaf
	kind leafKind
	children []element
}

// leafKind is how JSON writes a leaf; XML writes all alike.
type leafKind uint8

const (
	textLeaf leafKind = iota
	numberLeaf
	booleanLeaf
)

func leaf(name, text string) element            { return element{name: name, text: text} }
func node(name string, kids ...element) element { return element{name: name, children: kids} }
func number(name, digits string) element        { return element{name: name, text: digits, kind: numberLeaf} }
func boolean(name string, is bool) element {
	return element{name: name, text: strconv.FormatBool(is), kind: booleanLeaf}
}
func connection(name string, c csta.ConnectionID) element {
	return node(name, leaf("callID", c.CallID), leaf("deviceID", string(c.DeviceID)))
}

// at follows a path of names down the tree, taking the first match at each step; nil where there is
// none.
func (e *element) at(path ...string) *element {
	for _, name := range path {
		if e = e.child(name); e == nil {
			return nil
		}
	}
	return e
}

func (e *element) child(name string) *element {
	if e == nil {
		return nil
	}
	for i := range e.children {
		if strings.EqualFold(e.children[i].name, name) {
			return &e.children[i]
		}
	}
	return nil
}

// value is the text at a path, "" where there is none.
func (e *element) value(path ...string) string {
	if e = e.at(path...); e == nil {
		return ""
	}
	return e.text
}

// find is the first element of that name anywhere below e, or nil.
func (e *element) find(name string) *element {
	if e == nil {
		return nil
	}
	if found := e.child(name); found != nil {
		return found
	}
	for i := range e.children {
		if found := e.children[i].find(name); found != nil {
			return found
		}
	}
	return nil
}

// leaves lists the texts below an element, in order and in lower case.
func leaves(e *element) []string {
	if len(e.children) == 0 {
		if e.text == "" {
			return nil
		}
		return []string{strings.ToLower(e.text)}
	}
	var texts []string
	for i := range e.children {
		texts = append(texts, leaves(&e.children[i])...)
	}
	return texts
}

// isTrue reports whether the text at a name is true, in either spelling of a isTrue value.
func (e *element) isTrue(name string) bool {
	v := strings.ToLower(e.value(name))
	return v == "true" || v == "1"
}

// local drops a namespace prefix.
func local(name string) string {
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}
