package cli

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"calltray/internal/app"
	"calltray/internal/support"
	"calltray/internal/text"
)

const diagnosticsFile = "calltray-diagnostics.txt"

func (c *console) diagnosticsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diagnostics",
		Short: text.Say("Write a file about Calltray and this computer, for support"),
		Long: text.Say(`Diagnostics writes one text file: versions, settings, the history of the connection, and the last thousand
lines of the log. There is no password in it, and with --no-numbers no telephone number. If the application is
running, the file is about it; otherwise it is about what the last run left behind.`),
		Args: noArguments,
	}
	hide := cmd.Flags().Bool("no-numbers", false, text.Say("replace every telephone number by a name"))
	output := cmd.Flags().StringP("output", "o", diagnosticsFile, text.Say("the file to write; - is the screen"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		facts, err := app.Diagnostics(cmd.Context(), !*hide)
		if err != nil {
			return err
		}
		if *output == "-" {
			_, err := io.WriteString(c.out, facts)
			return written(err)
		}
		var refused text.Sentencer
		switch err := support.WriteFile(*output, []byte(facts)); {
		case errors.As(err, &refused):
			return err
		case err != nil:
			return &text.Error{Err: err, Message: text.New("file-not-written", "The file cannot be written ({{.Cause}}): name another one with --output.", "Cause", text.Plain(err.Error(), text.MaxWords))}
		}
		return c.say(text.New("file-written", "Written to {{.File}}: read it before you send it.", "File", text.Plain(*output, 200)))
	}
	return cmd
}
