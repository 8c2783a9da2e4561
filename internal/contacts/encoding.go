package contacts

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// errTooLarge: no address book is as large as the file.
var errTooLarge = errors.New("contacts: the file is too large")

// decoded returns the text of a file and its encoding: UTF-8 or UTF-16, with or without a byte order mark, or
// else Windows-1252.
func decoded(data []byte) (text, name string) {
	var e encoding.Encoding
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return string(bytes.ToValidUTF8(data[3:], []byte("�"))), "UTF-8"
	case bytes.HasPrefix(data, []byte("\xff\xfe")), zeros(data, 1):
		e, name = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "UTF-16"
		if !bytes.HasPrefix(data, []byte("\xff\xfe")) {
			e = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
		}
	case bytes.HasPrefix(data, []byte("\xfe\xff")), zeros(data, 0):
		e, name = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "UTF-16"
		data = bytes.TrimPrefix(data, []byte("\xfe\xff"))
	case utf8.Valid(data):
		return string(data), "UTF-8"
	default:
		e, name = charmap.Windows1252, "Windows-1252"
	}
	out, err := e.NewDecoder().Bytes(data)
	if err != nil {
		return string(bytes.ToValidUTF8(data, []byte("�"))), "UTF-8"
	}
	return string(out), name
}

// zeros reports whether every second byte at the beginning is zero, as in UTF-16 without a byte order mark.
func zeros(data []byte, at int) bool {
	head := data[:min(len(data), 64)&^1]
	if len(head) < 8 {
		return false
	}
	n := 0
	for i := at; i < len(head); i += 2 {
		if head[i] == 0 {
			n++
		}
	}
	return n >= len(head)/2-len(head)/8
}
