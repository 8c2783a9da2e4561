package ui

import (
	"context"
	"errors"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/text"
)

// consent asks the user once before the login, with the password, goes to another host than the one that they entered.
type consent struct {
	asked map[csta.OtherHostError]bool
}

// askForConsent asks if an error is about another host, and that host was not asked about before. s is the account that was
// tried, and trust is given the same with the user's consent. A window that is off the screen is not opened for it:
// the question waits until the user opens it.
func (u *UI) askForConsent(err error, s account.Settings, trust func(account.Settings)) {
	var other *csta.OtherHostError
	if !errors.As(err, &other) || u.consent.asked[*other] || !u.window.shown || u.window.question.open() {
		return
	}
	if u.consent.asked == nil {
		u.consent.asked = map[csta.OtherHostError]bool{}
	}
	u.consent.asked[*other] = true
	agreed := s.WithTrustedHost(other.Host)
	u.window.ask(text.Say("{{.Entered}} wants to send your login, with the password, to another server: {{.Host}}. Allow it only if the administrator of the PBX knows that name.",
		"Entered", text.Plain(other.Entered, 60), "Host", text.Plain(other.Host, 60)),
		text.Say("Allow it"), func() bool { return true }, func() { trust(agreed) })
}

// askForState asks for what keeps the session from its login, and saves the consent, with which it logs in.
func (u *UI) askForState() {
	u.askForConsent(u.state.Err, u.settings, func(agreed account.Settings) {
		u.do(saveLimit, func(ctx context.Context) error { return u.cfg.Save(ctx, agreed, "", false) }, func(err error) {
			if err != nil {
				u.report(text.Explain(err))
				return
			}
			u.settings = agreed
			u.render()
		})
	})
}
