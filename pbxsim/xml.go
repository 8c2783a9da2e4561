package pbxsim

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// namespace is what the vendor writes: no edition of ECMA-323 has this name.
const namespace = "http://www.ecma.ch/standards/ecma-323/csta/ed6"

const (
	maxFrame = 1 << 20 // bytes of one request; documented requests are far smaller
	maxDepth = 64      // nested elements
)

var errFrameTooLarge = fmt.Errorf("a document of more than %d bytes", maxFrame)

// readFrame returns the next document of a TCP stream without its NUL. White space alone is skipped.
// (vendor: one UTF-8 document and one NUL, both ways)
func readFrame(r *bufio.Reader) ([]byte, error) {
	var frame []byte
	for {
		part, err := r.ReadSlice(0)
		if len(frame)+len(part) > maxFrame {
			return nil, errFrameTooLarge
		}
		frame = append(frame, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(bytes.TrimSpace(frame)) > 0:
			return nil, io.ErrUnexpectedEOF
		case err != nil:
			return nil, err
		}
		if frame = bytes.TrimSpace(frame[:len(frame)-1]); len(frame) > 0 {
			return frame, nil
		}
	}
}

// decodeXML reads a document as a tree of local names. Namespaces are ignored, so that the vendor's undeclared
// vendorData prefix is as good as a declared one. The result is never nil without an error; errors do not quote
// the content, which may be a password.
func decodeXML(doc []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(bytes.ToValidUTF8(doc, []byte("\uFFFD"))))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // "utf-16" on UTF-8 bytes
	var stack []*element
	var root *element
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) && root != nil && len(stack) == 0 {
			return root, nil
		}
		if err != nil {
			line, col := d.InputPos()
			return nil, fmt.Errorf("not well-formed XML at line %d, column %d", line, col)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			e := &element{name: t.Name.Local}
			switch {
			case len(stack) > 0:
				up := stack[len(stack)-1]
				up.kids, up.kind = append(up.kids, e), kindTree
			case root == nil:
				root = e
			default:
				return nil, errors.New("more than one root element")
			}
			if len(stack) >= maxDepth {
				return nil, fmt.Errorf("elements nested more than %d deep", maxDepth)
			}
			stack = append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) > 0 {
				stack[len(stack)-1].text += string(t)
			}
		}
	}
}

// encodeXML writes a message as the vendor does; b selects its habits.
func encodeXML(e *element, b *Behaviour) []byte {
	var w bytes.Buffer
	if b.Prolog {
		w.WriteString(`<?xml version="1.0" encoding="utf-16"?>`)
	}
	attr := ""
	if !e.bare && !b.NoNamespace {
		attr = ` xmlns="` + namespace + `"`
	}
	writeXML(&w, e, attr, b)
	return w.Bytes()
}

func writeXML(w *bytes.Buffer, e *element, attr string, b *Behaviour) {
	name := b.spell(e.name)
	switch e.kind {
	case kindAbsent:
		return
	case kindSeries:
		for _, item := range e.kids {
			writeXML(w, &element{name: e.name, kids: item.kids, kind: kindTree}, "", b)
		}
		if len(e.kids) == 0 {
			fmt.Fprintf(w, "<%s />", name)
		}
		return
	}
	if e.text == "" && !slices.ContainsFunc(e.kids, func(k *element) bool { return k.kind != kindAbsent }) {
		fmt.Fprintf(w, "<%s%s />", name, attr)
		return
	}
	fmt.Fprintf(w, "<%s%s>", name, attr)
	if e.text != "" {
		_ = xml.EscapeText(w, []byte(e.text)) // a bytes.Buffer does not fail
	}
	for _, k := range e.kids {
		writeXML(w, k, "", b)
	}
	fmt.Fprintf(w, "</%s>", name)
}

// spell returns an element's name in the case that the behaviour wants.
func (b *Behaviour) spell(name string) string {
	switch b.Case {
	case "lower":
		return strings.ToLower(name)
	case "upper":
		return strings.ToUpper(name)
	}
	return name
}
