package contacts

import (
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"

	"calltray/internal/foreign"
)

// ErrNoColumns: the table has no recognisable column of numbers, or none of names.
var ErrNoColumns = errors.New("contacts: there is no column of numbers and none of names")

// column is the content of a table column.
type column struct {
	kind  columnKind
	label string
}

type columnKind int

const (
	other columnKind = iota
	fullName
	firstName
	middleName
	lastName
	company
	number
	numberType // the label of the column to its right
	faxNumber
	note
)

// headings are the names of columns, case-folded and without punctuation, in exports from Outlook and Google
// and in tables that people make, in English and Danish.
var headings = map[string]columnKind{
	"name": fullName, "navn": fullName, "fuldenavn": fullName, "fuldtnavn": fullName, "fullname": fullName, "displayname": fullName, "visningsnavn": fullName,
	"vistnavn": fullName, "kontakt": fullName, "contact": fullName, "contactname": fullName, "kontaktperson": fullName, "kunde": fullName, "customer": fullName,
	"kundenavn": fullName, "fileas": fullName, "arkiversom": fullName,
	"firstname": firstName, "givenname": firstName, "fornavn": firstName, "forename": firstName,
	"middlename": middleName, "additionalname": middleName, "mellemnavn": middleName,
	"lastname": lastName, "familyname": lastName, "surname": lastName, "efternavn": lastName,
	"company": company, "companyname": company, "organization": company, "organizationname": company, "organization1name": company, "organisation": company,
	"organisation1navn": company, "organisationnavn": company, "organisationname": company, "organisationsnavn": company, "firma": company, "firmanavn": company, "virksomhed": company,
	"virksomhedsnavn": company, "account": company, "konto": company,
	"notes": note, "noter": note, "note": note,
}

var (
	numberHeading = regexp.MustCompile(`phone|telefon|telf|^tlf|mobil|^cell|^gsm|^nummer$|^number$|^nr$|^msisdn|^direkte|^direct|^lokal|^extension`)
	faxHeading    = regexp.MustCompile(`fax|telex|pager|personsog|callback|tilbagekald|isdn|tty|ttytdd`)
	typeHeading   = regexp.MustCompile(`^(phone|telefon|phonenumber)\d*(type|label|etiket)$`)
	valueHeading  = regexp.MustCompile(`^(phone|telefon)\d+(value|vaerdi|verdi)$`)
)

// columnOf returns what a column with a heading contains.
func columnOf(heading string) column {
	words := foreign.Fold(heading)
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, words)
	if kind, ok := foldedHeadings[plain]; ok {
		return column{kind: kind}
	}
	switch {
	case faxHeading.MatchString(plain):
		return column{kind: faxNumber}
	case typeHeading.MatchString(plain):
		return column{kind: numberType}
	case valueHeading.MatchString(plain), numberHeading.MatchString(plain):
		return column{number, labelOf(plain)}
	}
	return column{}
}

// foldedHeadings are the headings in the form that foreign.Fold returns.
var foldedHeadings = func() map[string]columnKind {
	m := map[string]columnKind{}
	for h, k := range headings {
		m[foreign.Fold(h)] = k
	}
	return m
}()

// labelOf returns the label that a word in a heading or a card stands for.
func labelOf(word string) string {
	word = foreign.Fold(word)
	has := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(word, p) })
	}
	switch {
	case has("mobil", "cell", "gsm", "iphone"):
		return Mobile
	case has("main", "hoved", "primary", "primer", "pref"):
		return Main
	case has("work", "business", "arbejd", "office", "kontor", "firma", "company", "job"):
		return Work
	case has("home", "hjem", "privat"):
		return Home
	}
	return ""
}

// headLines is how many lines are searched for column headings: there may be titles above them.
const headLines = 20

// ReadCSV reads a table in any encoding and with any delimiter, with a line of headings; without one, the
// columns are recognised by their contents, unless a layout is given. The error is ErrNoColumns,
// ErrOtherColumns, or about the file.
func ReadCSV(data []byte, layout *Layout) (list []Contact, report Report, err error) {
	in, report, err := openTable(data)
	if err != nil {
		return nil, report, err
	}
	var columns []column
	var before [][]string // lines before the columns are known
	settle := func() error {
		switch columns = guess(before); {
		case layout != nil:
			return ErrOtherColumns
		case columns == nil:
			return ErrNoColumns
		}
		for _, r := range before {
			list = report.take(list, contactOf(columns, r, &report))
		}
		return nil
	}
	for {
		record, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			report.drop(Unreadable)
			if report.Dropped[Unreadable] > 1000 {
				break
			}
			continue
		}
		if blank(record) {
			continue
		}
		if columns == nil && layout != nil && layout.Headings == nil {
			columns = layout.columns()
		}
		if columns != nil {
			list = report.take(list, contactOf(columns, record, &report))
			continue
		}
		if layout != nil {
			columns = layout.under(record)
		} else if found := columnsOf(record); usable(found) {
			columns = found
		}
		if columns != nil {
			before = nil // the lines above are titles
			continue
		}
		if before = append(before, slices.Clone(record)); len(before) >= headLines {
			if err := settle(); err != nil {
				return nil, report, err
			}
		}
	}
	if columns == nil {
		if err := settle(); err != nil {
			return nil, report, err
		}
	}
	return list, report, nil
}

// openTable detects the format of a table.
func openTable(data []byte) (*csv.Reader, Report, error) {
	if len(data) > maxFile {
		return nil, Report{}, errTooLarge
	}
	text, encoding := decoded(data)
	delimiter := rune(0)
	if first, rest, ok := strings.Cut(text, "\n"); ok && strings.HasPrefix(strings.ToLower(first), "sep=") && len(strings.TrimSpace(first)) == 5 {
		delimiter, text = rune(strings.TrimSpace(first)[4]), rest // as written by Excel
	}
	if delimiter == 0 {
		delimiter = sniff(text)
	}
	in := csv.NewReader(strings.NewReader(strings.ReplaceAll(text, "\r\n", "\n")))
	in.Comma, in.FieldsPerRecord, in.LazyQuotes, in.ReuseRecord = delimiter, -1, true, true
	return in, Report{Format: "CSV, " + encoding + ", " + map[rune]string{',': "comma", ';': "semicolon", '\t': "tab", '|': "bar"}[delimiter]}, nil
}

func blank(record []string) bool {
	return !slices.ContainsFunc(record, func(s string) bool { return strings.TrimSpace(s) != "" })
}

func columnsOf(record []string) (columns []column) {
	for _, heading := range record {
		columns = append(columns, columnOf(heading))
	}
	return columns
}

// usable reports whether there are columns of numbers and of names.
func usable(columns []column) bool {
	has := func(kinds ...columnKind) bool {
		return slices.ContainsFunc(columns, func(c column) bool { return slices.Contains(kinds, c.kind) })
	}
	return has(number) && has(fullName, firstName, lastName, company)
}

// guess recognises the columns of a table without headings: those with numbers, and the first ones with words.
func guess(records [][]string) []column {
	if len(records) == 0 {
		return nil
	}
	width := 0
	for _, r := range records {
		width = max(width, len(r))
	}
	columns, words := make([]column, width), 0
	for i := range columns {
		numbers, texts := 0, 0
		for _, r := range records {
			if i >= len(r) || strings.TrimSpace(r[i]) == "" {
				continue
			}
			if n := len(digitsOf(r[i])); n >= 3 && n <= 15 {
				numbers++
			} else if strings.ContainsFunc(r[i], func(r rune) bool { return r > 0x7f || r >= 'A' && r <= 'z' }) && !strings.Contains(r[i], "@") {
				texts++
			}
		}
		switch {
		case numbers > 0 && numbers >= texts:
			columns[i].kind = number
		case texts > 0:
			if columns[i].kind = []columnKind{fullName, company, other}[min(words, 2)]; words < 2 {
				words++
			}
		}
	}
	if !usable(columns) {
		return nil
	}
	return columns
}

// sniff detects the delimiter: the most frequent candidate in the first lines, outside quotes.
func sniff(text string) rune {
	counts, quoted, lines := map[rune]int{}, false, 0
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '\n':
			if lines++; lines == 5 {
				return most(counts)
			}
		case strings.ContainsRune(",;\t|", r):
			counts[r]++
		}
	}
	return most(counts)
}

func most(counts map[rune]int) rune {
	best := ','
	for _, r := range ",;\t|" {
		if counts[r] > counts[best] {
			best = r
		}
	}
	return best
}

// contactOf returns the contact in a line of a table.
func contactOf(columns []column, record []string, report *Report) (c Contact) {
	var first, middle, last, label string
	for i, field := range record {
		if i >= len(columns) {
			break
		}
		field = strings.TrimSpace(strings.TrimPrefix(field, "'")) // which makes Excel treat a number as text
		switch col := columns[i]; col.kind {
		case fullName:
			if c.Name == "" {
				c.Name = field
			}
		case firstName:
			first = field
		case middleName:
			middle = field
		case lastName:
			last = field
		case company:
			if c.Company == "" {
				c.Company = field
			}
		case note:
			c.Note = field
		case numberType:
			label = field
		case faxNumber:
			if field != "" {
				report.drop(Fax)
			}
		case number:
			if strings.Contains(foreign.Fold(label), "fax") && field != "" {
				report.drop(Fax)
			} else {
				for part := range strings.SplitSeq(field, ":::") { // Google's separator of several values
					known := labelOf(label)
					if known == "" {
						known = label
					}
					if known == "" || known == "*" {
						known = col.label
					}
					c.Numbers = append(c.Numbers, Number{Label: known, Number: plainNumber(part)})
				}
			}
			label = ""
		}
	}
	if parts := strings.Join(strings.Fields(first+" "+middle+" "+last), " "); parts != "" {
		c.Name = parts
	}
	return c
}

var extensionBehind = regexp.MustCompile(`(?i)\s*(,+|;|ext\.?|lok\.?|lokal|x)\s*\d+$`)

// plainNumber returns a number without what surrounds it in tables and cards: a scheme, an extension, a
// formula.
func plainNumber(s string) string {
	s = strings.Trim(strings.TrimSpace(s), `="`)
	if scheme, rest, ok := strings.Cut(s, ":"); ok && (strings.EqualFold(scheme, "tel") || strings.EqualFold(scheme, "callto")) {
		s, _, _ = strings.Cut(rest, ";")
	}
	if short := extensionBehind.ReplaceAllString(s, ""); len(digitsOf(short)) >= minEnding {
		s = short
	}
	return strings.TrimSpace(s)
}
