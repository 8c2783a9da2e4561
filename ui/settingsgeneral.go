package ui

import (
	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// generalRows returns the rows about what the program does by itself, and how it looks.
func (p *settingsPage) generalRows() []row {
	p.signIn = p.proxySignIn()
	return append([]row{
		{title: text.Say("Start with the computer"), key: account.FieldAutostart, control: p.tickOf("on", "off"),
			help: text.Say("Calltray starts when you log in, in the tray and without a window.")},
		{title: text.Say("Language"), key: account.FieldLanguage,
			control: p.choice(account.Auto, text.Say("As the computer"), text.Danish, "Dansk", text.English, "English"),
			help:    text.Say("Of the window, the tray menu, the notifications and the command line.")},
		{title: text.Say("Colours"), key: account.FieldTheme,
			control: p.choice(account.Auto, text.Say("As the computer"), "light", text.Say("Light"), "dark", text.Say("Dark")),
			help:    text.Say("Of the window and the popup.")},
		{title: text.Say("Proxy"), key: account.FieldProxy, control: p.text(),
			help: text.Say("Empty: as this computer is set. Otherwise “none”, or an address such as http://proxy.example.dk:8080.")},
		{title: text.Say("Sign in to the proxy"), control: p.signIn, help: text.Say("Only if your network's proxy asks for it. Both are kept in the keyring of this computer.")},
		{title: text.Say("Connection"), control: p.note(), wide: true, help: text.Say("“Test” goes the whole way from here to the calls.")},
	}, p.linkRows()...)
}

// adopt takes over settings that were saved, here or elsewhere, and shows their effect at once.
func (u *UI) adopt(s account.Settings) {
	before := u.settings
	u.settings = s
	u.replan()
	u.hotkeys.bind()
	if s.Theme != before.Theme {
		widgets.Choose(u.app, s.Theme)
	}
	if s.Language != before.Language {
		text.Use(s.Language)
		u.popup.rebuild()
		u.asks.rebuild()
		u.window.rebuild()
	}
	if w := &u.window; w.window != nil && !w.settings.edits {
		w.settings.load()
	}
	u.render()
}
