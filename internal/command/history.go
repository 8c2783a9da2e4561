package command

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/journal"
	"calltray/internal/text"
)

// HistoryPage is the maximum number of calls in one answer to History.
const HistoryPage = 300

// HistoryLine is a line of history --json. As with the other lines, fields may be added but never changed.
type HistoryLine struct {
	Kind       string  `json:"kind"` // call; offline, not running: a period in which no calls were seen
	Began      string  `json:"began"`
	Answered   string  `json:"answered"`
	Ended      string  `json:"ended"`
	Direction  string  `json:"direction"`
	Number     string  `json:"number"`
	Name       string  `json:"name"`
	Company    string  `json:"company"`
	Via        string  `json:"via"`
	ViaName    string  `json:"viaName"`
	Outcome    string  `json:"outcome"`
	Seconds    float64 `json:"seconds"`
	Attempts   int     `json:"attempts"`
	AnsweredBy string  `json:"answeredBy"`
	Open       bool    `json:"open"`
	Settled    string  `json:"settled"`
	SettledHow string  `json:"settledHow"`
	SettledBy  string  `json:"settledBy"`
	Dialled    bool    `json:"dialled"`
	Note       string  `json:"note"`
}

// NewHistoryLine returns the line about a row.
func NewHistoryLine(r journal.Row) HistoryLine {
	line := HistoryLine{Kind: string(r.Kind), Began: Timestamp(r.Began), Answered: Timestamp(r.Answered), Ended: Timestamp(r.Ended), Number: r.Number, Name: r.Name,
		Company: r.Company, Via: r.Via, ViaName: r.ViaName, Outcome: r.Outcome.String(), Seconds: r.Talked().Seconds(), Attempts: r.Attempts, AnsweredBy: r.By.Number,
		Open: r.IsOpen(), Settled: Timestamp(r.Settled), SettledHow: string(r.SettledHow), SettledBy: r.SettledBy.Number, Dialled: r.Dialled, Note: r.Note}
	if r.Kind == journal.Call {
		line.Direction = r.Direction.String()
	}
	return line
}

// HistoryArgs returns the arguments of History: a filter, the earliest time, and the last row of the previous
// page, nil for the first page.
func HistoryArgs(filter journal.Filter, since time.Time, last *journal.Row) []string {
	begin, before := int64(0), ""
	if !since.IsZero() {
		begin = since.UnixMilli()
	}
	if last != nil {
		before = strconv.FormatInt(last.Began.UnixMilli(), 10) + "." + strconv.FormatInt(last.ID, 10)
	}
	return []string{string(filter), strconv.FormatInt(begin, 10), before}
}

// HistoryQuery parses the arguments of History.
func HistoryQuery(args []string) journal.Query {
	q := journal.Query{Filter: journal.Filter(args[0]), Limit: HistoryPage}
	if ms, err := strconv.ParseInt(args[1], 10, 64); err == nil && ms > 0 {
		q.Since = time.UnixMilli(ms)
	}
	began, id, _ := strings.Cut(args[2], ".")
	ms, err := strconv.ParseInt(began, 10, 64)
	last, wrong := strconv.ParseInt(id, 10, 64)
	if err == nil && wrong == nil {
		q.Before = &journal.Row{ID: last, Began: time.UnixMilli(ms)}
	}
	return q
}

// HistoryPageOf returns the answer to History.
func HistoryPageOf(rows []journal.Row) (Response, error) {
	list, err := json.Marshal(rows)
	return Response{OK: err == nil, List: list}, err
}

// free accepts any text of a sensible length.
func free(s string) (string, error) {
	if s = text.Plain(s, journal.MaxNote); s == "" {
		return "", text.Errorf("usage", "Write the note behind the command: calltray note TEXT.")
	}
	return s, nil
}

// anything accepts an argument that only the program itself writes.
func anything(s string) (string, error) { return s, nil }

// HistoryRows returns the page in an answer to History.
func HistoryRows(answer Response) (rows []journal.Row, err error) {
	if json.Unmarshal(answer.List, &rows) != nil {
		return nil, text.Errorf("other-version", "The running Calltray is another version: quit it, and start it again.")
	}
	return rows, nil
}

// HistoryCSV formats rows as a spreadsheet, in the user's language.
func HistoryCSV(rows []journal.Row) ([]byte, error) {
	var b bytes.Buffer
	err := journal.Export(&b, journal.Heading{
		Columns: []string{text.Say("Date"), text.Say("Time"), text.Say("Direction"), text.Say("Number"), text.Say("Name"), text.Say("Company"), text.Say("For"),
			text.Say("Outcome"), text.Say("Seconds"), text.Say("Answered by"), text.Say("Note")},
		Words: func(r journal.Row) (direction, outcome string) {
			direction = text.Say("Incoming")
			switch {
			case r.IsGap():
				return "", r.GapWords()
			case r.Direction == csta.Outgoing:
				direction = text.Say("Outgoing")
			case r.Direction == csta.UnknownDirection:
				direction = ""
			}
			return direction, r.OutcomeWords()
		},
	}, rows)
	return b.Bytes(), err
}
