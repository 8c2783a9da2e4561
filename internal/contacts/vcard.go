package contacts

import (
	"encoding/base64"
	"errors"
	"io"
	"mime/quotedprintable"
	"slices"
	"strings"

	"github.com/emersion/go-vcard"
	"golang.org/x/text/encoding/htmlindex"
)

// ErrNoCards: the file contains no cards.
var ErrNoCards = errors.New("contacts: there are no cards in the file")

// maxCard is more than the length of any card without its pictures.
const maxCard = 256 << 10

// ReadVCards reads the cards in a file: versions 2.1, 3.0 and 4.0, in any encoding. A card that cannot be
// parsed does not affect the others. The error is ErrNoCards, or about the file.
func ReadVCards(data []byte) (list []Contact, report Report, err error) {
	if len(data) > maxFile {
		return nil, report, errTooLarge
	}
	text, encoding := decoded(data)
	list, version := report.takeCards(nil, text, encoding)
	if version == "" {
		return nil, report, ErrNoCards
	}
	report.Format = "vCard " + version + ", " + encoding
	return list, report, nil
}

// takeCards adds the contacts in a text's cards to a list, and returns it with the cards' version: "" if there
// is no card.
func (r *Report) takeCards(list []Contact, text, encoding string) (_ []Contact, version string) {
	found, depth := false, 0
	var card strings.Builder
	for line := range logicalLines(text) {
		name, params, value := property(line)
		switch {
		case name == "BEGIN" && strings.EqualFold(strings.TrimSpace(value), "vcard"):
			if depth++; depth == 1 {
				found = true
				card.Reset()
			}
			continue
		case name == "END" && strings.EqualFold(strings.TrimSpace(value), "vcard"):
			if depth--; depth == 0 {
				list = r.take21(list, card.String())
			}
			depth = max(depth, 0)
			continue
		case depth != 1 || pictures[name[strings.LastIndexByte(name, '.')+1:]]:
			continue // a nested card is an agent's
		case name == "VERSION":
			version = strings.TrimSpace(value)
			continue
		}
		if card.Len() < maxCard {
			card.WriteString(written30(name, params, value, encoding))
		}
	}
	if depth > 0 { // cut off
		list = r.take21(list, card.String())
	}
	if found && version == "" {
		version = "3.0"
	}
	return list, version
}

// pictures are properties that we do not use, and that are large.
var pictures = map[string]bool{"PHOTO": true, "LOGO": true, "SOUND": true, "KEY": true, "AGENT": true, "NOTE": true, "ADR": true, "LABEL": true, "X-ICON": true}

// logicalLines yields the unfolded lines of a file, including those of version 2.1 that quoted-printable folds
// in its own way. (RFC 2425 §5.8.1, RFC 2045 §6.7)
func logicalLines(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		var line strings.Builder
		soft := false
		flush := func() bool {
			s := line.String()
			line.Reset()
			return s == "" || yield(s)
		}
		for raw := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
			raw = strings.TrimSuffix(raw, "\r")
			switch {
			case soft:
				raw = strings.TrimPrefix(raw, " ")
			case strings.HasPrefix(raw, " "), strings.HasPrefix(raw, "\t"):
				raw = raw[1:]
			default:
				if !flush() {
					return
				}
			}
			head, _, _ := strings.Cut(line.String()+raw, ":")
			quoted := strings.Contains(strings.ToUpper(head), "QUOTED-PRINTABLE")
			if soft = quoted && strings.HasSuffix(raw, "="); soft {
				raw = strings.TrimSuffix(raw, "=")
			}
			if line.Len() < maxCard {
				line.WriteString(raw)
			}
		}
		flush()
	}
}

// property splits a line; the name is in upper case.
func property(line string) (name string, params []string, value string) {
	quoted := false
	for i := range len(line) {
		switch c := line[i]; {
		case c == '"':
			quoted = !quoted
		case c == ':' && !quoted:
			parts := strings.Split(line[:i], ";")
			return strings.ToUpper(strings.TrimSpace(parts[0])), parts[1:], line[i+1:]
		}
	}
	return "", nil, ""
}

// written30 formats a property as in version 3.0: parameters with names, the value unchanged.
func written30(name string, params []string, value, encoding string) string {
	if name == "" {
		return ""
	}
	var types []string
	charset, transfer := "", ""
	for _, p := range params {
		key, v, named := strings.Cut(p, "=")
		key = strings.ToUpper(strings.TrimSpace(key))
		v = strings.Trim(v, `" `)
		switch {
		case key == "CHARSET":
			charset = v
		case key == "ENCODING":
			transfer = strings.ToUpper(v)
		case !named && (key == "QUOTED-PRINTABLE" || key == "BASE64"):
			transfer = key
		case key == "TYPE":
			types = append(types, strings.Split(strings.ToLower(v), ",")...)
		case key == "PREF":
			types = append(types, "pref")
		case !named:
			types = append(types, strings.ToLower(key)) // 2.1: bare
		}
	}
	if transfer == "QUOTED-PRINTABLE" {
		if plain, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(value))); err == nil {
			value = inCharset(string(plain), charset)
		}
	} else if transfer == "BASE64" || transfer == "B" {
		if plain, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(value, " ", "")); err == nil {
			value = inCharset(string(plain), charset)
		}
	} else if charset != "" && encoding == "Windows-1252" {
		// the whole file was decoded as such
	}
	value = strings.NewReplacer("\r\n", `\n`, "\n", `\n`, "\r", "").Replace(value)
	if len(types) > 0 {
		name += ";TYPE=" + strings.Join(clean(types), ",")
	}
	return name + ":" + value + "\r\n"
}

// clean drops types that a parameter cannot contain.
func clean(types []string) []string {
	return slices.DeleteFunc(types, func(t string) bool { return t == "" || strings.ContainsAny(t, `:;",`) })
}

// inCharset decodes a text in the encoding that a card names; UTF-8 if it names none.
func inCharset(s, charset string) string {
	if charset == "" {
		s, _ = decoded([]byte(s))
		return s
	}
	e, err := htmlindex.Get(charset)
	if err != nil {
		return strings.ToValidUTF8(s, "�")
	}
	plain, err := e.NewDecoder().String(s)
	if err != nil {
		return strings.ToValidUTF8(s, "�")
	}
	return plain
}

// take21 parses one card, given its lines, and adds it to a list.
func (r *Report) take21(list []Contact, lines string) []Contact {
	card, err := vcard.NewDecoder(strings.NewReader("BEGIN:VCARD\r\nVERSION:3.0\r\n" + lines + "END:VCARD\r\n")).Decode()
	if err != nil {
		r.Read++
		r.drop(Unreadable)
		return list
	}
	if strings.EqualFold(card.Value("KIND"), "group") || strings.EqualFold(card.Value("X-ADDRESSBOOKSERVER-KIND"), "group") {
		r.Read++
		r.drop(IsGroup)
		return list
	}
	return r.take(list, r.ofCard(card))
}

// ofCard returns the contact that a card describes.
func (r *Report) ofCard(card vcard.Card) (c Contact) {
	c.Name = strings.TrimSpace(card.PreferredValue(vcard.FieldFormattedName))
	if c.Name == "" {
		if n := card.Name(); n != nil {
			c.Name = strings.Join(strings.Fields(strings.Join([]string{n.HonorificPrefix, n.GivenName, n.AdditionalName, n.FamilyName}, " ")), " ")
		}
	}
	c.Company, _, _ = strings.Cut(card.PreferredValue(vcard.FieldOrganization), ";")
	c.Company = strings.TrimSpace(c.Company)
	if c.Name == "" && c.Company == "" {
		c.Name = card.PreferredValue(vcard.FieldNickname)
	}
	if c.Name == c.Company {
		c.Name = ""
	}
	if c.Name == "" && c.Company == "" {
		c.Name = card.PreferredValue(vcard.FieldEmail)
	}
	labels := map[string]string{} // by group: item1.X-ABLabel
	for _, f := range card["X-ABLABEL"] {
		labels[f.Group] = strings.TrimSuffix(strings.TrimPrefix(f.Value, "_$!<"), ">!$_")
	}
	for _, f := range card[vcard.FieldTelephone] {
		types := strings.ToLower(strings.Join(f.Params[vcard.ParamType], ","))
		if strings.Contains(types, "fax") || strings.Contains(types, "pager") || strings.Contains(strings.ToLower(labels[f.Group]), "fax") {
			r.drop(Fax)
			continue
		}
		label := labelOf(types)
		if own := labels[f.Group]; own != "" && f.Group != "" {
			if label = labelOf(own); label == "" {
				label = own
			}
		}
		c.Numbers = append(c.Numbers, Number{Label: label, Number: plainNumber(f.Value)})
	}
	return c
}

// WriteVCards writes contacts as cards of version 3.0, which every program can read.
func WriteVCards(w io.Writer, list []Contact) error {
	enc := vcard.NewEncoder(w)
	for _, c := range list {
		card := vcard.Card{}
		card.SetValue(vcard.FieldVersion, "3.0")
		card.SetValue(vcard.FieldFormattedName, c.Shown())
		first, last := c.Name, ""
		if i := strings.LastIndexByte(c.Name, ' '); i > 0 {
			first, last = c.Name[:i], c.Name[i+1:]
		}
		card.SetName(&vcard.Name{GivenName: first, FamilyName: last})
		if c.Company != "" {
			card.SetValue(vcard.FieldOrganization, strings.ReplaceAll(c.Company, ";", ",")) // a semicolon would split it
		}
		for _, n := range c.Numbers {
			f := &vcard.Field{Value: n.Number, Params: vcard.Params{}}
			if kind := map[string]string{Mobile: "cell", Work: "work", Home: "home", Main: "pref"}[n.Label]; kind != "" {
				f.Params.Set(vcard.ParamType, kind)
			}
			card.Add(vcard.FieldTelephone, f)
		}
		if err := enc.Encode(card); err != nil {
			return err
		}
	}
	return nil
}
