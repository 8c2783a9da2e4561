package pbxsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// encodeJSON writes a message as ASP.NET Core would write the vendor's classes: in camelCase, with unset
// members as null.
func encodeJSON(e *element, b *Behaviour) []byte {
	var w bytes.Buffer
	writeJSON(&w, e, b)
	return w.Bytes()
}

func writeJSON(w *bytes.Buffer, e *element, b *Behaviour) {
	switch e.kind {
	case kindAbsent:
		w.WriteString("null")
	case kindNumber, kindFlag:
		w.WriteString(e.text)
	case kindText:
		writeJSONString(w, e.text)
	case kindList, kindSeries:
		w.WriteByte('[')
		for i, item := range e.kids {
			if i > 0 {
				w.WriteByte(',')
			}
			writeJSON(w, item, b)
		}
		w.WriteByte(']')
	case kindTree:
		w.WriteByte('{')
		first := true
		for _, k := range e.kids {
			if k.kind == kindAbsent && b.NoNulls {
				continue
			}
			if !first {
				w.WriteByte(',')
			}
			first = false
			writeJSONString(w, b.spell(jsonName(k.name)))
			w.WriteByte(':')
			writeJSON(w, k, b)
		}
		w.WriteByte('}')
	}
}

func writeJSONString(w *bytes.Buffer, s string) {
	quoted, err := json.Marshal(s)
	if err != nil { // marshalling a string cannot fail; invalid UTF-8 is replaced
		quoted = []byte(`""`)
	}
	w.Write(quoted)
}

// jsonName is the member name of an element: callID is callId, QueueName is queueName.
func jsonName(name string) string {
	if s, ok := strings.CutSuffix(name, "ID"); ok {
		name = s + "Id"
	}
	return strings.ToLower(name[:1]) + name[1:]
}

// decodeJSON reads a JSON value as a tree, under the given name. Member names are kept as received (element.get
// ignores case); numbers and booleans become their text, null an absent element.
func decodeJSON(name string, value []byte) (*element, error) {
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	e, err := readJSON(d, name, 0)
	if err != nil {
		return nil, errors.New("not well-formed JSON") // the cause could quote a password
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return e, nil
}

func readJSON(d *json.Decoder, name string, depth int) (*element, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("values nested more than %d deep", maxDepth)
	}
	tok, err := d.Token()
	if err != nil {
		return nil, err
	}
	e := &element{name: name}
	switch t := tok.(type) {
	case nil:
		e.kind = kindAbsent
	case bool, json.Number, string:
		e.text = fmt.Sprint(t)
	case json.Delim:
		e.kind = kindTree
		if t == '[' {
			e.kind = kindList
		}
		for d.More() {
			key := name
			if t == '{' {
				k, err := d.Token()
				if err != nil {
					return nil, err
				}
				key, _ = k.(string)
			}
			kid, err := readJSON(d, key, depth+1)
			if err != nil {
				return nil, err
			}
			e.kids = append(e.kids, kid)
		}
		if _, err := d.Token(); err != nil {
			return nil, err
		}
	}
	return e, nil
}
