package journal

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
)

// Heading is the first line of an export, and the words for its values, in the reader's language.
type Heading struct {
	Columns []string // date, time, direction, number, name, company, for, outcome, seconds, answered by, note
	Words   func(Row) (direction, outcome string)
}

// Export writes rows as CSV that a Danish Excel opens with a double click: UTF-8 with a byte order mark,
// semicolons, lines ended by CR LF. A field that Excel would take for a formula begins with an apostrophe.
func Export(w io.Writer, h Heading, rows []Row) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	if err := out.Write(h.Columns); err != nil {
		return err
	}
	for _, r := range rows {
		direction, outcome := h.Words(r)
		began := r.Began.Local()
		line := []string{began.Format(time.DateOnly), began.Format(time.TimeOnly), direction, r.Number, r.Name, r.Company,
			strings.TrimSpace(r.Via + " " + r.ViaName), outcome, strconv.Itoa(int(r.Talked() / time.Second)),
			strings.TrimSpace(r.By.Number + " " + r.By.Name), r.Note}
		for i := range line {
			line[i] = noFormula(line[i])
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// noFormula keeps a spreadsheet from evaluating text that came from others.
func noFormula(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(s[0])) {
		return "'" + s
	}
	return s
}
