package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"calltray/internal/app"
	"calltray/internal/command"
	"calltray/internal/control"
	"calltray/internal/journal"
	"calltray/internal/text"
)

func (c *console) historyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "history",
		Short: text.Say("List the calls of the past"),
		Long: text.Say(`History lists the calls of the past, the newest first, and the times in which Calltray saw no calls.

With --json every line is an object:
  kind                       call; offline or not running for a time in which no call was seen
  began answered ended       "" for a call that was not answered, or whose end is not known
  direction number name company
  via viaName                the queue or telephone through which it came
  outcome seconds            how it ended, and how long the parties talked
  attempts                   how often it rang before it ended
  answeredBy                 the extension that answered it, if it was another one
  open                       a missed call that nobody has called back yet
  settled settledHow settledBy
                             when, how and by whom a missed call was settled: called back, reached, colleague, by hand
  dialled                    whether it was dialled from Calltray
  note

With --csv it is a file for a spreadsheet, in your language.`),
		Example: "  calltray history --open\n  calltray history --missed --since 7d\n  calltray history --csv > calls.csv",
		Args:    noArguments,
	}
	missed := cmd.Flags().Bool("missed", false, text.Say("only missed calls"))
	open := cmd.Flags().Bool("open", false, text.Say("only missed calls that nobody has called back yet"))
	since := cmd.Flags().String("since", "", text.Say("only calls of the last days or hours, for example 7d or 12h"))
	asJSON := cmd.Flags().Bool("json", false, text.Say("print one JSON object per line"))
	asCSV := cmd.Flags().Bool("csv", false, text.Say("print a file for a spreadsheet"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		filter, from := journal.Everything, time.Time{}
		switch {
		case *open:
			filter = journal.Open
		case *missed:
			filter = journal.Missed
		}
		if *since != "" {
			age, ok := age(*since)
			if !ok {
				return &usageError{text.New("usage", "{{.Value}} is no value for the flag {{.Flag}}.", "Value", text.Quote(*since), "Flag", "--since")}
			}
			from = time.Now().Add(-age)
		}
		if *asCSV {
			return c.historyCSV(cmd, filter, from)
		}
		found := 0
		err := app.History(cmd.Context(), filter, from, func(rows []journal.Row) error {
			found += len(rows)
			for _, r := range rows {
				if *asJSON {
					enc := json.NewEncoder(c.raw)
					enc.SetEscapeHTML(false)
					if err := enc.Encode(command.NewHistoryLine(r)); err != nil {
						return written(err)
					}
				} else if err := c.line(historyText(r)); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil && found == 0 && !*asJSON {
			return c.say(text.New("no-history", "There are no such calls in the history."))
		}
		return err
	}
	return cmd
}

// historyCSV prints everything at once: a spreadsheet has one header row.
func (c *console) historyCSV(cmd *cobra.Command, filter journal.Filter, from time.Time) error {
	var all []journal.Row
	if err := app.History(cmd.Context(), filter, from, func(rows []journal.Row) error { all = append(all, rows...); return nil }); err != nil {
		return err
	}
	content, err := command.HistoryCSV(all)
	if err == nil {
		_, err = c.raw.Write(content)
	}
	return written(err)
}

// age parses 7d, 2w, or a duration as in Go.
func age(s string) (time.Duration, bool) {
	for unit, length := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if number, ok := strings.CutSuffix(s, unit); ok {
			n, err := strconv.Atoi(number)
			return time.Duration(n) * length, err == nil && n > 0 && n < 36500
		}
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d > 0
}

// historyText formats a past call for people.
func historyText(r journal.Row) string {
	when := r.Began.Local().Format("2006-01-02 15:04")
	if r.IsGap() {
		return when + "  " + r.GapWords()
	}
	line := fmt.Sprintf("%s  %-8s  %s  %s", when, directionWord(r.Direction), who(r.Party()), r.OutcomeWords())
	if r.Via != "" {
		line += "  " + text.ViaLine(r.Call())
	}
	if r.Note != "" {
		line += "  “" + text.Plain(r.Note, journal.MaxNote) + "”"
	}
	return line
}

func (c *console) noteCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "note TEXT",
		Short:   text.Say("Write a note about your call"),
		Long:    text.Say("Note writes a note about the call at your telephone; without one, about the last call. It takes the place of\nthe note that there is."),
		Example: "  calltray note wants a call back on Monday",
		Args:    cobra.ArbitraryArgs, // command.NewRequest checks them
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				args = []string{strings.Join(args, " ")}
			}
			r, err := command.NewRequest(command.Note, args...)
			if err != nil {
				return usage(err)
			}
			response, err := app.Ask(cmd.Context(), r)
			switch {
			case errors.Is(err, control.ErrNotRunning):
				return text.Errorf("not-running", "Calltray is not running: start it, and write the note again.")
			case err != nil:
				return err
			case !response.OK:
				return &text.Error{Message: response.Message}
			}
			return c.say(response.Message)
		},
	}
}
