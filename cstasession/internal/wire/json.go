package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// DecodeJSON reads the JSON object of one message as the children of an element with the given name. null means
// absent, an array is its element repeated (as in XML), numbers and booleans keep their spelling.
func DecodeJSON(name string, raw []byte) (Element, error) {
	if root, ok := plainJSON(name, raw); ok {
		return root, nil
	}
	return decodeAnyJSON(name, raw)
}

func decodeAnyJSON(name string, raw []byte) (Element, error) {
	d := json.NewDecoder(bytes.NewReader(bytes.ToValidUTF8(raw, []byte("\uFFFD"))))
	d.UseNumber()
	root := Element{Name: name}
	if err := readJSON(d, &root, name, 0); err != nil {
		return Element{}, err
	}
	if _, err := d.Token(); err != io.EOF {
		return Element{}, errors.New("the message goes on after its end")
	}
	if len(root.Children) == 1 && root.Children[0].Name == name {
		return root.Children[0], nil
	}
	if len(root.Children) == 0 {
		return Element{Name: name}, nil // null
	}
	return Element{}, errors.New("the message is a list")
}

// readJSON appends the next value to parent under that name.
func readJSON(d *json.Decoder, parent *Element, name string, depth int) error {
	if depth > MaxDepth {
		return fmt.Errorf("the message nests deeper than %d levels", MaxDepth)
	}
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch token := token.(type) {
	case nil:
	case string:
		parent.Children = append(parent.Children, Leaf(name, strings.TrimSpace(token)))
	case json.Number:
		parent.Children = append(parent.Children, Element{Name: name, Text: token.String(), kind: numberLeaf})
	case bool:
		parent.Children = append(parent.Children, Element{Name: name, Text: fmt.Sprint(token), kind: booleanLeaf})
	case json.Delim:
		if token == '[' {
			for d.More() {
				if err := readJSON(d, parent, name, depth+1); err != nil {
					return err
				}
			}
		} else {
			object := Element{Name: name}
			for d.More() {
				key, err := d.Token()
				if err != nil {
					return err
				}
				if err := readJSON(d, &object, local(key.(string)), depth+1); err != nil {
					return err
				}
			}
			parent.Children = append(parent.Children, object)
		}
		_, err = d.Token() // the closing bracket
		return err
	}
	return nil
}

// JsonObject returns the value to pass to the hub's method for an element's children. Keys are spelled as in
// the vendor's samples: callId for callID, vendorData:userID unchanged.
func JsonObject(e Element) any {
	switch {
	case len(e.Children) > 0:
		object := make(map[string]any, len(e.Children))
		for _, kid := range e.Children {
			object[JSONKey(kid.Name)] = JsonObject(kid)
		}
		return object
	case e.kind == numberLeaf:
		return json.Number(e.Text)
	case e.kind == booleanLeaf:
		return e.Text == "true"
	default:
		return e.Text
	}
}

// JSONKey is how the vendor spells a name in JSON.
func JSONKey(name string) string {
	if strings.Contains(name, ":") {
		return name
	}
	if stem, found := strings.CutSuffix(name, "ID"); found {
		return stem + "Id"
	}
	return name
}
