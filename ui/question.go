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

// question asks the user before something is done that cannot be undone. It lies over the whole window. The
// keyboard is at Cancel, so that a key which was meant for something else does nothing. Whatever else is chosen over the
// window lies in the same place.
type question struct {
	window   *mainWindow
	over     *widget.PopUp // nil for one that Fyne draws
	hide     func()        // nil while nothing is asked
	sentence *widgets.Lines
	still    func() bool // the question still makes sense
}

// ask asks a question, and calls do if the answer is yes. It goes away by itself when still reports false.
func (w *mainWindow) ask(sentence, yes string, still func() bool, do func()) {
	if !w.shown {
		w.then = func() { w.ask(sentence, yes, still, do) }
		w.open(w.page)
		return
	}
	q := &w.question
	q.sentence = widgets.NewLines(4, theme.TextSize(), theme.ColorNameForeground)
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
		widgets.NewColumn(10, container.NewGridWrap(fyne.NewSize(questionWidth, q.sentence.MinSize().Height), place),
			widgets.NewRow(8, 0, layout.NewSpacer(), cancel, agree)))
	q.put(w, content, cancel, still)
}

// put lays something over the window, in the place of what lies there, and gives the keyboard to a part of it.
func (q *question) put(w *mainWindow, content fyne.CanvasObject, first fyne.Focusable, still func() bool) {
	q.close()
	over := widget.NewModalPopUp(content, w.window.Canvas())
	q.window, q.still, q.over, q.hide = w, still, over, over.Hide
	over.Show()
	w.window.Canvas().Focus(first)
}

const questionWidth = 440

func (q *question) open() bool { return q.hide != nil }

// close takes the question away. Nothing is done.
func (q *question) close() {
	if hide := q.hide; hide != nil {
		q.over, q.hide = nil, nil
		hide()
	}
}

// render takes the question away when it makes no sense any more.
func (q *question) render() {
	if q.open() && !q.still() {
		q.close()
	}
}

// KeyDown does nothing: the window's keys wait for the answer.
func (q *question) KeyDown(*fyne.KeyEvent) {}

// TypedKey takes the question away on Esc.
func (q *question) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		q.close()
	}
}

// TypedRune does nothing.
func (q *question) TypedRune(rune) {}

// askToQuit ends the program, after a question if something would be lost.
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
