package ui

import (
	"crypto/x509"
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// resultLines has room for a certificate: its name, issuer, dates and fingerprint.
const resultLines = 4

// needsAccount reports whether the settings cannot be used as they are.
func needsAccount(s account.Settings) bool { return s.Check() != nil }

// settingsPage is the page with the account. It never shows a password: an empty field keeps the one
// there is.
type settingsPage struct {
	ui   *UI
	root *fyne.Container

	fields    map[account.Field]*field
	password  *field
	popup     *widgets.Selection
	plain     *widgets.Toggle
	test      *widgets.Action
	save      *widgets.Action
	memory    *widgets.Action
	trust     *widgets.Action // for the certificate that the last test showed
	shown     *x509.Certificate
	pinned    string // its fingerprint, once the user trusts it
	result    *widgets.Lines
	working   bool   // Test or Save is on its way
	warnedFor string // the address of the present warning
	edits     bool   // the user has changed something that is not saved
}

// field is one entry with its name above, and below it a hint, or what is wrong with it.
type field struct {
	entry *widgets.Input
	below *widgets.Lines
	hint  string
	box   *fyne.Container
}

func newField(name, hint string, entry *widgets.Input) *field {
	f := &field{entry: entry, below: widgets.NewLines(2, theme.CaptionTextSize(), widgets.ColorMuted), hint: hint}
	title := widgets.NewLine(theme.TextSize(), true, theme.ColorNameForeground)
	title.Set(name)
	f.box = widgets.NewColumn(3, title, entry, f.below)
	f.complain("")
	return f
}

// complain shows what is wrong with the field, or its hint if nothing is.
func (f *field) complain(why string) {
	if why == "" {
		f.below.Set(f.hint, widgets.ColorMuted)
	} else {
		f.below.Set(why, theme.ColorNameError)
	}
}

func newSettingsPage(u *UI) *settingsPage {
	p := &settingsPage{ui: u}
	p.fields = map[account.Field]*field{
		account.FieldURL:       newField(text.Say("Address"), text.Say("As your PBX provider told you: tls://host:port or https://host/path; tcp:// and http:// are not encrypted."), widgets.NewInput(&u.window)),
		account.FieldUserID:    newField(text.Say("User ID"), text.Say("The name you log in with, often an e-mail address."), widgets.NewInput(&u.window)),
		account.FieldPBXDomain: newField(text.Say("PBX domain"), text.Say("For example 12345678.pbx.one-connect.dk."), widgets.NewInput(&u.window)),
		account.FieldDevice:    newField(text.Say("Extension"), text.Say("The short number of your telephone, for example 200."), widgets.NewInput(&u.window)),
	}
	p.password = newField(text.Say("Password"), "", widgets.NewPasswordInput(&u.window))
	for _, f := range append(p.inOrder(), p.password) {
		f.entry.OnChanged = func(string) { f.complain(""); p.edited() }
		f.entry.OnSubmitted = func(string) { p.onSave(false) }
	}

	p.plain = widgets.NewToggle(&u.window, text.Say("I accept that the password travels unencrypted"), func(bool) { p.edited() })
	p.popup = widgets.NewSelection(&u.window, []string{text.Say("Automatic"), text.Say("Always"), text.Say("Never")}, func(string) { p.edits = true })
	popupTitle := widgets.NewLine(theme.TextSize(), true, theme.ColorNameForeground)
	popupTitle.Set(text.Say("Popup when a call comes in"))
	popupHint := widgets.NewLines(2, theme.CaptionTextSize(), widgets.ColorMuted)
	popupHint.Set(text.Say("Automatic: where the desktop lets Calltray place it without taking the keyboard. Elsewhere a notification does its work."), widgets.ColorMuted)

	p.result = widgets.NewLines(resultLines, theme.TextSize(), theme.ColorNameForeground)
	p.test = u.window.button(widget.MediumImportance, text.Say("Test connection"), nil, p.onTest)
	p.save = u.window.button(widget.HighImportance, text.Say("Save"), nil, func() { p.onSave(false) })
	p.memory = u.window.button(widget.MediumImportance, text.Say("Keep the password in memory until Quit"), nil, func() { p.onSave(true) })
	p.memory.Hide()
	p.trust = u.window.button(widget.MediumImportance, text.Say("Trust this certificate"), nil, p.onTrust)
	p.trust.Hide()
	check := u.window.button(widget.MediumImportance, text.Say("Self-test"), nil, p.onCheck)
	if u.cfg.Check == nil {
		check.Hide()
	}
	back := u.window.button(widget.LowImportance, text.Say("Calls"), theme.NavigateBackIcon(), p.giveUp)
	quit := u.window.button(widget.LowImportance, text.Say("Quit Calltray"), theme.LogoutIcon(), u.askToQuit)
	title := widgets.NewLine(20, true, theme.ColorNameForeground)
	title.Align = fyne.TextAlignCenter
	title.Set(text.Say("Settings"))

	form := container.New(layout.NewCustomPaddedLayout(4, 4, 16, 16), widgets.NewColumn(8,
		p.fields[account.FieldURL].box,
		container.NewGridWithColumns(2, p.fields[account.FieldUserID].box, p.password.box),
		container.NewGridWithColumns(2, p.fields[account.FieldPBXDomain].box, p.fields[account.FieldDevice].box),
		widgets.NewColumn(3, popupTitle, p.popup, popupHint)))
	foot := container.New(layout.NewCustomPaddedLayout(0, 0, 16, 16), widgets.NewColumn(6,
		p.result, container.NewStack(widgets.Spacer(36), p.plain, p.memory, p.trust),
		widgets.NewRow(8, 0, layout.NewSpacer(), check, p.test, p.save)))
	// The objects are in the order of Tab, which ends at Save: leaving and quitting come before the fields.
	top := container.New(layout.NewCustomPaddedLayout(0, 6, 8, 8), widgets.NewRow(0, 1, back, title, quit))
	fields := container.NewVScroll(form)
	p.root = container.New(layout.NewCustomPaddedLayout(10, 12, 0, 0),
		container.New(layout.NewBorderLayout(top, foot, nil, nil), top, fields, foot))
	return p
}

// giveUp goes back to the calls without saving.
func (p *settingsPage) giveUp() {
	p.edits = false
	p.ui.window.open(pageCalls)
}

// inOrder lists the fields of the settings as account.Check does.
func (p *settingsPage) inOrder() []*field {
	return []*field{p.fields[account.FieldURL], p.fields[account.FieldUserID], p.fields[account.FieldPBXDomain], p.fields[account.FieldDevice]}
}

// focus puts the keyboard into the first field that is empty.
func (p *settingsPage) focus() {
	for _, f := range p.inOrder() {
		if f.entry.Text == "" {
			p.ui.window.window.Canvas().Focus(f.entry)
			return
		}
	}
	p.ui.window.window.Canvas().Focus(p.password.entry)
}

// The choices of the popup, in the order of the select.
var popupChoices = []string{account.PopupAuto, account.PopupOn, account.PopupOff}

// load fills the fields from the settings.
func (p *settingsPage) load() {
	s := p.ui.settings
	p.fields[account.FieldURL].entry.SetText(s.URL)
	p.fields[account.FieldUserID].entry.SetText(s.UserID)
	p.fields[account.FieldPBXDomain].entry.SetText(s.PBXDomain)
	p.fields[account.FieldDevice].entry.SetText(s.Device)
	p.password.hint = text.Say("It is kept in the keyring of this computer. Leave it empty to keep the present one.")
	if needsAccount(s) {
		p.password.hint = text.Say("It is kept in the keyring of this computer, and nowhere else.")
	}
	p.password.entry.SetText("")
	p.password.complain("")
	p.warnedFor, p.pinned = "", ""
	p.showCertificate(nil)
	p.tell("", widgets.ColorMuted)
	p.popup.SetSelectedIndex(0)
	for i, c := range popupChoices {
		if c == s.Popup {
			p.popup.SetSelectedIndex(i)
		}
	}
	p.edited()
	p.edits = false
}

// read returns the settings as they are in the fields.
func (p *settingsPage) read() account.Settings {
	s := p.ui.settings
	s.URL = strings.TrimSpace(p.fields[account.FieldURL].entry.Text)
	s.UserID = strings.TrimSpace(p.fields[account.FieldUserID].entry.Text)
	s.Device = strings.TrimSpace(p.fields[account.FieldDevice].entry.Text)
	if domain := strings.TrimSpace(p.fields[account.FieldPBXDomain].entry.Text); domain != s.PBXDomain {
		s.PBXDomain, s.TrunkID = domain, "" // the trunk belongs to the exchange
	}
	if i := p.popup.SelectedIndex(); i >= 0 {
		s.Popup = popupChoices[i]
	}
	if s.Plain() && p.plain.Checked {
		s = s.AcceptPlain()
	}
	if p.pinned != "" {
		s = s.WithPin(p.pinned)
	}
	return s
}

// edited offers the tick when the address is not encrypted. The tick is for one address: another one
// takes it away.
func (p *settingsPage) edited() {
	s := p.ui.settings
	s.URL = strings.TrimSpace(p.fields[account.FieldURL].entry.Text)
	p.edits = true
	p.memory.Hide()
	p.trust.Hide()
	p.pinned = "" // it was for what stood there
	if !p.working {
		p.tell("", widgets.ColorMuted) // so was what was said of it
	}
	widgets.Show(p.plain, s.Plain())
	switch address := s.Address(); {
	case !s.Plain():
		p.warnedFor, p.plain.Checked = "", false
	case address != p.warnedFor:
		p.warnedFor = address
		p.plain.SetChecked(!s.NeedsConsent())
	}
	p.warn(s)
}

// warn says under the address that it is not encrypted.
func (p *settingsPage) warn(s account.Settings) {
	if s.Plain() {
		p.fields[account.FieldURL].below.Set(text.Say("Anybody on the way to {{.Address}} can read the password, because this address is not encrypted.",
			"Address", text.Plain(s.Address(), 60)), theme.ColorNameWarning)
	}
}

// check shows what is wrong with the fields, and reports whether nothing is.
func (p *settingsPage) check(s account.Settings, first bool) bool {
	var errs account.FieldErrors
	errors.As(s.Check(), &errs)
	for key, f := range p.fields {
		f.complain(text.SayKnown(errs.Field(key)))
	}
	p.password.complain("")
	if errs.Field(account.FieldURL) == "" {
		p.warn(s)
	}
	switch {
	case len(errs) > 0:
		f := p.fields[errs[0].Field]
		if f == nil { // a setting that only the file has
			p.tell(text.SayKnown(errs[0].Why), theme.ColorNameError)
			break
		}
		p.tell(text.Say("Something is missing or wrong: see the red lines."), theme.ColorNameError)
		p.ui.window.window.Canvas().Focus(f.entry)
	case first && p.password.entry.Text == "":
		p.password.complain(text.Say("The password is missing: type the one for this user ID."))
		p.ui.window.window.Canvas().Focus(p.password.entry)
		p.tell(text.Say("Something is missing or wrong: see the red lines."), theme.ColorNameError)
	case s.NeedsConsent():
		p.tell(text.Say("This address is not encrypted: tick the box to accept that, or use tls:// or https://."), theme.ColorNameWarning)
	default:
		return true
	}
	return false
}

// report shows what became of something that was asked for elsewhere.
func (p *settingsPage) report(sentence string) {
	if !p.working {
		p.tell(sentence, theme.ColorNameWarning)
	}
}

func (p *settingsPage) tell(sentence string, color fyne.ThemeColorName) {
	p.result.Set(sentence, color)
}

func (p *settingsPage) render() {
	usable := !p.working && !p.ui.cfg.Demo
	widgets.Enable(p.test, usable)
	widgets.Enable(p.save, usable)
	widgets.Enable(p.memory, usable)
	if p.ui.cfg.Demo {
		for _, f := range append(p.inOrder(), p.password) {
			if !f.entry.Disabled() {
				f.entry.Disable()
			}
		}
		p.tell(text.Say("This is the demo: it has an account of its own."), widgets.ColorMuted)
	}
}
