package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"calltray/internal/account"
	"calltray/internal/command"
	"calltray/internal/control"
	"calltray/internal/support"
)

const (
	diagnosticsFile = "calltray-diagnostics.txt"
	logFile         = "calltray.log" // in support.Folder
	logLines        = 1000
	secretLimit     = 3 * time.Second // for the keyring to tell what must not be in the text
)

// started is when this program was.
var started = time.Now()

func diagnosticsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diagnostics",
		Short: "Write one file about Calltray and this computer, for a call to the support",
		Long: `Diagnostics writes one text file: versions, settings, the history of the connection, the last thousand
lines of the log. There is no password in it, and with --no-numbers no telephone number. Where the
application runs, it writes about the application; otherwise about what the last run left behind.`,
		Args: wordless,
	}
	hide := cmd.Flags().Bool("no-numbers", false, "put a name in the place of every telephone number")
	output := cmd.Flags().StringP("output", "o", diagnosticsFile, `the file to write; "-" is the screen`)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		text, err := gather(cmd.Context(), !*hide)
		if err != nil {
			return err
		}
		if *output == "-" {
			_, err := cmd.OutOrStdout().Write([]byte(text))
			return err
		}
		var refused interface{ Sentence() string }
		if err := support.WriteFile(*output, []byte(text)); errors.As(err, &refused) {
			return sentence(refused.Sentence())
		} else if err != nil {
			return sentence(fmt.Sprintf("The file cannot be written (%v): name another with --output.", err))
		}
		cmd.Printf("Written to %s: look at it before you send it.\n", *output)
		return nil
	}
	return cmd
}

// gather has the running application write the text, or writes it about what is on the disk.
func gather(ctx context.Context, numbers bool) (string, error) {
	answer, err := send(ctx, command.Request{Command: command.Diagnostics, Numbers: numbers})
	switch {
	case errors.Is(err, control.ErrNotRunning):
	case err != nil:
		return "", err
	case !answer.OK:
		return "", sentence(answer.Message)
	default:
		text, err := os.ReadFile(answer.Path)
		_ = os.Remove(answer.Path) // a copy for this command
		return string(text), err
	}
	saved, err := account.Load()
	if err != nil && !errors.Is(err, account.ErrIgnored) {
		return "", err
	}
	settings, password, _ := account.FromEnv(saved)
	facts := factsOf(settings, numbers)
	facts.Secrets = secrets(ctx, settings, password)
	facts.Log = tail(filepath.Join(support.Folder(), logFile), logLines)
	var text strings.Builder
	err = support.Diagnostics(&text, facts)
	return text.String(), err
}

// secrets is what must not be in the text even if something else went wrong: the password, where the
// keyring tells it without asking the user for long.
func secrets(ctx context.Context, settings account.Settings, known string) []string {
	if known == "" && settings != (account.Settings{}) {
		ctx, cancel := context.WithTimeout(ctx, secretLimit)
		defer cancel()
		known, _ = account.Password(ctx, settings) // without a keyring there is no secret to hide
	}
	if known == "" {
		return nil
	}
	return []string{known}
}

func factsOf(s account.Settings, numbers bool) support.Facts {
	facts := support.Facts{Version: version, Started: started, Numbers: numbers, Settings: []support.Setting{
		{Name: "address", Value: s.URL}, {Name: "user ID", Value: s.UserID}, {Name: "PBX domain", Value: s.PBXDomain},
		{Name: "trunk", Value: s.TrunkID}, {Name: "extension", Value: s.Device}, {Name: "popup", Value: s.Popup},
		{Name: "vendorData declared", Value: fmt.Sprint(s.DeclareVendorData)},
		{Name: "unencrypted accepted for", Value: s.PlainAcceptedFor}, {Name: "certificate pinned for", Value: s.PinnedFor},
	}}
	if path, _, found := support.PreviousCrash(support.Folder()); found {
		facts.Crash = path
	}
	return facts
}

// tail returns the last lines of a file, none if it cannot be read.
func tail(path string, lines int) []string {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	const most = 1 << 20
	if info, err := f.Stat(); err == nil && info.Size() > most {
		if _, err := f.Seek(-most, io.SeekEnd); err != nil {
			return nil
		}
	}
	text, _ := io.ReadAll(f)
	all := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return all[max(0, len(all)-lines):]
}
