package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/internal/text"
	"calltray/ui/widgets"
)

// question asks the user before something that cannot be undone. It covers the whole window. Cancel has the keyboard,
// so that a key meant for something else does nothing. Other dialogs over the window use the same place.
type question struct {
	window   *mainWindow
	over     *widget.PopUp // nil for one of Fyne's own dialogs
	hide     func()        // nil while nothing is open
	sentence *widgets.Lines
	still    func() bool // the question still makes sense
}

// ask asks a question, and calls do if the answer is yes. The question closes by itself when still returns false.
func (w *mainWindow) ask(sentence, yes string, still func() bool, do func()) {
	if !w.shown {
		w.then = func() { w.ask(sentence, yes, still, do) }
		w.open(w.page)
		return
	}
	q := &w.question
	width, lines := float32(questionWidth), 4
	if room := w.window.Canvas().Size().Width - questionMargin; room < width {
		width, lines = room, 6
	}
	q.sentence = widgets.NewLines(lines, theme.TextSize(), theme.ColorNameForeground)
	q.sentence.Least = 1
	q.sentence.Resize(fyne.NewSize(width, 0)) // tells how many lines it needs
	q.sentence.Set(sentence, theme.ColorNameForeground)
	cancel := w.button(widget.MediumImportance, text.Say("Cancel"), nil, q.close)
	agree := w.button(widget.HighImportance, yes, nil, func() {
		valid := q.still()
		if q.close(); valid {
			do()
		}
	})
	cancel.Keys, agree.Keys = q, q
	place := container.NewStack(widgets.Spacer(0), q.sentence)
	content := container.New(layout.NewCustomPaddedLayout(14, 10, 16, 16),
		widgets.NewColumn(10, container.NewGridWrap(fyne.NewSize(width, q.sentence.MinSize().Height), place),
			widgets.NewRow(8, 0, layout.NewSpacer(), cancel, agree)))
	q.put(w, content, cancel, still)
}

// put shows content over the window, in place of what is there already, and gives the keyboard to first.
func (q *question) put(w *mainWindow, content fyne.CanvasObject, first fyne.Focusable, still func() bool) {
	q.close()
	over := widget.NewModalPopUp(content, w.window.Canvas())
	q.window, q.still, q.over, q.hide = w, still, over, over.Hide
	over.Show()
	w.window.Canvas().Focus(first)
}

const (
	questionWidth  = 440
	questionMargin = 48 // around the sentence, to the window's edges
)

func (q *question) open() bool { return q.hide != nil }

// close closes the question without doing anything.
func (q *question) close() {
	if hide := q.hide; hide != nil {
		q.over, q.hide = nil, nil
		hide()
	}
}

// render closes the question when it no longer makes sense.
func (q *question) render() {
	if q.open() && !q.still() {
		q.close()
	}
}

// KeyDown does nothing: the window's keys are off until the answer.
func (q *question) KeyDown(*fyne.KeyEvent) {}

// TypedKey closes the question on Esc.
func (q *question) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		q.close()
	}
}

// TypedRune does nothing.
func (q *question) TypedRune(rune) {}

// askToQuit quits, but asks first if something would be lost.
func (u *UI) askToQuit() {
	w := &u.window
	live := func() bool { return len(living(u.state)) > 0 }
	typed := func() bool { return w.window != nil && w.settings.edits }
	switch {
	case u.opens == cannot: // there is no window to ask in, and no call is lost
		u.Quit()
	case live():
		w.ask(text.Say("Quit Calltray during a call? The call goes on at the telephone, but Calltray shows it no more."), text.Say("Quit Calltray"), live, u.Quit)
	case typed():
		w.ask(text.Say("Quit Calltray? What you have typed in the settings is not saved."), text.Say("Quit Calltray"), typed, u.Quit)
	default:
		u.Quit()
	}
}
