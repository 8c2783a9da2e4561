package ui

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"calltray/internal/account"
	"calltray/internal/attention"
	"calltray/internal/music"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// alertRows returns the rows about how a ringing call may disturb the user.
func (p *settingsPage) alertRows() []row {
	level := func(title string, key account.Field, help string) row {
		return row{title: title, key: key, help: help, control: p.choice(account.AlertPopup, text.Say("Popup and notification"),
			account.AlertNotification, text.Say("Notification only"), account.AlertTray, text.Say("Tray icon only"), account.AlertNothing, text.Say("Nothing"))}
	}
	after := []string{"0", text.Say("At once")}
	for _, n := range []string{"5", "10", "20", "30", "60"} {
		after = append(after, n, text.Say("After {{.Count}} seconds", "Count", n))
	}
	rows := []row{
		{title: text.Say("What happens"), control: p.preview(), wide: true,
			help: text.Say("With the settings of this page. If several of them apply, the quietest counts.")},
		level(text.Say("Calls to you"), account.FieldAlertDirect, text.Say("To your own number.")),
		level(text.Say("Calls to a queue"), account.FieldAlertQueue, text.Say("And calls that are forwarded to you.")),
		{title: text.Say("Show a queue's call"), key: account.FieldAlertQueueAfter, control: p.choice(after...),
			help: text.Say("Until then only the tray icon rings: somebody else may answer.")},
		level(text.Say("Calls from colleagues"), account.FieldAlertInternal, text.Say("From extensions of your PBX.")),
		level(text.Say("Calls from outside"), account.FieldAlertExternal, text.Say("From all other numbers, and from withheld ones.")),
		level(text.Say("During a call"), account.FieldAlertInCall, text.Say("While you are in another call.")),
		level(text.Say("Full screen"), account.FieldAlertFullScreen, text.Say("While a program fills the screen, such as a presentation.")),
		level(text.Say("Others see the screen"), account.FieldAlertShared, text.Say("As far as this computer tells: a projector that shows the same, or the presentation mode of Windows.")),
		level(text.Say("Screen locked"), account.FieldAlertLocked, text.Say("The popup is never shown above the lock.")),
		level(text.Say("Focus"), account.FieldAlertFocus, text.Say("While do not disturb is on in this computer's own notifications.")),
		level(text.Say("Outside working hours"), account.FieldAlertOutsideHours, text.Say("If you write your working hours below.")),
		{title: text.Say("Working hours"), key: account.FieldWorkHours, control: p.text(), help: text.Say("For example 08:00-16:00; empty if you have none.")},
		{title: text.Say("Working days"), key: account.FieldWorkDays,
			control: p.choice(account.ToFriday, text.Say("Monday to Friday"), account.ToSaturday, text.Say("Monday to Saturday"), account.EveryDay, text.Say("Every day")),
			help:    text.Say("The days on which these working hours count.")},
		{title: text.Say("Only one at a time"), key: account.FieldAlertOnce, control: p.tick(),
			help: text.Say("No notification where the popup is shown, and neither while you work in this window.")},
		{title: text.Say("Names on a locked screen"), key: account.FieldAlertNames, control: p.tick(),
			help: text.Say("And while others see the screen. Off: popup, notification and tray icon then say only “Incoming call”.")},
		{title: text.Say("Sound"), key: account.FieldAlertSound, control: p.tick(),
			help: text.Say("A short one when a call comes, if you do not hear your telephone.")},
	}
	if music.Supported {
		rows = append(rows, row{title: text.Say("Pause music"), key: account.FieldPauseMusic, control: p.tick(),
			help: text.Say("While you are talking. Afterwards it plays on.")})
	}
	return rows
}

// alertPreview shows what happens with the settings as entered on the page. It is not a setting.
type alertPreview struct {
	who, when *widgets.Selection
	result    *widgets.Lines
	box       *fyne.Container
}

// callers and moments are the situations of the preview, in the order of its two lists.
var (
	callers = []attention.Situation{{}, {Queue: true}, {Internal: true}}
	moments = []attention.Situation{{}, {InCall: true}, {Desktop: attention.Desktop{FullScreen: true}}, {Desktop: attention.Desktop{Shared: true}},
		{Desktop: attention.Desktop{Locked: true}}, {Desktop: attention.Desktop{Focus: true}}, {OutsideHours: true}, {WindowActive: true}}
)

func (p *settingsPage) preview() *alertPreview {
	c := &alertPreview{result: widgets.NewLines(2, theme.TextSize(), theme.ColorNameForeground)}
	changed := func(string) { p.previewAlerts() }
	c.who = widgets.NewSelection(&p.ui.window, []string{text.Say("A customer calls you"), text.Say("A customer calls your queue"), text.Say("A colleague calls you")}, changed)
	c.when = widgets.NewSelection(&p.ui.window, []string{text.Say("while you work"), text.Say("during another call"), text.Say("while a program fills the screen"),
		text.Say("while others see the screen"), text.Say("while the screen is locked"), text.Say("while this computer's do not disturb is on"),
		text.Say("outside working hours"), text.Say("while you work in this window")}, changed)
	c.who.Selected, c.when.Selected = c.who.Options[0], c.when.Options[0]
	c.who.OnFocus, c.when.OnFocus = p.revealing(c), p.revealing(c)
	c.box = widgets.NewColumn(4, container.NewGridWithColumns(2, c.who, c.when), c.result)
	p.alerts = c
	return c
}

func (c *alertPreview) object() fyne.CanvasObject { return c.box }
func (c *alertPreview) value() string             { return "" }
func (c *alertPreview) keyboard() fyne.Focusable  { return c.who }
func (c *alertPreview) show(string, bool)         {}

// previewAlerts shows what happens in the chosen situation.
func (p *settingsPage) previewAlerts() {
	if c := p.alerts; c != nil {
		s := p.form.read(p.ui.settings)
		situation := moments[max(0, c.when.SelectedIndex())]
		caller := callers[max(0, c.who.SelectedIndex())]
		situation.Queue, situation.Internal = caller.Queue, caller.Internal
		situation.PopupShows = PopupEnabled(s.Popup, p.ui.cfg.Desk.Placed())
		c.result.Set(alertWords(attention.RulesOf(s), situation), theme.ColorNameForeground)
	}
}

// alertWords describes what happens in a situation.
func alertWords(r attention.Rules, s attention.Situation) string {
	wait := time.Duration(0)
	if s.Queue {
		wait = r.QueueAfter
	}
	s.Rung = wait
	by := r.Decide(s)
	words := ""
	switch {
	case by.Popup && by.Notification:
		words = text.Say("The popup and a notification show the call.")
	case by.Popup:
		words = text.Say("The popup shows the call.")
	case by.Notification:
		words = text.Say("A notification shows the call.")
	case by.Tray:
		words = text.Say("Only the tray icon shows that it rings.")
	default:
		words = text.Say("Nothing shows it: the call is in this window and in the tray menu.")
	}
	if by.Nameless && (by.Popup || by.Notification) {
		words += " " + text.Say("The caller's name is not shown.")
	}
	if by.Sound {
		words += " " + text.Say("You hear a sound.")
	}
	if wait > 0 && (by.Popup || by.Notification) {
		words += " " + text.Say("In the first {{.Count}} seconds only the tray icon rings.", "Count", strconv.Itoa(int(wait.Seconds())))
	}
	return words
}
