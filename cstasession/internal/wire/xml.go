package wire

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// DecodeXML reads one ECMA-323 document, of any version of XML. Bytes that XML does not allow, whether outside
// the document's encoding or control characters, are replaced or dropped: they must not cost a call.
func DecodeXML(frame []byte) (Element, error) {
	if root, ok := plainXML(frame); ok {
		return root, nil
	}
	return decodeAnyXML(frame)
}

func decodeAnyXML(frame []byte) (Element, error) {
	if LooksUTF16(frame) {
		return Element{}, errors.New("the document is encoded in UTF-16, not in UTF-8")
	}
	d := xml.NewDecoder(bytes.NewReader(legalXML(toUTF8(frame))))
	d.Strict = false // an unescaped ampersand is taken as an ampersand
	d.Entity = xml.HTMLEntity
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	root := Element{}
	open := []*Element{&root}
	var texts [MaxDepth + 1][]byte // of the open elements: a text may arrive in many pieces
	for {
		token, err := d.RawToken() // Token would close what the document leaves open, and so accept half an event
		if err == io.EOF {
			break
		}
		if err != nil {
			return Element{}, err
		}
		top := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			if len(open) > MaxDepth {
				return Element{}, fmt.Errorf("the document nests deeper than %d elements", MaxDepth)
			}
			top.Children = append(top.Children, Element{Name: local(token.Name.Local)})
			texts[len(open)] = texts[len(open)][:0]
			open = append(open, &top.Children[len(top.Children)-1])
		case xml.EndElement:
			if top.Name != local(token.Name.Local) || len(open) == 1 {
				return Element{}, errors.New("the document closes an element that is not open")
			}
			open = open[:len(open)-1]
			top.Text = string(bytes.TrimSpace(texts[len(open)]))
			if len(open) == 1 {
				return root.Children[0], nil // anything after the root is ignored
			}
		case xml.CharData:
			if len(open) > 1 {
				texts[len(open)-1] = append(texts[len(open)-1], token...)
			}
		}
	}
	if len(root.Children) == 0 {
		return Element{}, errors.New("the document has no root element")
	}
	return Element{}, errors.New("the document ends before its root element does")
}

// MaxDepth bounds the nesting of a message: the standard's deepest needs nine.
const MaxDepth = 64

// LooksUTF16 checks for the byte order mark. Other UTF-16 has a NUL in every other byte, and is cut to pieces
// by the framing long before it gets here.
func LooksUTF16(b []byte) bool {
	return bytes.HasPrefix(b, []byte{0xff, 0xfe}) || bytes.HasPrefix(b, []byte{0xfe, 0xff})
}

// legalXML replaces what XML 1.0 does not allow: invalid UTF-8 by U+FFFD, control characters and references to
// them by nothing. It returns b itself if there is nothing to replace, as is nearly always the case.
func legalXML(b []byte) []byte {
	clean := true
	for i := 0; i < len(b); i++ {
		if c := b[i]; c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
			clean = false
			break
		}
	}
	hasRef := bytes.Contains(b, []byte("&#"))
	if clean && !hasRef && utf8.Valid(b) {
		return b
	}
	b = bytes.ToValidUTF8(b, []byte("\uFFFD"))
	b = bytes.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, b)
	if hasRef {
		b = dropIllegalReferences(b)
	}
	return b
}

// dropIllegalReferences removes character references such as &#1; and &#x0; to characters that XML does not
// allow.
func dropIllegalReferences(b []byte) []byte {
	var out []byte
	for {
		i := bytes.Index(b, []byte("&#"))
		if i < 0 {
			return append(out, b...)
		}
		end := bytes.IndexByte(b[i:min(len(b), i+12)], ';')
		if end < 0 {
			out, b = append(out, b[:i+2]...), b[i+2:]
			continue
		}
		ref := string(b[i+2 : i+end])
		var code int64
		format := "%d"
		if ref != "" && (ref[0] == 'x' || ref[0] == 'X') {
			ref, format = ref[1:], "%x"
		}
		_, err := fmt.Sscanf(ref, format, &code)
		legal := err == nil && (code >= 0x20 && code <= 0xd7ff || code == '\t' || code == '\n' || code == '\r' ||
			code >= 0xe000 && code <= 0xfffd || code >= 0x10000 && code <= 0x10ffff)
		out = append(out, b[:i]...)
		if legal {
			out = append(out, b[i:i+end+1]...)
		}
		b = b[i+end+1:]
	}
}

// EncodeXML writes a request as one document, with no XML declaration and no namespace, as in most of the
// vendor's request pages.
func EncodeXML(e Element) []byte {
	var b bytes.Buffer
	writeXML(&b, e)
	return b.Bytes()
}

func writeXML(b *bytes.Buffer, e Element) {
	b.WriteString("<" + e.Name + ">")
	if len(e.Children) == 0 {
		writeText(b, e.Text)
	}
	for _, kid := range e.Children {
		writeXML(b, kid)
	}
	b.WriteString("</" + e.Name + ">")
}

// writeText escapes character data; what XML cannot represent becomes U+FFFD. Writing to a buffer does not
// fail.
func writeText(b *bytes.Buffer, text string) { _ = xml.EscapeText(b, []byte(text)) }

// vendorNamespace is what the vendorData prefix is bound to for a server that requires a binding. The vendor
// publishes no name for it (inferred).
const vendorNamespace = "http://www.uni-tel.dk/vendorData"

// LoginXML writes StartApplicationSession as on the vendor's page of that name, including its white space, but
// with the page's errors corrected: the password element is closed, and no declaration calls these bytes
// utf-16. As there, the prefix is not declared unless declare is set.
func LoginXML(e Element, declare bool) []byte {
	var b bytes.Buffer
	var write func(e Element, indent string)
	write = func(e Element, indent string) {
		b.WriteString(indent + "<" + e.Name)
		if declare && e.Name == "applicationSpecificInfo" {
			b.WriteString(` xmlns:vendorData="` + vendorNamespace + `"`)
		}
		b.WriteString(">")
		if len(e.Children) == 0 {
			writeText(&b, e.Text)
		} else {
			for _, kid := range e.Children {
				b.WriteString("\n")
				write(kid, indent+"  ")
			}
			b.WriteString("\n" + indent)
		}
		b.WriteString("</" + e.Name + ">")
	}
	write(e, "")
	return b.Bytes()
}
