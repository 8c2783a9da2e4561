package ui

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"

	"fyne.io/fyne/v2/theme"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// How long a login may take when it is tested; and the keyring, which may ask the user something, when
// the settings are saved.
const (
	testLimit = 25 * time.Second
	saveLimit = 90 * time.Second
)

// onTest logs in and out once.
func (p *settingsPage) onTest() {
	s, password := p.read(), p.password.entry.Text
	if p.working || !p.check(s, needsAccount(p.ui.settings)) {
		return
	}
	p.tell(text.Say("Testing …"), widgets.ColorMuted)
	p.work(testLimit, func(ctx context.Context) error { return p.ui.cfg.Test(ctx, s, password) }, func(err error) {
		if p.read() != s || p.password.entry.Text != password {
			p.tell("", widgets.ColorMuted) // another account stands there by now
			return
		}
		p.showCertificate(err)
		if err != nil {
			p.tell(text.Explain(err)+certificateWords(p.shown), theme.ColorNameError)
			return
		}
		p.tell(text.Say("It works: extension {{.Extension}} can be seen.", "Extension", s.Device), theme.ColorNameSuccess)
	})
}

// onCheck begins the self-test, of what stands in the fields.
func (p *settingsPage) onCheck() {
	s, password := p.read(), p.password.entry.Text
	if p.working || !p.check(s, needsAccount(p.ui.settings)) {
		return
	}
	p.ui.window.open(pageCheck)
	p.ui.window.check.start(s, password)
}

// showCertificate offers to trust the certificate that a test met, if that is what it failed for: one
// that no authority of this computer vouches for, or another than the one that was trusted.
func (p *settingsPage) showCertificate(err error) {
	p.shown = nil
	var unverified *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unverified) && errors.As(err, &unknown) && len(unverified.UnverifiedCertificates) > 0 {
		p.shown = unverified.UnverifiedCertificates[0]
	}
	widgets.Show(p.trust, p.shown != nil)
}

// certificateWords is what a user needs to compare a certificate with what the administrator says.
func certificateWords(c *x509.Certificate) string {
	if c == nil {
		return ""
	}
	return " " + text.Say("It is for {{.Name}}, issued by {{.Issuer}}, valid {{.From}} to {{.Until}}, SHA-256 {{.Fingerprint}}.",
		"Name", text.Plain(c.Subject.CommonName, 40), "Issuer", text.Plain(c.Issuer.CommonName, 40),
		"From", c.NotBefore.Format(time.DateOnly), "Until", c.NotAfter.Format(time.DateOnly), "Fingerprint", csta.Fingerprint(c))
}

// onTrust pins the certificate that is on the screen, for the address that showed it, and tests again.
func (p *settingsPage) onTrust() {
	if p.shown == nil || p.working {
		return
	}
	p.pinned = csta.Fingerprint(p.shown)
	p.showCertificate(nil)
	p.onTest()
}

// onSave stores the settings and goes back to the calls.
func (p *settingsPage) onSave(inMemoryOnly bool) {
	s, password := p.read(), p.password.entry.Text
	if p.working || !p.check(s, needsAccount(p.ui.settings)) {
		return
	}
	p.tell(text.Say("Saving …"), widgets.ColorMuted)
	p.work(saveLimit, func(ctx context.Context) error { return p.ui.cfg.Save(ctx, s, password, inMemoryOnly) }, func(err error) {
		if err != nil {
			p.tell(text.Explain(err), theme.ColorNameError)
			p.plain.Hide()
			widgets.Show(p.memory, password != "" && (errors.Is(err, account.ErrKeyringUnavailable) || errors.Is(err, account.ErrKeyringLocked)))
			return
		}
		p.ui.settings = s
		if p.read() != s || p.password.entry.Text != password { // the user has typed on
			p.tell(text.Say("The settings are saved."), theme.ColorNameSuccess)
			return
		}
		p.tell("", widgets.ColorMuted)
		p.password.entry.SetText("")
		p.edits = false
		p.ui.tell(text.Say("The settings are saved."))
		if p.ui.window.page == pageSettings {
			p.ui.window.open(pageCalls)
		}
		p.ui.render()
	})
}

// work runs what may take long, with the buttons out of use.
func (p *settingsPage) work(limit time.Duration, f func(context.Context) error, done func(error)) {
	p.working = true
	p.render()
	p.ui.do(limit, f, func(err error) {
		p.working = false
		p.render()
		done(err)
	})
}
