package ui

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// secretLimit is how long the keyring may take: it may prompt the user.
const secretLimit = time.Minute

// lookupRows returns the rows about where to look up numbers that no contact has.
func (p *settingsPage) lookupRows() []row {
	address := p.text()
	rows := []row{
		{title: text.Say("Look up unknown numbers"), key: account.FieldLookupURL, control: address,
			help: text.Say("An address with {e164}, such as https://who.example.dk/search?q={e164}. It learns who calls you. Empty: nobody is asked.")},
		{title: text.Say("Name in the answer"), key: account.FieldLookupName, control: p.text(),
			help: text.Say("Where the name is in the JSON, such as data.0.name. If empty, name is used.")},
		{title: text.Say("Company in the answer"), key: account.FieldLookupCompany, control: p.text(),
			help: text.Say("The same for the company. If empty, company is used.")},
		{title: text.Say("Headers"), key: account.FieldLookupHeaders, control: p.lines(), wide: true,
			help: text.Say("Only if the server wants some: one a line, such as Authorization: Bearer {secret}.")},
	}
	if p.ui.cfg.KeepSecret == nil {
		return rows
	}
	secret := widgets.NewPasswordInput(&p.ui.window)
	line := &lineControl{secret}
	secret.OnFocus = p.revealing(line)
	keep := func() {
		at, word := strings.TrimSpace(address.value()), secret.Text
		if _, err := p.ui.settings.With(account.FieldLookupURL, at); err != nil || at == "" {
			p.tell(text.Say("Write the address of the look-up first."), theme.ColorNameError)
			return
		}
		p.ui.do(secretLimit, func(ctx context.Context) error { return p.ui.cfg.KeepSecret(ctx, at, word) }, func(err error) {
			if err != nil {
				p.tell(text.Explain(err), theme.ColorNameError)
				return
			}
			secret.Fill("")
			p.tell(text.Say("The secret is in the keyring."), theme.ColorNameSuccess)
		})
	}
	secret.OnSubmitted = func(string) { keep() }
	button := p.ui.window.button(widget.MediumImportance, text.Say("Keep the secret"), nil, keep)
	return append(rows,
		row{title: text.Say("Secret of the look-up"), control: line, help: text.Say("It takes the place of {secret}. It is kept in the keyring of this computer, for this server alone.")},
		row{control: &pressControl{button: button, box: widgets.NewRow(0, 1, button, layout.NewSpacer())}})
}
