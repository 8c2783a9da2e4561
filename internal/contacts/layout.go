package contacts

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
)

// ErrOtherColumns: the table does not have the columns that the user chose.
var ErrOtherColumns = errors.New("contacts: the table has other columns than those that were chosen")

// Column is the content of a table column, as chosen by the user.
type Column string

// The columns.
const (
	Unused        Column = ""
	NameColumn    Column = "name"
	FirstColumn   Column = "first name"
	MiddleColumn  Column = "middle name"
	LastColumn    Column = "last name"
	CompanyColumn Column = "company"
	NumberColumn  Column = "number"
	MobileColumn  Column = "mobile"
	WorkColumn    Column = "work"
	HomeColumn    Column = "home"
	MainColumn    Column = "main"
	LabelColumn   Column = "label" // of the number in the column to its right
	NoteColumn    Column = "note"
)

// meanings maps them for the reader of a table. Fax numbers are not used.
var meanings = map[Column]column{
	Unused: {}, NameColumn: {kind: fullName}, FirstColumn: {kind: firstName}, MiddleColumn: {kind: middleName}, LastColumn: {kind: lastName},
	CompanyColumn: {kind: company}, NumberColumn: {kind: number}, MobileColumn: {number, Mobile}, WorkColumn: {number, Work},
	HomeColumn: {number, Home}, MainColumn: {number, Main}, LabelColumn: {kind: numberType}, NoteColumn: {kind: note},
}

// Layout is the contents of a table's columns.
type Layout struct {
	// Headings are the names of the columns, which identify them wherever they are; nil for a table without
	// headings, whose columns are identified by position.
	Headings []string `json:"headings,omitempty"`
	Columns  []Column `json:"columns"`
}

// Usable reports whether there are columns of numbers and of names.
func (l Layout) Usable() bool { return usable(l.columns()) }

func (l Layout) columns() []column {
	list := make([]column, len(l.Columns))
	for i, c := range l.Columns {
		list[i] = meanings[c]
	}
	return list
}

// under returns the columns' contents under a line of headings; nil if it is another line. A column that was
// not there when the user chose is not used.
func (l Layout) under(record []string) []column {
	left := make([]string, len(l.Headings))
	for i, h := range l.Headings {
		left[i] = strings.TrimSpace(h)
	}
	found, columns, met := make([]column, len(record)), l.columns(), make([]bool, len(left))
	for place, heading := range record {
		heading = strings.TrimSpace(heading)
		for i := range min(len(left), len(columns)) {
			if !met[i] && left[i] == heading {
				met[i], found[place] = true, columns[i]
				break
			}
		}
	}
	for i, c := range columns {
		if c.kind != other && (i >= len(met) || !met[i]) {
			return nil
		}
	}
	return found
}

// kept returns the stored form of the layout; "" for none.
func (l *Layout) kept() string {
	if l == nil {
		return ""
	}
	data, err := json.Marshal(l)
	if err != nil {
		return ""
	}
	return string(data)
}

// readLayout parses the result of kept.
func readLayout(kept string) *Layout {
	var l Layout
	if kept == "" || json.Unmarshal([]byte(kept), &l) != nil {
		return nil
	}
	return &l
}

// Table is the beginning of a table, with the recognised contents of its columns.
type Table struct {
	Layout
	Rows [][]string // below the headings

	lines [][]string
}

// mostColumns is how many columns of a table the user can choose from.
const mostColumns = 200

// WithHeadings returns the table with its first line as headings, or as a contact.
func (t Table) WithHeadings(on bool) Table {
	if on == (t.Headings != nil) || len(t.lines) == 0 {
		return t
	}
	if t.Headings, t.Rows = nil, t.lines; on {
		t.Headings, t.Rows = t.lines[0], t.lines[1:]
	}
	return t
}

// choose applies the user's earlier choice.
func (t *Table) choose(l Layout) {
	had := slices.Clone(l.Headings)
	for i := range t.Columns {
		at := i
		if t.Headings != nil {
			if at = -1; i < len(t.Headings) {
				at = slices.Index(had, t.Headings[i])
			}
		}
		t.Columns[i] = Unused
		if at >= 0 && at < len(l.Columns) {
			t.Columns[i] = l.Columns[at]
			if at < len(had) {
				had[at] = "\n" // no other column has that name
			}
		}
	}
}

// ReadTable reads the beginning of a table. A column that is not recognised is Unused. The error is about the
// file.
func ReadTable(data []byte) (Table, error) {
	in, _, err := openTable(data)
	if err != nil {
		return Table{}, err
	}
	var t Table
	var columns []column
	for wrong := 0; len(t.lines) < headLines && wrong < headLines; {
		record, err := in.Read()
		if err != nil {
			if wrong++; err == io.EOF {
				break
			}
			continue
		}
		if record = record[:min(len(record), mostColumns)]; blank(record) {
			continue
		}
		if found := columnsOf(record); columns == nil && usable(found) {
			columns, t.lines, t.Headings = found, nil, slices.Clone(record) // the lines above are titles
		}
		t.lines = append(t.lines, slices.Clone(record))
	}
	if len(t.lines) == 0 {
		return Table{}, ErrNoColumns
	}
	t.Rows = t.lines
	if columns == nil {
		columns = guess(t.lines)
		if !slices.ContainsFunc(t.lines[0], func(field string) bool { return len(digitsOf(field)) >= 3 }) && len(t.lines) > 1 {
			t.Headings = t.lines[0]
		}
	}
	if t.Headings != nil {
		t.Rows = t.lines[1:]
	}
	width := len(columns)
	for _, line := range t.lines {
		width = max(width, len(line))
	}
	t.Columns = make([]Column, width)
	for i, c := range columns {
		for name, means := range meanings {
			if means == c {
				t.Columns[i] = name
			}
		}
	}
	return t, nil
}
