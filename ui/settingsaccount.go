package ui

import (
	"fyne.io/fyne/v2"

	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// accountRows returns the rows of the user's account.
func (p *settingsPage) accountRows() []row {
	p.password = &secret{entry: widgets.NewPasswordInput(&p.ui.window)}
	p.attend(p.password, p.password.entry)
	return []row{
		{title: text.Say("User ID"), key: account.FieldUserID, control: p.text(), help: text.Say("The name you log in with, often an e-mail address.")},
		{title: text.Say("Password"), control: p.password},
		{title: text.Say("Extension"), key: account.FieldDevice, control: p.text(), help: text.Say("The short number of your telephone, for example 200.")},
		{title: text.Say("Address"), key: account.FieldURL, control: p.text(),
			help: text.Say("As your PBX provider told you: tls://host:port or https://host/path; tcp:// and http:// are not encrypted.")},
		{title: text.Say("PBX domain"), key: account.FieldPBXDomain, control: p.text(), help: text.Say("For example 12345678.pbx.one-connect.dk.")},
	}
}

// callRows returns the rows about the popup, and about what it does during a call.
func (p *settingsPage) callRows() []row {
	return []row{
		{title: text.Say("Popup when a call comes in"), key: account.FieldPopup,
			control: p.choice(account.PopupAuto, text.Say("Automatic"), account.PopupOn, text.Say("Always"), account.PopupOff, text.Say("Never")),
			help:    text.Say("Automatic: where the desktop lets Calltray place it without taking the keyboard. Elsewhere a notification does its work.")},
		{title: text.Say("Panel during the call"), key: account.FieldNoCallPanel, control: p.tickOf("false", "true"),
			help: text.Say("A call that you answer in the popup stays there with its time, Hold, Transfer and Hang up.")},
		{title: text.Say("Place of the popup"), control: p.press(text.Say("Bottom right"), p.resetPopupPlace),
			help: text.Say("Drag the popup into another corner, or to another screen: it is kept for the screens you have now. This puts it back.")},
	}
}

// resetPopupPlace moves the popup back to its default place.
func (p *settingsPage) resetPopupPlace() {
	p.ui.keepPopupPlace(nil)
	p.tell(text.Say("The popup comes up at the bottom right again, on the screen you are at."), widgets.ColorMuted)
}

// secret is the password entry. It never shows the stored password.
type secret struct {
	entry   *widgets.Input
	setting *setting
}

func (c *secret) object() fyne.CanvasObject  { return c.entry }
func (c *secret) value() string              { return c.entry.Text }
func (c *secret) keyboard() fyne.Focusable   { return c.entry }
func (c *secret) show(_ string, usable bool) { widgets.Enable(c.entry, usable) }
func (c *secret) complain(why string)        { c.setting.complain(why) }

// clear empties the entry. first means that there is no account yet.
func (c *secret) clear(first bool) {
	c.setting.help = text.Say("It is kept in the keyring of this computer. Leave it empty to keep the present one.")
	if first {
		c.setting.help = text.Say("It is kept in the keyring of this computer, and nowhere else.")
	}
	c.entry.SetText("")
	c.complain("")
}
