package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/text"
)

// Do-not-disturb with an end. The PBX knows no end (ECMA-269 §18.1.5 has only on and off), so Calltray switches it off
// when the time has come, also after a restart, and at the next login if it was not running then.

const (
	lunchHour   = 12
	morningHour = 8
)

// quietChoice is how long do-not-disturb may last.
type quietChoice struct {
	label string
	until time.Time // zero: until somebody switches it off
}

// quietChoices are what is offered at a time.
func quietChoices(now time.Time) []quietChoice {
	at := func(days, hour int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, hour, 0, 0, 0, now.Location())
	}
	choices := []quietChoice{
		{text.Say("For 30 minutes"), now.Add(30 * time.Minute)},
		{text.Say("For an hour"), now.Add(time.Hour)},
	}
	if lunch := at(0, lunchHour); lunch.Sub(now) > 10*time.Minute {
		choices = append(choices, quietChoice{text.Say("Until lunch ({{.Time}})", "Time", text.TimeOfDay(lunch)), lunch})
	}
	tomorrow := at(1, morningHour)
	return append(choices, quietChoice{text.Say("Until tomorrow ({{.Time}})", "Time", text.TimeOfDay(tomorrow)), tomorrow},
		quietChoice{text.Say("Until I switch it off"), time.Time{}})
}

// quietFor switches do-not-disturb on, and off again at a time, which is zero for never.
func (u *UI) quietFor(until time.Time) {
	u.setQuietUntil(until)
	u.setDoNotDisturb(true)
}

// quietUntil is when do-not-disturb is to end; zero for never.
func (u *UI) quietUntil() time.Time {
	if at := u.remembered.QuietUntil; at != 0 {
		return time.Unix(at, 0)
	}
	return time.Time{}
}

func (u *UI) setQuietUntil(until time.Time) {
	at := int64(0)
	if !until.IsZero() {
		at = until.Unix()
	}
	u.remember(func(r *account.Remembered) { r.QuietUntil = at })
	u.awaitQuiet()
}

// awaitQuiet looks again when do-not-disturb is to end.
func (u *UI) awaitQuiet() {
	if u.quietTimer != nil {
		u.quietTimer.Stop()
	}
	if until := u.quietUntil(); !until.IsZero() {
		u.quietTimer = time.AfterFunc(time.Until(until), func() { u.post(func() { u.followQuiet(u.state.Telephone.DoNotDisturb) }) })
	}
}

// followQuiet ends do-not-disturb when it is time, and forgets the end when somebody else has switched it off. before is
// what it was in the state before.
func (u *UI) followQuiet(before csta.Switch) {
	until, now := u.quietUntil(), u.state.Telephone.DoNotDisturb
	switch {
	case until.IsZero() || u.state.Status != csta.Online:
	case now == csta.Off && before == csta.On:
		u.setQuietUntil(time.Time{})
	case now == csta.On && !time.Now().Before(until):
		u.setQuietUntil(time.Time{})
		u.setDoNotDisturb(false)
	case u.quietTimer == nil: // of an earlier run
		u.awaitQuiet()
	}
}

// silences is why no call will ring, with the end of do-not-disturb if it has one.
func (u *UI) silences() []string {
	words := silences(u.state)
	if until := u.quietUntil(); !until.IsZero() && u.state.Telephone.DoNotDisturb == csta.On && len(words) > 0 {
		words[0] = text.Say("do not disturb until {{.Time}}", "Time", text.TimeOfDay(until))
	}
	return words
}

// askQuiet offers for how long, or ends do-not-disturb.
func (p *callsPage) askQuiet() {
	u := p.ui
	if u.state.Telephone.DoNotDisturb == csta.On {
		u.setDoNotDisturb(false)
		return
	}
	var items []*fyne.MenuItem
	for _, c := range quietChoices(time.Now()) {
		items = append(items, fyne.NewMenuItem(c.label, func() { u.quietFor(c.until) }))
	}
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), u.window.window.Canvas())
	menu.ShowAtRelativePosition(fyne.NewPos(p.quiet.Size().Width-menu.MinSize().Width, p.quiet.Size().Height), p.quiet)
}
