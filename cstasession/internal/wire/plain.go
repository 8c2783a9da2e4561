package wire

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// The documents that servers actually send use a small part of XML and of JSON. They are read here in one pass,
// in a tenth of the general decoders' time; whatever goes beyond is left to those. This file therefore does not
// affect what is accepted, and as what (FuzzPlain compares the two).

// plainReader reads the plain part of a format into elements.
type plainReader struct {
	doc  string // names are substrings of it, texts are copies: a number that is kept must not keep the document alive
	at   int
	open []Element // the finished children of the elements that are still open, one list after another
	slab []Element // room for children, cut off in pieces
	size int       // of a slab: as many as the document seems to have, within limits
}

const (
	plainOpen  = 24       // elements open at once in a usual event
	plainSlab  = 64       // elements; more than in a usual event
	plainLimit = 64 << 10 // bytes
)

// plainText reports whether a document has neither broken UTF-8 nor characters that XML forbids.
func plainText(doc []byte) bool {
	ascii := true
	for _, c := range doc {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.Valid(doc) && !bytes.Contains(doc, []byte("\uFFFE")) && !bytes.Contains(doc, []byte("\uFFFF"))
}

// take moves the open children from index first into a list of their own.
func (p *plainReader) take(first int) []Element {
	n := len(p.open) - first
	if n == 0 {
		return nil
	}
	if n > len(p.slab) {
		p.slab = make([]Element, max(n, p.size))
	}
	kids := p.slab[:n:n]
	p.slab = p.slab[n:]
	copy(kids, p.open[first:])
	p.open = p.open[:first]
	return kids
}

// next returns the next byte, 0 at the end.
func (p *plainReader) next() byte {
	if p.at < len(p.doc) {
		return p.doc[p.at]
	}
	return 0
}

// skip skips a text if it comes next.
func (p *plainReader) skip(text string) bool {
	if !strings.HasPrefix(p.doc[p.at:], text) {
		return false
	}
	p.at += len(text)
	return true
}

// blanks skips white space, and reports whether there was any.
func (p *plainReader) blanks() bool {
	start := p.at
	for p.at < len(p.doc) && strings.IndexByte(blank, p.doc[p.at]) >= 0 {
		p.at++
	}
	return p.at > start
}

// plainXML reads a document; ok is false if it is not plain: it has comments, references other than XML's own
// five, CDATA, more than one declaration, names outside ASCII, text beside elements, or an error.
func plainXML(doc []byte) (root Element, ok bool) {
	doc = bytes.TrimPrefix(doc, []byte("\ufeff"))
	if len(doc) > plainLimit || !plainText(doc) {
		return Element{}, false
	}
	var open [plainOpen]Element
	p := plainReader{doc: string(doc), open: open[:0], size: min(bytes.Count(doc, []byte("</")), plainSlab)}
	p.blanks()
	if p.skip("<?xml ") {
		end := strings.IndexByte(p.doc[p.at:], '>')
		if end < 1 || p.doc[p.at+end-1] != '?' {
			return Element{}, false
		}
		p.at += end + 1
		p.blanks()
	}
	if !p.element(1) {
		return Element{}, false
	}
	root = p.open[0]
	root.Name = strings.Clone(root.Name) // that of an unknown message is kept
	return root, true
}

// element reads an element and appends it to the open ones.
func (p *plainReader) element(depth int) bool {
	if depth > MaxDepth || !p.skip("<") {
		return false
	}
	full := p.xmlName()
	if full == "" {
		return false
	}
	e := Element{Name: local(full)}
	for {
		apart := p.blanks()
		if p.skip("/>") {
			p.open = append(p.open, e)
			return true
		}
		if p.skip(">") {
			break
		}
		if !apart || !p.attribute() {
			return false
		}
	}
	first, text := len(p.open), p.text()
	for p.next() == '<' {
		if p.skip("</") {
			if !p.skip(full) {
				return false
			}
			p.blanks()
			if !p.skip(">") {
				return false
			}
			e.Text, e.Children = strings.Clone(text), p.take(first)
			p.open = append(p.open, e)
			return true
		}
		if text != "" || !p.element(depth+1) || p.text() != "" {
			return false
		}
	}
	return false
}

// text returns the trimmed character data up to the next tag. If it is not plain, the reader stays in front of
// it, where there is no tag.
func (p *plainReader) text() string {
	end := strings.IndexByte(p.doc[p.at:], '<')
	if end < 0 {
		return ""
	}
	text := strings.TrimSpace(p.doc[p.at : p.at+end])
	if strings.ContainsAny(text, "]\r") { // "]]>" is an error, \r becomes \n
		return ""
	}
	if strings.IndexByte(text, '&') >= 0 {
		if !onlyFive(text) {
			return ""
		}
		text = fiveReferences.Replace(text)
	}
	p.at += end
	return text
}

var fiveReferences = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&quot;", `"`, "&apos;", "'")

// onlyFive reports whether each & starts one of XML's own references.
func onlyFive(text string) bool {
	for {
		i := strings.IndexByte(text, '&')
		if i < 0 {
			return true
		}
		text = text[i:]
		end := strings.IndexByte(text, ';')
		if end < 0 || len(fiveReferences.Replace(text[:end+1])) != 1 {
			return false
		}
		text = text[end+1:]
	}
}

// attribute skips an attribute.
func (p *plainReader) attribute() bool {
	if p.xmlName() == "" || !p.skip("=") {
		return false
	}
	quote := p.next()
	if quote != '"' && quote != '\'' {
		return false
	}
	end := strings.IndexByte(p.doc[p.at+1:], quote)
	if end < 0 || strings.ContainsAny(p.doc[p.at+1:p.at+1+end], "<&") {
		return false
	}
	p.at += end + 2
	return true
}

// xmlName reads a name of ASCII letters with at most one prefix, "" for any other.
func (p *plainReader) xmlName() string {
	start, prefixes, begins := p.at, 0, true
	for ; p.at < len(p.doc); p.at++ {
		c := p.doc[p.at]
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_':
			begins = false
		case !begins && (c >= '0' && c <= '9' || c == '-' || c == '.'):
		case !begins && c == ':' && prefixes == 0:
			prefixes, begins = 1, true
		case c >= utf8.RuneSelf || begins:
			return ""
		default:
			return p.doc[start:p.at]
		}
	}
	return ""
}

// plainJSON reads one object; ok is false if it is not plain: it is not an object, or has an error.
func plainJSON(name string, raw []byte) (root Element, ok bool) {
	if len(raw) > plainLimit || !plainText(raw) {
		return Element{}, false
	}
	var open [plainOpen]Element
	p := plainReader{doc: string(raw), open: open[:0], size: min(bytes.Count(raw, []byte(":")), plainSlab)}
	p.blanks()
	if p.next() != '{' || !p.value(name, 0) {
		return Element{}, false
	}
	p.blanks()
	if p.at < len(p.doc) {
		return Element{}, false
	}
	return p.open[0], true
}

// value reads a value and appends it to the open elements under a name: null not at all, a list once for each
// of its values.
func (p *plainReader) value(name string, depth int) bool {
	if depth > MaxDepth {
		return false
	}
	e := Element{Name: name}
	switch c := p.next(); {
	case c == '{':
		first := len(p.open)
		if !p.values('}', "", depth+1) {
			return false
		}
		e.Children = p.take(first)
	case c == '[':
		return p.values(']', name, depth+1)
	case c == '"':
		text, ok := p.jsonString()
		if !ok {
			return false
		}
		e.Text = strings.Clone(strings.TrimSpace(text))
	case c == '-' || c >= '0' && c <= '9':
		if e.Text, e.kind = p.number(), numberLeaf; e.Text == "" {
			return false
		}
	case p.skip("true"):
		e.Text, e.kind = "true", booleanLeaf
	case p.skip("false"):
		e.Text, e.kind = "false", booleanLeaf
	default:
		return p.skip("null")
	}
	p.open = append(p.open, e)
	return true
}

// values reads what is between two brackets, separated by commas: the values of an object under their keys,
// those of a list under one name.
func (p *plainReader) values(end byte, name string, depth int) bool {
	p.at++
	p.blanks()
	if p.next() == end {
		p.at++
		return true
	}
	for {
		if end == '}' {
			key, ok := p.jsonString()
			p.blanks()
			if !ok || !p.skip(":") {
				return false
			}
			p.blanks()
			name = local(key)
		}
		if !p.value(name, depth) {
			return false
		}
		p.blanks()
		switch p.next() {
		case end:
			p.at++
			return true
		case ',':
			p.at++
			p.blanks()
		default:
			return false
		}
	}
}

// jsonString reads a string.
func (p *plainReader) jsonString() (text string, ok bool) {
	if !p.skip(`"`) {
		return "", false
	}
	start, escapes := p.at, false
	for ; p.at < len(p.doc) && p.doc[p.at] != '"'; p.at++ {
		switch p.doc[p.at] {
		case '\\':
			escapes = true
			p.at++
		case '\t', '\n', '\r':
			return "", false
		}
	}
	if p.at >= len(p.doc) {
		return "", false
	}
	text = p.doc[start:p.at]
	p.at++
	if escapes {
		var plain string
		err := json.Unmarshal([]byte(`"`+text+`"`), &plain)
		return plain, err == nil
	}
	return text, true
}

// PlainEvent reads a hub's whole record of an event as ASP.NET Core writes it; ok is false for any other.
func PlainEvent(record []byte) (m Message, ok bool) {
	rest, ok := bytes.CutPrefix(record, []byte(`{"type":1,"target":"`))
	if !ok {
		return Message{}, false
	}
	target, rest, found := bytes.Cut(rest, []byte(`","arguments":[`))
	content, whole := bytes.CutSuffix(rest, []byte("]}"))
	if !found || !whole || len(target) == 0 || bytes.ContainsFunc(target, func(r rune) bool { return r|0x20 < 'a' || r|0x20 > 'z' }) {
		return Message{}, false
	}
	root, ok := plainJSON(eventName(string(target)), content)
	if !ok {
		return Message{}, false
	}
	return NewMessage(root), true
}

// number reads a number in its own spelling, "" if there is none.
func (p *plainReader) number() string {
	start := p.at
	p.skip("-")
	whole := p.at
	if p.digits() == 0 || p.doc[whole] == '0' && p.at > whole+1 {
		return ""
	}
	if p.skip(".") && p.digits() == 0 {
		return ""
	}
	if p.skip("e") || p.skip("E") {
		if !p.skip("+") {
			p.skip("-")
		}
		if p.digits() == 0 {
			return ""
		}
	}
	return strings.Clone(p.doc[start:p.at])
}

func (p *plainReader) digits() (n int) {
	for p.at < len(p.doc) && p.doc[p.at] >= '0' && p.doc[p.at] <= '9' {
		p.at++
		n++
	}
	return n
}
