package cstasession

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// decodeJSON reads the JSON object of one message as the children of an element of the given name.
// null is absence, an array is its element repeated (as XML has it), numbers and booleans keep their
// spelling.
func decodeJSON(name string, raw []byte) (element, error) {
	d := json.NewDecoder(bytes.NewReader(bytes.ToValidUTF8(raw, []byte("\uFFFD"))))
	d.UseNumber()
	root := element{name: name}
	if err := readJSON(d, &root, name, 0); err != nil {
		return element{}, err
	}
	if _, err := d.Token(); err != io.EOF {
		return element{}, errors.New("the message goes on after its end")
	}
	if len(root.children) == 1 && root.children[0].name == name {
		return root.children[0], nil
	}
	if len(root.children) == 0 {
		return element{name: name}, nil // null
	}
	return element{}, errors.New("the message is a list")
}

// readJSON appends the value that comes next to parent, under that name.
func readJSON(d *json.Decoder, parent *element, name string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("the message nests deeper than %d levels", maxDepth)
	}
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch token := token.(type) {
	case nil:
	case string:
		parent.children = append(parent.children, leaf(name, strings.TrimSpace(token)))
	case json.Number:
		parent.children = append(parent.children, element{name: name, text: token.String(), kind: numberLeaf})
	case bool:
		parent.children = append(parent.children, element{name: name, text: fmt.Sprint(token), kind: booleanLeaf})
	case json.Delim:
		if token == '[' {
			for d.More() {
				if err := readJSON(d, parent, name, depth+1); err != nil {
					return err
				}
			}
		} else {
			object := element{name: name}
			for d.More() {
				key, err := d.Token()
				if err != nil {
					return err
				}
				if err := readJSON(d, &object, local(key.(string)), depth+1); err != nil {
					return err
				}
			}
			parent.children = append(parent.children, object)
		}
		_, err = d.Token() // the closing bracket
		return err
	}
	return nil
}

// jsonObject is the value that the hub's method gets for an element's children. Keys are spelled as
// the vendor's samples have them: callId for callID, vendorData:userID as it stands.
func jsonObject(e element) any {
	switch {
	case len(e.children) > 0:
		object := make(map[string]any, len(e.children))
		for _, kid := range e.children {
			object[jsonKey(kid.name)] = jsonObject(kid)
		}
		return object
	case e.kind == numberLeaf:
		return json.Number(e.text)
	case e.kind == booleanLeaf:
		return e.text == "true"
	default:
		return e.text
	}
}

func jsonKey(name string) string {
	if strings.Contains(name, ":") {
		return name
	}
	if stem, found := strings.CutSuffix(name, "ID"); found {
		return stem + "Id"
	}
	return name
}
