package contacts

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
)

// ErrOtherColumns is a table that has other columns than those that the user chose.
var ErrOtherColumns = errors.New("contacts: the table has other columns than those that were chosen")

// Column is what a column of a table holds, as the user chooses it.
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
	LabelColumn   Column = "label" // of the number in the column to the right of it
	NoteColumn    Column = "note"
)

// meanings is what the columns are for whoever reads the table. Fax numbers are not used.
var meanings = map[Column]column{
	Unused: {}, NameColumn: {kind: fullName}, FirstColumn: {kind: firstName}, MiddleColumn: {kind: middleName}, LastColumn: {kind: lastName},
	CompanyColumn: {kind: company}, NumberColumn: {kind: number}, MobileColumn: {number, Mobile}, WorkColumn: {number, Work},
	HomeColumn: {number, Home}, MainColumn: {number, Main}, LabelColumn: {kind: numberType}, NoteColumn: {kind: note},
}

// Layout is what the columns of a table hold.
type Layout struct {
	// Headings are the names of the columns, which are found by them wherever they stand; nil for a table without: its
	// columns are those of their places.
	Headings []string `json:"headings,omitempty"`
	Columns  []Column `json:"columns"`
}

// Usable reports whether there are numbers and names.
func (l Layout) Usable() bool { return usable(l.columns()) }

func (l Layout) columns() []column {
	list := make([]column, len(l.Columns))
	for i, c := range l.Columns {
		list[i] = meanings[c]
	}
	return list
}

// under is what the columns hold under a line of headings; nil if the line is another one. A column that was not there
// when the user chose is not used.
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

// kept is how the store keeps the layout; "" for none.
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

// readLayout reads what kept has written.
func readLayout(kept string) *Layout {
	var l Layout
	if kept == "" || json.Unmarshal([]byte(kept), &l) != nil {
		return nil
	}
	return &l
}

// Table is the beginning of a table, with what its columns seem to hold.
type Table struct {
	Layout
	Rows [][]string // below the headings

	lines [][]string
}

// mostColumns is how many columns of a table can be chosen from.
const mostColumns = 200

// WithHeadings is the table with its first line taken for the headings, or for a contact.
func (t Table) WithHeadings(on bool) Table {
	if on == (t.Headings != nil) || len(t.lines) == 0 {
		return t
	}
	if t.Headings, t.Rows = nil, t.lines; on {
		t.Headings, t.Rows = t.lines[0], t.lines[1:]
	}
	return t
}

// choose takes what the user has chosen before.
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
				had[at] = "\n" // no other column is called that
			}
		}
	}
}

// ReadTable reads the beginning of a table. A column in which nothing is recognised is Unused. The error is of the file.
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
			columns, t.lines, t.Headings = found, nil, slices.Clone(record) // what stood above are titles
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
