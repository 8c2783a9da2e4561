package ui

import (
	"errors"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/cstasession"
	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// How to add a setting to the window:
//
//  1. Give account.Settings a field with its key, and Check a line if it can be wrong.
//  2. Add a row to the section where users look for it. A subject of its own has a file of its own with a function
//     that returns its rows; the section's function in sections joins them.
//
//	row{title: text.Say("Language"), key: account.FieldLanguage,
//		control: p.choice("", text.Say("As the computer"), "da", "Dansk", "en", "English"),
//		help:    text.Say("Of the window, the tray menu and the notifications.")}
//
// That is all. The page loads and saves it, shows its errors below it, scrolls to it and greys it out when the
// administrator has locked it, and “calltray settings” knows its key. The controls are text, choice, tick and press;
// anything else that implements control works too, and a wide row gives it the full width.

// section is one page of the settings.
type section struct {
	title string
	rows  []row
}

// sections returns the sections in display order. A section without rows is not shown.
func (p *settingsPage) sections() []section {
	return []section{
		{text.Say("Account"), p.accountRows()},
		{text.Say("Calls and popup"), slices.Concat(p.callRows(), p.pageRows(), p.ruleRows())},
		{text.Say("Notifications"), p.alertRows()},
		{text.Say("Number rules"), p.numberRows()},
		{text.Say("Hotkeys"), p.hotkeyRows()},
		{text.Say("Contacts"), p.contactRows()},
		{text.Say("General"), append(p.generalRows(), p.historyRows()...)},
	}
}

// needsAccount reports whether the settings are unusable as they are.
func needsAccount(s account.Settings) bool { return s.Check() != nil }

// settingsPage is the page with the settings. It never shows a password: an empty field keeps the stored one.
type settingsPage struct {
	ui      *UI
	root    *fyne.Container
	form    form
	tabs    []*tab
	title   *widgets.Line
	buttons *fyne.Container // of the tabs
	welcome welcome
	open    int // which of the tabs is open

	password *secret
	tries    *tryControl
	alerts   *alertPreview
	health   *noteControl
	signIn   *signInControl
	plain    *widgets.Toggle
	test     *widgets.Action
	save     *widgets.Action
	memory   *widgets.Action
	trusted  string // the other host that the user has just allowed the login to go to; "" for none
	pinned   string // the fingerprint of the certificate that the user has just trusted; "" for none
	result   *widgets.Lines
	told     int             // how many seconds the result has been shown
	agree    *fyne.Container // the tick, and the button that keeps the password in memory

	working   bool   // a save is running
	warnedFor string // the address that the warning is about
	edits     bool   // there are unsaved changes
}

// tab is a section with the button that opens it.
type tab struct {
	button *widgets.Action
	scroll *container.Scroll
	rows   []*setting
}

func newSettingsPage(u *UI) *settingsPage {
	p := &settingsPage{ui: u}
	p.buttons = container.New(&widgets.Wrapped{Gap: 4})
	p.newWelcome()
	pages := container.NewStack()
	for _, s := range p.sections() {
		if len(s.rows) > 0 {
			t := p.newTab(s, len(p.tabs))
			p.tabs = append(p.tabs, t)
			p.buttons.Add(t.button)
			pages.Add(t.scroll)
		}
	}
	p.password.setting = p.form.with(p.password)
	p.plain = widgets.NewToggle(&u.window, text.Say("I accept that the password travels unencrypted"), func(bool) { p.edited() })
	p.result = widgets.NewLines(2, theme.TextSize(), theme.ColorNameForeground)
	p.result.Least = 1
	p.test = u.window.button(widget.MediumImportance, text.Say("Test"), nil, p.onTest)
	if u.cfg.Check == nil {
		p.test.Hide()
	}
	p.save = u.window.button(widget.HighImportance, text.Say("Save"), nil, func() { p.onSave(false) })
	p.memory = u.window.button(widget.MediumImportance, text.Say("Keep the password in memory until Quit"), nil, func() { p.onSave(true) })
	p.memory.Hide()

	p.agree = container.NewStack(widgets.Spacer(36), p.plain, p.memory)

	// Tab visits the objects in this order, and ends at Save.
	back := u.window.button(widget.LowImportance, text.Say("Calls"), theme.NavigateBackIcon(), p.giveUp)
	p.title = widgets.NewLine(20, true, theme.ColorNameForeground)
	p.title.Align = fyne.TextAlignCenter
	p.title.Set(text.Say("Settings"))
	top := container.New(layout.NewCustomPaddedLayout(0, 6, 8, 8), widgets.NewColumn(6, widgets.NewRow(0, 1, back, p.title, sizeOf(back)), p.buttons))
	foot := container.New(layout.NewCustomPaddedLayout(6, 0, 16, 16), widgets.NewColumn(6,
		p.result, p.agree,
		widgets.NewRow(8, 1, p.welcome.more, layout.NewSpacer(), p.test, p.save)))
	p.root = container.New(layout.NewCustomPaddedLayout(10, 12, 0, 0),
		container.New(layout.NewBorderLayout(top, foot, nil, nil), top, pages, foot))
	p.choose(0)
	return p
}

func (p *settingsPage) newTab(s section, place int) *tab {
	t := &tab{button: p.ui.window.button(widget.LowImportance, s.title, nil, func() { p.choose(place) })}
	list := widgets.NewColumn(10)
	if place == 0 {
		list.Add(p.welcome.intro)
	}
	for _, r := range s.rows {
		added := p.form.add(r)
		t.rows = append(t.rows, added)
		list.Add(added.box)
	}
	if place == 0 {
		list.Add(p.welcome.legend)
	}
	t.scroll = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(8, 8, 16, 16), list))
	return t
}

// choose opens a section.
func (p *settingsPage) choose(place int) {
	p.open = place
	for i, t := range p.tabs {
		t.button.SetImportance(map[bool]widget.Importance{true: widget.MediumImportance, false: widget.LowImportance}[i == place])
		widgets.Show(t.scroll, i == place)
	}
}

// reveal opens the section of a row and scrolls to the row.
func (p *settingsPage) reveal(s *setting) {
	for i, t := range p.tabs {
		for _, row := range t.rows {
			if row == s {
				p.choose(i)
				row.scrollInto(t.scroll)
			}
		}
	}
}

// focus moves the keyboard focus to the first empty field of the account, or else to the password.
func (p *settingsPage) focus() {
	first := p.password.setting
	for _, row := range p.tabs[0].rows {
		if row.box.Visible() && row.key != "" && row.control.value() == "" {
			first = row
			break
		}
	}
	p.focusAt(first)
}

// focusAt moves the keyboard focus to a row.
func (p *settingsPage) focusAt(s *setting) {
	if p.welcome.on && !s.box.Visible() {
		p.greet(false)
	}
	p.reveal(s)
	if at := s.control.keyboard(); at != nil {
		p.ui.window.window.Canvas().Focus(at)
	}
}

// giveUp goes back to the calls without saving. It asks first if changes would be lost.
func (p *settingsPage) giveUp() {
	unsaved := func() bool {
		return p.ui.window.page == pageSettings && p.edits && (p.read() != p.ui.settings || p.password.entry.Text != "" || p.signIn.user.Text != "")
	}
	leave := func() {
		p.edits = false
		p.ui.window.open(pageCalls)
	}
	if !unsaved() {
		leave()
		return
	}
	p.ui.window.ask(text.Say("Leave the settings? What you have changed is not saved."), text.Say("Leave"), unsaved, leave)
}

// load fills the rows from the settings.
func (p *settingsPage) load() {
	s := p.ui.settings
	shown := s
	if p.ui.cfg.Autostarts != nil {
		shown.Autostart = map[bool]string{true: "on", false: "off"}[p.ui.cfg.Autostarts()]
	}
	p.form.load(shown, p.ui.cfg.Locks, !p.ui.cfg.Demo)
	p.password.clear(needsAccount(s))
	p.greet(needsAccount(s) && !p.ui.cfg.Demo)
	p.warnedFor, p.pinned, p.trusted = "", "", ""
	p.tell("", widgets.ColorMuted)
	p.edited()
	p.edits = false
}

// read returns the settings as entered in the rows.
func (p *settingsPage) read() account.Settings {
	s := p.form.read(p.ui.settings)
	if s.Plain() && p.plain.Checked {
		s = s.AcceptPlain()
	}
	if p.pinned != "" {
		s = s.WithPin(p.pinned)
	}
	if p.trusted != "" {
		s = s.WithTrustedHost(p.trusted)
	}
	return s
}

// edited shows the tick box when the address is not encrypted. The tick is for one address: another address clears it.
func (p *settingsPage) edited() {
	s := p.form.read(p.ui.settings)
	p.edits = true
	p.tryNumber()
	p.previewAlerts()
	p.memory.Hide()
	p.pinned, p.trusted = "", "" // they were for what was entered before
	if !p.working {
		p.tell("", widgets.ColorMuted) // and so was the message
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
	p.arrange()
}

// warn says below the address that it is not encrypted.
func (p *settingsPage) warn(s account.Settings) {
	if s.Plain() {
		p.form.of(account.FieldURL).below.Set(text.Say("Anybody on the way to {{.Address}} can read the password, because this address is not encrypted.",
			"Address", text.Plain(s.Address(), 60)), theme.ColorNameWarning)
	}
}

// check shows what is wrong with the settings just read from the rows, and reports whether nothing is.
func (p *settingsPage) check(s account.Settings, first bool) bool {
	var errs account.FieldErrors
	errors.As(s.Check(), &errs)
	errs = append(p.form.unread, errs...)
	p.form.complain(errs)
	p.password.complain("")
	if errs.Field(account.FieldURL) == "" {
		p.warn(s)
	}
	switch {
	case len(errs) > 0:
		wrong := p.form.of(errs[0].Field)
		if wrong == nil { // a setting that is only in the file
			p.tell(text.SayKnown(errs[0].Why), theme.ColorNameError)
			break
		}
		p.tell(text.Say("Something is missing or wrong: see the red lines."), theme.ColorNameError)
		p.focusAt(wrong)
	case first && p.password.entry.Text == "":
		p.password.complain(text.Say("The password is missing: type the one for this user ID."))
		p.focusAt(p.password.setting)
		p.tell(text.Say("Something is missing or wrong: see the red lines."), theme.ColorNameError)
	case s.NeedsConsent():
		p.tell(text.Say("This address is not encrypted: tick the box to accept that, or use tls:// or https://."), theme.ColorNameWarning)
	default:
		return true
	}
	return false
}

// arrange gives the footer the room it needs, and the rows the rest. The buttons at the bottom do not move.
func (p *settingsPage) arrange() {
	result, agree := p.result.Text != "", p.plain.Visible() || p.memory.Visible()
	if result != p.result.Visible() || agree != p.agree.Visible() {
		widgets.Show(p.result, result)
		widgets.Show(p.agree, agree)
		p.root.Refresh()
	}
}

// report shows the outcome of something started elsewhere.
func (p *settingsPage) report(sentence string) {
	if !p.working {
		p.tell(sentence, theme.ColorNameWarning)
	}
}

func (p *settingsPage) tell(sentence string, color fyne.ThemeColorName) {
	p.told = 0
	before := p.result.MinSize()
	if p.result.Set(sentence, color); p.result.MinSize() != before {
		p.root.Refresh()
	}
	p.arrange()
}

// secondPassed clears a result that has been shown long enough, unless it is about a running save or about the button
// below it. It also updates the sentence about the link.
func (p *settingsPage) secondPassed() {
	if p.told++; p.told > messageSeconds && p.result.Text != "" && !p.working && !p.memory.Visible() && !p.ui.cfg.Demo {
		p.tell("", widgets.ColorMuted)
	}
	p.renderHealth()
}

func (p *settingsPage) render() {
	usable := !p.working && !p.ui.cfg.Demo
	widgets.Enable(p.test, usable)
	widgets.Enable(p.save, usable)
	widgets.Enable(p.memory, usable)
	if p.ui.cfg.Demo {
		p.tell(text.Say("This is the demo: it has an account of its own."), widgets.ColorMuted)
	}
	p.arrange()
	p.renderHealth()
}

// renderHealth shows the state of the link to the PBX.
func (p *settingsPage) renderHealth() {
	if p.ui.window.page != pageSettings {
		return
	}
	var h cstasession.Health
	if p.ui.cfg.Health != nil {
		h = p.ui.cfg.Health()
	}
	p.health.words.Set(healthWords(p.ui.state, h, time.Now()), theme.ColorNameForeground)
}
