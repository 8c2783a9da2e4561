package ui

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"calltray/internal/account"
	"calltray/internal/rules"
)

// The examples do nothing until a # is deleted, and are right then; what stands on the page is tried and saved.
func TestSettingsOfRules(t *testing.T) {
	tried := make(chan string, 2)
	answer := errors.New("it did not work")
	f := newFixture(t, func(cfg *Config) {
		cfg.TryRules = func(_ context.Context, written string) (string, error) {
			tried <- written
			return "", answer
		}
	})
	p := f.openSettings()
	row := p.form.of(account.FieldRules)
	entry := row.control.(*linesControl).entry
	buttons := p.form.rows[indexOf(p.form.rows, row)+1].control.(*rulesControl)
	test.Tap(buttons.add)
	if list, err := rules.Parse(entry.Text); err != nil || len(list) != 0 {
		t.Errorf("the examples do something: %v, %v", list, err)
	}
	if list, err := rules.Parse(strings.ReplaceAll(entry.Text, "# ", "")); err != nil || len(list) != 5 {
		t.Errorf("the examples are wrong: %v, %v", list, err)
	}
	entry.SetText("missed => post https://crm.example.dk/")
	test.Tap(buttons.button)
	f.until("it is tried", func() bool { return p.result.Text != "" && buttons.button.Disabled() == false })
	if got := <-tried; got != entry.Text || len(tried) > 0 {
		t.Errorf("tried %q, and %d more", got, len(tried))
	}
	entry.SetText("missed => run x.bat {name}")
	if p.check(p.read(), true) || row.below.Text == row.help {
		t.Errorf("a batch file is taken: %q", row.below.Text)
	}
}

// indexOf is the place of a row.
func indexOf(rows []*setting, row *setting) int {
	for i, r := range rows {
		if r == row {
			return i
		}
	}
	return -1
}

// The page of a rule opens, unless too many have just opened; whoever asks is told what became of it.
func TestOpenPage(t *testing.T) {
	opened := 0
	broken := errors.New("no browser")
	f := newFixture(t, func(cfg *Config) {
		cfg.Browse = func(*url.URL) error {
			if opened++; opened == mostPages {
				return broken
			}
			return nil
		}
	})
	type result struct {
		tried bool
		err   error
	}
	var told []result
	for i := range mostPages + 2 {
		go func() {
			tried, err := f.ui.OpenPage(t.Context(), &url.URL{Scheme: "https", Host: "crm.example.dk"})
			f.ui.post(func() { told = append(told, result{tried, err}) })
		}()
		f.until("it is told", func() bool { return len(told) == i+1 })
	}
	if want := []result{{true, nil}, {true, nil}, {true, nil}, {true, broken}, {}, {}}; opened != mostPages || !slices.Equal(told, want) {
		t.Errorf("%d pages opened, want %d; told %v, want %v", opened, mostPages, told, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.ui.OpenPage(ctx, &url.URL{Scheme: "https", Host: "crm.example.dk"}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

// What went wrong by itself is told in the corner while the window is off the screen.
func TestReport(t *testing.T) {
	f := newFixture(t)
	f.ui.Report("Something did not work.")
	f.settle()
	if f.ui.popup.notice != "Something did not work." {
		t.Errorf("the corner shows %q", f.ui.popup.notice)
	}
}

// The secret of the look-up goes into the keyring, for the address that stands on the page, and out of the entry.
func TestSecretOfTheLookup(t *testing.T) {
	var kept []string
	f := newFixture(t, func(cfg *Config) {
		cfg.KeepSecret = func(_ context.Context, address, secret string) error {
			kept = append(kept, address+" "+secret)
			return nil
		}
	})
	p := f.openSettings()
	at := indexOf(p.form.rows, p.form.of(account.FieldLookupHeaders))
	secret, keep := p.form.rows[at+1].control.(*lineControl).entry, p.form.rows[at+2].control.(*pressControl).button
	secret.SetText("hemmelig")
	test.Tap(keep)
	if len(kept) != 0 || secret.Text == "" {
		t.Errorf("without an address: %q", kept)
	}
	p.fill(account.FieldLookupURL, "https://who.example.dk/?q={e164}")
	test.Tap(keep)
	f.until("it is kept", func() bool { return secret.Text == "" })
	if len(kept) != 1 || kept[0] != "https://who.example.dk/?q={e164} hemmelig" {
		t.Errorf("kept %q", kept)
	}
	for value, good := range map[string]bool{"": true, "https://who.example.dk/": false, "http://who.example.dk/{e164}": false, "http://127.0.0.1:8080/{e164}": true, "https://{e164}/": false} {
		if _, err := f.ui.settings.With(account.FieldLookupURL, value); (err == nil) != good {
			t.Errorf("%s: %v", value, err)
		}
	}
	for value, good := range map[string]bool{"": true, "X-Key: {secret}\nAccept: a/b": true, "X Key: a": false, "nothing": false, "A: {name}": false} {
		if _, err := f.ui.settings.With(account.FieldLookupHeaders, value); (err == nil) != good {
			t.Errorf("%s: %v", value, err)
		}
	}
}
