package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/text"
)

// Do-not-disturb with an end time. The PBX has none (ECMA-269 §18.1.5 has only on and off), so Calltray switches it off
// on time, even after a restart, or at the next login if it was not running then.

const (
	lunchHour   = 12
	morningHour = 8
)

// quietChoice is an end time offered for do-not-disturb.
type quietChoice struct {
	label string
	until time.Time // zero: until somebody switches it off
}

// quietChoices returns the choices offered at a time.
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

// quietFor switches do-not-disturb on, and off again at until; zero means never.
func (u *UI) quietFor(until time.Time) {
	u.setQuietUntil(until)
	u.setDoNotDisturb(true)
}

// quietUntil returns when do-not-disturb is to end; zero means never.
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

// awaitQuiet starts the timer for the end of do-not-disturb, if there is one.
func (u *UI) awaitQuiet() {
	if u.quietTimer != nil {
		u.quietTimer.Stop()
	}
	if until := u.quietUntil(); !until.IsZero() {
		u.quietTimer = time.AfterFunc(time.Until(until), func() { u.post(func() { u.followQuiet(u.state.Telephone.DoNotDisturb) }) })
	}
}

// followQuiet ends do-not-disturb when it is time, and forgets the end time if do-not-disturb was switched off some
// other way. before is its previous state.
func (u *UI) followQuiet(before csta.Switch) {
	until, now := u.quietUntil(), u.state.Telephone.DoNotDisturb
	switch {
	case until.IsZero() || u.state.Status != csta.Online:
	case now == csta.Off && before == csta.On:
		u.setQuietUntil(time.Time{})
	case now == csta.On && !time.Now().Before(until):
		u.setQuietUntil(time.Time{})
		u.setDoNotDisturb(false)
	case u.quietTimer == nil: // the end time is from an earlier run
		u.awaitQuiet()
	}
}

// silences returns why no call will ring, with the end time of do-not-disturb if it has one.
func (u *UI) silences() []string {
	words := silences(u.state)
	if until := u.quietUntil(); !until.IsZero() && u.state.Telephone.DoNotDisturb == csta.On && len(words) > 0 {
		words[0] = text.Say("do not disturb until {{.Time}}", "Time", text.TimeOfDay(until))
	}
	return words
}

// askQuiet offers end times for do-not-disturb, or ends it if it is on.
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
