package ui

import (
	"context"
	"runtime"
	"strings"
	"time"

	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// rulesLimit is how long trying the rules of the page may take.
const rulesLimit = time.Minute

// ruleExamples are rules to start with: they do nothing until the # is deleted.
const ruleExamples = `# rings external incoming => open https://crm.example.dk/search?q={e164}
# answered queue => open https://crm.example.dk/ticket?phone={e164}&queue={queue}
# ended external => post https://crm.example.dk/calls
# missed => post https://chat.example.dk/hook {"text": "{name} {number}"}
# dialled source:own => run `

// exampleProgram returns a program's path and arguments on this system.
func exampleProgram() string {
	path := "/usr/local/bin/log"
	if runtime.GOOS == "windows" {
		path = `C:\Tools\log.exe`
	}
	return path + ` --number={number} "--name={name}"`
}

// ruleRows returns the rows about the actions that calls trigger.
func (p *settingsPage) ruleRows() []row {
	lines := p.lines()
	lines.entry.SetMinRowsVisible(5)
	add := p.ui.window.button(widget.MediumImportance, text.Say("Add examples"), nil, func() {
		lines.entry.SetText(strings.TrimLeft(strings.TrimRight(lines.entry.Text, "\n")+"\n"+ruleExamples+exampleProgram(), "\n"))
	})
	var try *widgets.Action
	try = p.ui.window.button(widget.MediumImportance, text.Say("Try the rules"), nil, func() { p.tryRules(lines.entry.Text, try) })
	box := widgets.NewRow(8, 2, add, try, layout.NewSpacer())
	if p.ui.cfg.TryRules == nil {
		try.Hide()
	}
	return []row{
		{title: text.Say("Actions on calls"), key: account.FieldRules, control: lines, wide: true,
			help: text.Say("One rule a line: when, for which calls => open, run or post, and what. A line that begins with # does nothing. A program is stopped after ten seconds.")},
		{control: &rulesControl{pressControl{button: try, box: box}, add}, help: text.Say("The rules are tried with a call that nobody makes, from Anna Holm.")},
	}
}

// rulesControl is the pair of buttons below the rules.
type rulesControl struct {
	pressControl
	add *widgets.Action
}

func (c *rulesControl) show(_ string, usable bool) {
	widgets.Enable(c.button, usable)
	widgets.Enable(c.add, usable)
}

// tryRules runs the rules of the page with a made-up call.
func (p *settingsPage) tryRules(rules string, button *widgets.Action) {
	said := ""
	widgets.Enable(button, false)
	p.tell(text.Say("The rules are being tried …"), widgets.ColorMuted)
	p.ui.do(rulesLimit, func(ctx context.Context) (err error) {
		said, err = p.ui.cfg.TryRules(ctx, rules)
		return err
	}, func(err error) {
		widgets.Enable(button, true)
		if err != nil {
			p.tell(text.Explain(err), theme.ColorNameError)
			return
		}
		p.tell(said, theme.ColorNameSuccess)
	})
}
