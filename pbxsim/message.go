package pbxsim

import (
	"strconv"
	"strings"
)

// element is a message, or a part of one: the PBX builds every message once, as an ordered tree,
// and each gateway writes it in its own notation (xml.go, json.go). Requests are read into the same
// tree.
type element struct {
	name string
	text string
	kids []*element
	kind kind
	bare bool // a root that the vendor shows without a namespace
}

// kind says how an element is written where XML and JSON differ.
type kind int

const (
	kindText   kind = iota // "200"
	kindNumber             // JSON: 120
	kindFlag               // JSON: true
	kindTree               // has children; none is <name /> in XML and {} in JSON
	kindList               // XML <name><item>..</item></name>, JSON name: [..]
	kindSeries             // XML <name>..</name><name>..</name>, JSON name: [..]
	kindAbsent             // not set: nothing in XML, null (or nothing) in JSON
)

func tree(name string, kids ...*element) *element {
	return &element{name: name, kids: kids, kind: kindTree}
}

func text(name, s string) *element { return &element{name: name, text: s} }

func number(name string, n int) *element {
	return &element{name: name, text: strconv.Itoa(n), kind: kindNumber}
}

func flag(name string, b bool) *element {
	return &element{name: name, text: strconv.FormatBool(b), kind: kindFlag}
}

// list is a wrapped list: its items are the elements inside it.
func list(name string, items ...*element) *element {
	return &element{name: name, kids: items, kind: kindList}
}

// series is an element that repeats; its items are trees whose own name is not written.
func series(name string, items ...*element) *element {
	return &element{name: name, kids: items, kind: kindSeries}
}

// maybe is a text that is omitted if empty.
func maybe(name, s string) *element {
	if s == "" {
		return &element{name: name, kind: kindAbsent}
	}
	return text(name, s)
}

// device is the vendor's D{}: a device inside an element of its own.
func device(name, id string) *element { return tree(name, text("deviceIdentifier", id)) }

// connection is ECMA-323's ConnectionID.
func connection(name, callID, deviceID string) *element {
	return tree(name, text("callID", callID), text("deviceID", deviceID))
}

// linkage is the vendor's callLinkageData: the identifier shared by all legs of a call.
func linkage(id string) *element {
	return tree("callLinkageData", tree("globalCallData", text("globalCallLinkageId", id)))
}

// get returns the first child with that name, ignoring case: ASP.NET Core reads JSON members so, and nothing is
// known about the vendor's XML reader. It returns nil if there is none; get of nil is nil.
func (e *element) get(path ...string) *element {
	for _, name := range path {
		if e == nil {
			return nil
		}
		var found *element
		for _, k := range e.kids {
			if strings.EqualFold(k.name, name) {
				found = k
				break
			}
		}
		e = found
	}
	return e
}

// value returns the text of the element at path: its own or, for a device or device object that wraps its text
// once more, that of its first child. It is empty if there is none.
func (e *element) value(path ...string) string {
	for e = e.get(path...); e != nil; e = e.kids[0] {
		if len(e.kids) == 0 {
			return strings.TrimSpace(e.text)
		}
	}
	return ""
}

// without returns the tree without the elements of that name, at any depth.
func (e *element) without(name string) *element {
	c := *e
	c.kids = nil
	for _, k := range e.kids {
		if k.name != name {
			c.kids = append(c.kids, k.without(name))
		}
	}
	return &c
}

// privateFirst returns the root with its privateData moved to the front.
func (e *element) privateFirst() *element {
	for i, k := range e.kids {
		if k.name == "privateData" && i > 0 {
			c := *e
			c.kids = append([]*element{k}, e.kids[:i]...)
			c.kids = append(c.kids, e.kids[i+1:]...)
			return &c
		}
	}
	return e
}
