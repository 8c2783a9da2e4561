package ui

import (
	"strconv"

	"calltray/internal/account"
	"calltray/internal/text"
)

// historyRows returns the rows about how long calls are kept.
func (p *settingsPage) historyRows() []row {
	days := func(n int) string { return text.Say("{{.Count}} days", "Count", strconv.Itoa(n)) }
	rows := []row{
		{title: text.Say("Keep calls for"), key: account.FieldHistoryDays,
			control: p.choice("0", days(account.DefaultHistoryDays), "7", days(7), "30", days(30), "365", days(365), "-1", text.Say("Ever")),
			help:    text.Say("Older calls are deleted, with their notes.")},
		{title: text.Say("Private"), key: account.FieldPrivate, control: p.tick(),
			help: text.Say("No calls are kept from now on. Those that there are stay until you delete them.")},
	}
	if p.ui.cfg.Journal != nil {
		rows = append(rows, row{title: text.Say("Call history"), control: p.press(text.Say("Delete all calls"), p.ui.askToDeleteAll)})
	}
	return rows
}

// askToDeleteAll deletes the whole history, after asking.
func (u *UI) askToDeleteAll() {
	u.window.ask(text.Say("Delete the whole call history, with its notes? That cannot be undone."), text.Say("Delete"), func() bool { return true }, u.cfg.Journal.DeleteAll)
}
