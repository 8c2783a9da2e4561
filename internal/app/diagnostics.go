package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"calltray/internal/account"
	"calltray/internal/command"
	"calltray/internal/control"
	"calltray/internal/support"
	"calltray/internal/text"
)

const (
	logFile     = "calltray.log" // in support.Folder
	logLines    = 1000
	secretLimit = 3 * time.Second // for the keyring to return the secret to remove from the text
)

// started is when this program was started.
var started = time.Now()

// Diagnostics returns the support text: the running application's, or what can be learnt from the disk.
func Diagnostics(ctx context.Context, numbers bool) (string, error) {
	answer, err := Ask(ctx, command.Request{Command: command.Diagnostics, Numbers: numbers})
	switch {
	case errors.Is(err, control.ErrNotRunning):
	case err != nil:
		return "", err
	case !answer.OK:
		return "", &text.Error{Message: answer.Message}
	default:
		return answer.Text, nil
	}
	cfg := configure()
	settings, password := cfg.Settings, cfg.Password
	facts := factsOf(settings, numbers)
	if cfg.SettingsErr != nil {
		facts.Settings = append(facts.Settings, support.Setting{Name: "settings file", Value: text.Of(cfg.SettingsErr).InEnglish()})
	}
	facts.Secrets = secrets(ctx, settings, password)
	facts.Log = tail(filepath.Join(support.Folder(), logFile), logLines)
	return written(facts)
}

// secrets returns what must not be in the text even if something else went wrong: the password, if the keyring
// returns it without prompting the user for long.
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
	facts := support.Facts{Version: Version, Started: started, Numbers: numbers, Settings: []support.Setting{
		{Name: "address", Value: s.URL}, {Name: "user ID", Value: s.UserID}, {Name: "PBX domain", Value: s.PBXDomain},
		{Name: "trunk", Value: s.TrunkID}, {Name: "extension", Value: s.Device}, {Name: "popup", Value: s.Popup},
		{Name: "proxy", Value: s.Proxy},
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
	content, _ := io.ReadAll(f)
	all := strings.Split(strings.TrimRight(string(content), "\n"), "\n")
	return all[max(0, len(all)-lines):]
}

// diagnose returns the support text. It is sent over the channel and not through a file, which would stay
// behind if the command were interrupted; since the log is bounded, it is far shorter than an answer may be.
func (a *App) diagnose(ctx context.Context, numbers bool) (string, error) {
	a.mu.Lock()
	facts := factsOf(a.settings, numbers)
	facts.Links = slices.Clone(a.links)
	settings := a.settings
	a.mu.Unlock()
	facts.Secrets = secrets(ctx, settings, a.memory.of(settings))
	if a.file != nil {
		facts.Log = a.file.Recent()
	}
	return written(facts)
}

// written formats facts as one text.
func written(facts support.Facts) (string, error) {
	var b strings.Builder
	err := support.Diagnostics(&b, facts)
	return b.String(), err
}
