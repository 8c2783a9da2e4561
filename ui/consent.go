package ui

import (
	"context"
	"errors"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/text"
)

// consent asks the user, once per host, before the login and password go to a host other than the one entered.
type consent struct {
	asked map[csta.OtherHostError]bool
}

// askForConsent asks if err is about another host that was not asked about before. s is the account that was tried;
// trust gets it with the user's consent. A hidden window is not opened for this: the question waits until the user
// opens it.
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

// askForState asks for the consent that the session needs to log in, and saves it, which logs in.
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
