package ui

import (
	"context"
	"errors"
	"slices"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/dialplan"
	"calltray/internal/hotkey"
	"calltray/internal/text"
)

// hotkeys are the keys that work while another program has the focus. A Binding's ID is the key of its setting.
type hotkeys struct {
	ui      *UI
	begun   bool // bind has been called
	setting bool // the user is setting one by pressing it: none works meanwhile
	have    []hotkey.Binding
	watch   int                     // counts the watches
	end     func()                  // ends the current watch and waits for its end; nil before the first
	why     map[account.Field]error // why a key does not work; nil if it does
	no      error                   // why no key works; nil if they can
}

// hotkeyWords says what a hotkey does.
func hotkeyWords(f account.Field) string {
	return map[account.Field]string{
		account.FieldHotkeyDial:   text.Say("Dial the selected number"),
		account.FieldHotkeyAnswer: text.Say("Answer"),
		account.FieldHotkeyHangUp: text.Say("Hang up"),
		account.FieldHotkeyShow:   text.Say("Open the window"),
	}[f]
}

// hotkeyCommands are the commands for the hotkeys, for desktops that run a command for a key.
var hotkeyCommands = map[account.Field]string{
	account.FieldHotkeyDial:   "calltray dial --selection",
	account.FieldHotkeyAnswer: "calltray answer",
	account.FieldHotkeyHangUp: "calltray hangup",
	account.FieldHotkeyShow:   "calltray",
}

// bind enables the hotkeys in the settings, and no others.
func (h *hotkeys) bind() {
	u := h.ui
	if u.cfg.Hotkeys == nil || !u.alive {
		return
	}
	var want []hotkey.Binding
	for _, f := range account.Hotkeys {
		if k := u.settings.Hotkey(f); k != (hotkey.Key{}) && !h.setting {
			want = append(want, hotkey.Binding{ID: string(f), Key: k, What: hotkeyWords(f)})
		}
	}
	if h.begun && slices.Equal(want, h.have) {
		return
	}
	changed := h.begun && !h.setting // else the user has not just asked for them
	h.begun, h.have = true, want
	h.watch++
	now, before := h.watch, h.end
	ctx, cancel := context.WithCancel(u.ctx)
	ended := make(chan struct{})
	h.end = func() { cancel(); <-ended }
	go func() {
		defer close(ended)
		if before != nil {
			before() // frees the keys
		}
		var err error
		if len(want) > 0 {
			err = u.cfg.Hotkeys(ctx, want,
				func(b hotkey.Binding, why error) {
					u.post(func() {
						if h.watch == now {
							h.tell(b, why, changed)
						}
					})
				},
				func(b hotkey.Binding) { u.post(func() { u.hotkey(account.Field(b.ID)) }) })
		}
		u.post(func() {
			if h.watch == now && ctx.Err() == nil {
				h.no = err
				u.window.showHotkeys()
			}
		})
	}()
}

// tell records why a key does not work, nil if it does. It tells the user only about a key they set.
func (h *hotkeys) tell(b hotkey.Binding, why error, changed bool) {
	u, f := h.ui, account.Field(b.ID)
	if h.why == nil {
		h.why = map[account.Field]error{}
	}
	if h.no, h.why[f] = nil, why; why != nil {
		u.log.Info("a hotkey does not work", "key", b.Key.String(), "reason", why)
		switch {
		case u.settings.Get(f) == "": // the default
		case changed:
			u.report(hotkeyTrouble(b.Key, why))
		default:
			u.tell(hotkeyTrouble(b.Key, why))
		}
	}
	u.window.showHotkeys()
}

// hotkeyTrouble explains why a key does not work.
func hotkeyTrouble(k hotkey.Key, why error) string {
	switch {
	case errors.Is(why, hotkey.ErrTaken):
		return text.Say("{{.Key}} belongs to another program: choose another hotkey.", "Key", k.String())
	case errors.Is(why, hotkey.ErrNoKey):
		return text.Say("This keyboard has no {{.Key}}: choose another hotkey.", "Key", k.String())
	default:
		return text.Say("The desktop did not give Calltray the hotkey {{.Key}}: choose another.", "Key", k.String())
	}
}

// hotkey performs the action of a hotkey.
func (u *UI) hotkey(f account.Field) {
	switch f {
	case account.FieldHotkeyDial:
		u.dialSelected()
	case account.FieldHotkeyAnswer:
		u.actFromElsewhere(actAnswer)
	case account.FieldHotkeyHangUp:
		u.actFromElsewhere(actHangUp)
	case account.FieldHotkeyShow:
		u.window.open(pageCalls)
	}
}

// actFromElsewhere does what the window's key does, and reports a refusal where the user is.
func (u *UI) actFromElsewhere(a callAction) {
	c, sure := u.meant(a)
	if !sure {
		u.report(u.window.message)
		return
	}
	if why := u.why(a, c); why != "" {
		u.report(why)
		return
	}
	u.act(a, c)
}

// dialSelected asks about the selected number, or dials an ordinary one at once if the settings say so.
func (u *UI) dialSelected() {
	var r dialplan.Reading
	u.do(2*clipboardLimit, func(ctx context.Context) (err error) {
		r, err = u.selected(ctx, true)
		return err
	}, func(err error) {
		ordinary := r.Doubt == "" && r.Digits == "" && !r.Kind.ByHand() && r.Kind != dialplan.Emergency
		switch {
		case err == errSeveral: // the window shows them
			return
		case err == nil && ordinary && u.settings.DialWithoutAsking && !u.asks.wanted && u.state.Status == csta.Online:
			u.place(r, nil)
			u.report(u.window.message)
			return
		case err == nil:
			err = u.asks.ask(DialRequest{Reading: r})
		}
		if err != nil {
			u.report(text.Explain(err))
		}
	})
}
