package ui

import (
	"context"
	"errors"
	"slices"
	"time"

	"calltray/internal/dialplan"
	"calltray/internal/text"
)

// clip is what is known about the clipboard: only the numbers in its text are kept.
type clip struct {
	numbers []dialplan.Number
	copied  string // what "Copy number" or a field last put there
	ours    bool   // it is still there, and we serve it to other programs
}

// clipboardLimit is how long the owner of the clipboard may take to hand over its content.
const clipboardLimit = 2 * time.Second

// clipboardChanged handles a change of the clipboard: it drops the old numbers and reads the new ones, if readable.
// Any goroutine but Run's may call it.
func (u *UI) clipboardChanged(readable bool) {
	if !readable {
		u.post(func() {
			u.clip.numbers, u.clip.ours = nil, false
			u.tray.render(u)
		})
		return
	}
	u.lookAtClipboard()
}

// lookAtClipboard reads the clipboard for the tray menu. Any goroutine but Run's may call it.
func (u *UI) lookAtClipboard() {
	content := u.readClipboard(u.cfg.Desk.TrayNeedsLoop())
	numbers := u.find(content)
	u.post(func() {
		u.clip.ours = u.clip.copied != "" && content == u.clip.copied
		u.clip.numbers = numbers
		u.tray.render(u)
	})
}

// clipboardNumbers returns the numbers on the clipboard, shown as they will be dialled: 20 12 34 56 · mobile,
// Denmark · from 200.
func (u *UI) clipboardNumbers() (list []dialplan.Number) {
	for _, n := range u.clip.numbers {
		if r, err := u.read(n.Dial); err == nil {
			r.Input = dialplan.Format(r.Dial)
			n.Shown = text.Reading(r, u.settings.Device)
		}
		list = append(list, n)
	}
	return list
}

// readClipboard returns the text of the clipboard, "" if there is none or its owner does not hand it over. If fyne
// is set, it uses Fyne's clipboard where reading needs a window. It blocks, so it must not run on Run's goroutine.
func (u *UI) readClipboard(fyne bool) string {
	ctx, cancel := context.WithTimeout(u.ctx, clipboardLimit)
	defer cancel()
	content, err := u.cfg.Desk.Clipboard(ctx)
	switch {
	case err == nil:
		return content
	case !fyne || !errors.Is(err, errors.ErrUnsupported):
		return ""
	}
	read := make(chan string, 1)
	u.post(func() {
		if u.app != nil {
			read <- u.app.Clipboard().Content()
		} else {
			read <- ""
		}
	})
	select {
	case content = <-read:
		return content
	case <-ctx.Done():
		return ""
	}
}

// copyNumber puts a number on the clipboard.
func (u *UI) copyNumber(number string) {
	switch err := u.cfg.Desk.SetClipboard(number); {
	case err == nil:
		u.clip.copied, u.clip.ours = "", false // Fyne owns nothing
	case u.app != nil:
		u.app.Clipboard().SetContent(number)
		u.clip.copied, u.clip.ours = number, true
	default:
		u.log.Warn("the number was not copied", "reason", err)
	}
}

// Copied notes what was copied in a field: we serve it to other programs, even while the window is hidden.
func (w *mainWindow) Copied(text string) { w.ui.clip.copied, w.ui.clip.ours = text, true }

// dialFromClipboard shows what the clipboard holds. With atOnce ("Paste and dial") it dials if there is exactly one
// number; otherwise the user looks at it first.
func (u *UI) dialFromClipboard(atOnce bool) {
	u.window.open(pageCalls)
	go func() {
		message, number, choices := u.fromClipboard(u.readClipboard(true))
		u.post(func() {
			u.take(message, number, choices)
			if atOnce && number.Dial != "" {
				u.dial(number.Dial)
			}
		})
	}()
}

// take shows the result of fromClipboard.
func (u *UI) take(message string, number dialplan.Number, choices []dialplan.Number) {
	if number.Dial != "" {
		u.window.setNumber(number.Shown)
	}
	u.tell(message)
	u.window.choose(choices)
}

// pasted reads text pasted into the entry as "Paste and dial" does, and reports whether it handled it; a name, or a
// part of a number pasted onto another, is left to the entry.
func (u *UI) pasted(content string) bool {
	message, number, choices := u.fromClipboard(content)
	if number.Dial == "" && len(choices) == 0 && len(u.find(content)) == 0 {
		return false
	}
	u.take(message, number, choices)
	return true
}

// errSeveral and errNoNumber explain why no number of a text is asked about.
var (
	errSeveral  error = text.Errorf("several-numbers", "There are several numbers in the text: choose one in Calltray's window.")
	errNoNumber error = text.Errorf("no-number", "There is no telephone number in the selected text or on the clipboard: select or copy one.")
)

// AskSelected asks about the number in the selected text if selection is set and there is one, else on the
// clipboard; report is DialRequest.Report. Among several numbers the user chooses in the window. Any goroutine but
// Run's may call it.
func (u *UI) AskSelected(ctx context.Context, selection bool, report func(DialReport)) error {
	r, err := u.selected(ctx, selection)
	if err != nil {
		return err
	}
	return u.AskDial(ctx, DialRequest{Reading: r, Report: report})
}

// selected returns the number for AskSelected.
func (u *UI) selected(ctx context.Context, selection bool) (dialplan.Reading, error) {
	var found []dialplan.Number
	if selection {
		limited, cancel := context.WithTimeout(ctx, clipboardLimit)
		content, err := u.cfg.Desk.Selection(limited)
		cancel()
		if err == nil {
			found = u.find(content)
		}
	}
	if len(found) == 0 {
		found = u.find(u.readClipboard(true))
	}
	switch {
	case len(found) == 0:
		return dialplan.Reading{}, errNoNumber
	case len(found) > 1:
		u.post(func() {
			u.window.open(pageCalls)
			u.tell(text.Explain(errSeveral))
			u.window.choose(found[:min(len(found), maxChoices)])
		})
		return dialplan.Reading{}, errSeveral
	}
	return u.Plan().Read(found[0].Dial)
}

// maxChoices is how many numbers of a text are offered at most.
const maxChoices = 4

// fromClipboard decides what to do with a text: it returns a message, the only number, or several to choose from.
func (u *UI) fromClipboard(content string) (message string, one dialplan.Number, choices []dialplan.Number) {
	found := u.find(content)
	if len(found) > 0 && !slices.ContainsFunc(found, clickable) {
		return typeByHand(found[0]), one, nil
	}
	found = slices.DeleteFunc(found, func(n dialplan.Number) bool { return !clickable(n) })
	var offer *dialplan.Error
	switch {
	case len(found) == 1:
		return u.enterDoes(found[0].Shown), found[0], nil
	case len(found) > maxChoices:
		return text.Say("The clipboard holds many numbers, of which these are the first: choose one."), one, found[:maxChoices]
	case len(found) > 1:
		return text.Say("The clipboard holds several numbers: choose one."), one, found
	}
	if _, err := dialplan.Dialable(content); errors.As(err, &offer) && offer.Offer != "" {
		return text.Explain(err), one, []dialplan.Number{{Dial: offer.Offer, Shown: dialplan.Format(offer.Offer)}}
	}
	return text.Say("There is no telephone number on the clipboard: copy one, or type it here."), one, nil
}

// clickable reports whether a click may dial a number that another program put on the clipboard.
func clickable(n dialplan.Number) bool { return !n.Kind.ByHand() }

// typeByHand explains why a number is not taken from the clipboard.
func typeByHand(n dialplan.Number) string {
	if n.Kind == dialplan.FeatureCode {
		return text.Say("{{.Number}} changes a setting of the telephone: type it yourself if you mean it.", "Number", n.Shown)
	}
	return text.Say("{{.Number}} is a premium-rate number: type it yourself if you mean it.", "Number", n.Shown)
}
