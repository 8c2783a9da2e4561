package ui

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/dialplan"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// checkLimit is how long the whole self-test may take.
const checkLimit = 2 * time.Minute

// maxSteps is how many steps a self-test may have.
const maxSteps = 12 // one of them a call

// endLines has room for a certificate: its name, issuer, dates and fingerprint.
const endLines = 4

// Step is one step of the self-test.
type Step struct {
	Name string // what should be true, an English sentence; the translation key
	Note string // what was found, a sentence; "" for nothing
	Took time.Duration
	Err  error // why it is not true; nil if it is
}

// checkPage shows the self-test: the way from here to the calls, step by step.
type checkPage struct {
	ui    *UI
	root  *fyne.Container
	rows  [maxSteps]*stepRow
	again *widgets.Action
	trust *widgets.Action   // trusts the certificate that failed
	shown *x509.Certificate // the one that failed the last test; nil if none did
	end   *widgets.Lines

	number  *widgets.Input // for a test call
	call    *widgets.Action
	called  string // the number of the current or last test; "" for none
	buttons *fyne.Container

	settings account.Settings // under test
	password string
	steps    []Step
	list     *fyne.Container // holds the rows
	scroll   *container.Scroll
	listed   int // how many steps the last layout had
	running  bool
}

type stepRow struct {
	box        *fyne.Container
	mark       *widget.Icon
	name, took *widgets.Line
}

func newCheckPage(u *UI) *checkPage {
	p := &checkPage{ui: u}
	p.list = widgets.NewColumn(4)
	for i := range p.rows {
		r := &stepRow{mark: widget.NewIcon(nil), name: widgets.NewLine(theme.TextSize(), false, theme.ColorNameForeground), took: widgets.NewLine(theme.TextSize(), false, widgets.ColorMuted)}
		r.took.Align, r.took.Least = fyne.TextAlignTrailing, "00000 ms"
		r.box = container.NewStack(widgets.Spacer(32), widgets.NewRow(10, 1, r.mark, r.name, r.took))
		r.box.Hide()
		p.rows[i] = r
		p.list.Add(r.box)
	}
	p.end = widgets.NewLines(endLines, theme.TextSize(), theme.ColorNameForeground)
	p.end.Least = 1
	p.trust = u.window.button(widget.MediumImportance, text.Say("Trust this certificate"), nil, p.onTrust)
	p.trust.Hide()
	p.again = u.window.button(widget.MediumImportance, text.Say("Test again"), theme.ViewRefreshIcon(), func() { p.called = ""; p.run() })
	back := u.window.button(widget.LowImportance, text.Say("Settings"), theme.NavigateBackIcon(), func() { u.window.open(pageSettings) })
	title := widgets.NewLine(20, true, theme.ColorNameForeground)
	title.Align = fyne.TextAlignCenter
	title.Set(text.Say("Test"))
	p.number = widgets.NewInput(&u.window)
	p.number.SetPlaceHolder(text.Say("Number"))
	p.number.OnSubmitted = func(string) { p.onCall() }
	p.call = u.window.button(widget.MediumImportance, text.Say("Make a test call"), nil, p.onCall)
	words := widgets.NewLines(2, theme.CaptionTextSize(), widgets.ColorMuted)
	words.Set(text.Say("A test call shows that dialling works: your telephone calls this number, your mobile for example, and hangs up as soon as the call is seen. Some telephones ring first: lift the handset then."), widgets.ColorMuted)
	trial := widgets.NewColumn(3, widgets.NewRow(8, 0, p.number, p.call), words)
	p.buttons = widgets.NewRow(8, 0, layout.NewSpacer(), p.trust, p.again)
	foot := container.New(layout.NewCustomPaddedLayout(0, 0, 16, 16), widgets.NewColumn(8, p.end, trial, p.buttons))
	p.scroll = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(8, 8, 16, 16), p.list))
	p.root = container.New(layout.NewCustomPaddedLayout(10, 12, 0, 0), container.NewBorder(
		container.New(layout.NewCustomPaddedLayout(0, 6, 8, 8), widgets.NewRow(0, 1, back, title, sizeOf(back))), foot, nil, nil, p.scroll))
	return p
}

// sizeOf returns an empty space as wide as an object, to balance it on the other side of a title.
func sizeOf(o fyne.CanvasObject) fyne.CanvasObject {
	s := widgets.Spacer(0)
	s.Resize(o.MinSize())
	return container.NewGridWrap(o.MinSize(), s)
}

// start tests an account; an empty password means the current one.
func (p *checkPage) start(s account.Settings, password string) {
	if !p.running {
		p.settings, p.password, p.called = s, password, ""
		p.run()
	}
}

// run starts the self-test unless it is running.
func (p *checkPage) run() {
	if p.running || p.ui.cfg.Check == nil {
		return
	}
	p.running, p.steps = true, nil
	p.showCertificate(nil)
	p.tell(text.Say("Testing …"), widgets.ColorMuted)
	p.render()
	s, password, number := p.settings, p.password, p.called
	report := func(s Step) {
		p.ui.post(func() {
			p.steps = append(p.steps, s)
			p.render()
		})
	}
	p.ui.do(checkLimit, func(ctx context.Context) error { return p.ui.cfg.Check(ctx, s, password, number, report) }, func(err error) {
		p.running = false
		p.showCertificate(err)
		if err != nil {
			p.tell(text.Explain(err)+certificateWords(p.shown), theme.ColorNameError)
			p.ui.askForConsent(err, s, func(agreed account.Settings) {
				p.ui.window.settings.trustHost(agreed.TrustedHost)
				p.start(agreed, password)
			})
		} else {
			p.tell(strings.TrimSpace(text.Say("All is well: calls are seen and shown.")+" "+p.notes()), theme.ColorNameSuccess)
		}
		p.render()
	})
}

// onCall tests again, with a call to the typed number.
func (p *checkPage) onCall() {
	number, err := dialplan.Dialable(p.number.Text)
	switch {
	case p.running:
	case err != nil:
		p.tell(text.Explain(err), theme.ColorNameError)
	default:
		p.called = number
		p.run()
	}
}

// showCertificate offers to trust the certificate that a test failed on: one that no authority of this computer
// vouches for, or not the one that was trusted.
func (p *checkPage) showCertificate(err error) {
	p.shown = nil
	var unverified *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unverified) && errors.As(err, &unknown) && len(unverified.UnverifiedCertificates) > 0 {
		p.shown = unverified.UnverifiedCertificates[0]
	}
	widgets.Show(p.trust, p.shown != nil)
	widgets.LayOut(p.buttons)
}

// certificateWords describes a certificate, to compare it with what the administrator says.
func certificateWords(c *x509.Certificate) string {
	if c == nil {
		return ""
	}
	return " " + text.Say("It is for {{.Name}}, issued by {{.Issuer}}, valid {{.From}} to {{.Until}}, SHA-256 {{.Fingerprint}}.",
		"Name", text.Plain(c.Subject.CommonName, 40), "Issuer", text.Plain(c.Issuer.CommonName, 40),
		"From", c.NotBefore.Format(time.DateOnly), "Until", c.NotAfter.Format(time.DateOnly), "Fingerprint", csta.Fingerprint(c))
}

// onTrust pins the displayed certificate for the address that presented it, and tests again. Saving the settings
// keeps it.
func (p *checkPage) onTrust() {
	if p.shown != nil && !p.running {
		p.settings = p.ui.window.settings.trust(csta.Fingerprint(p.shown))
		p.run()
	}
}

// notes returns the notes of all steps.
func (p *checkPage) notes() string {
	var notes []string
	for _, s := range p.steps {
		if s.Note != "" {
			notes = append(notes, s.Note)
		}
	}
	return strings.Join(notes, " ")
}

// report shows the result of something requested elsewhere.
func (p *checkPage) report(sentence string) {
	if !p.running {
		p.tell(sentence, theme.ColorNameWarning)
	}
}

// tell says how the test went, below the steps.
func (p *checkPage) tell(sentence string, color fyne.ThemeColorName) {
	before := p.end.MinSize()
	if p.end.Set(sentence, color); p.end.MinSize() != before {
		p.root.Refresh() // the steps have the rest
	}
}

func (p *checkPage) render() {
	widgets.Enable(p.again, !p.running)
	widgets.Enable(p.trust, !p.running)
	widgets.Enable(p.call, !p.running)
	widgets.Enable(p.number, !p.running)
	anew := len(p.steps) != p.listed // Fyne lays out again only when more room is needed
	p.listed = len(p.steps)
	for i, r := range p.rows {
		if i < len(p.steps) {
			r.set(p.steps[i])
		}
		widgets.Show(r.box, i < len(p.steps))
	}
	if anew {
		p.scroll.Refresh()
		p.scroll.ScrollToBottom()
	}
}

func (r *stepRow) set(s Step) {
	mark := fyne.Resource(theme.NewSuccessThemedResource(theme.ConfirmIcon()))
	if s.Err != nil {
		mark = theme.NewErrorThemedResource(theme.CancelIcon())
	}
	r.mark.SetResource(mark)
	r.name.Set(text.SayKnown(s.Name))
	r.took.Set(strconv.FormatInt(s.Took.Milliseconds(), 10) + " ms")
}

// TestPopup shows the popup of a fake call for a moment, and returns nil once it was on the screen. Any goroutine
// but Run's may call it.
func (u *UI) TestPopup(ctx context.Context) error {
	shown := make(chan error, 1)
	u.post(func() { u.popup.test(shown) })
	select {
	case err := <-shown:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
