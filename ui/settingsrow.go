package ui

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// row is one setting in the window.
type row struct {
	title   string
	key     account.Field // in the settings file; "" for anything that is not a setting: a password, a button
	control control
	help    string // one line
	wide    bool   // the control has the full width, below the title
}

// control shows a setting and lets the user change it. Values are written as account.Settings.Get does. The
// controls in settingscontrols.go call the page's edited when the user changes something.
type control interface {
	object() fyne.CanvasObject
	show(value string, usable bool)
	value() string
	// keyboard returns what gets the keyboard focus when the row is wrong; nil for nothing.
	keyboard() fyne.Focusable
}

// setting is a row placed in a form.
type setting struct {
	row
	locked bool   // by the administrator
	loaded string // the value when the form was filled
	below  *widgets.Lines
	box    *fyne.Container
}

// complain shows what is wrong with the row, or its help if nothing is.
func (s *setting) complain(why string) {
	switch {
	case why != "":
		s.below.Set(why, theme.ColorNameError)
	case s.locked:
		s.below.Set(text.Say("Set by your administrator."), widgets.ColorMuted)
	default:
		s.below.Set(s.help, widgets.ColorMuted)
	}
}

// scrollInto scrolls until the row is visible.
func (s *setting) scrollInto(scroll *container.Scroll) {
	top := s.box.Position().Y
	bottom := top + s.box.Size().Height + 2*theme.Padding()
	offset := scroll.Offset
	offset.Y = min(max(offset.Y, bottom-scroll.Size().Height), top)
	if offset != scroll.Offset {
		scroll.ScrollToOffset(offset)
	}
}

// form is a list of rows that is filled from settings and read back into them.
type form struct {
	rows   []*setting
	unread account.FieldErrors // the values that read could not parse
}

// add appends a row to the form.
func (f *form) add(r row) *setting {
	s := &setting{row: r, below: widgets.NewLines(2, theme.CaptionTextSize(), widgets.ColorMuted)}
	title := widgets.NewLine(theme.TextSize(), true, theme.ColorNameForeground)
	title.Set(r.title)
	objects := []fyne.CanvasObject{title, r.control.object(), s.below}
	s.box = container.New(&rowLayout{wide: r.wide}, objects...)
	s.complain("")
	f.rows = append(f.rows, s)
	return s
}

// of returns the row of a setting, or nil if there is none.
func (f *form) of(key account.Field) *setting {
	for _, s := range f.rows {
		if s.key == key {
			return s
		}
	}
	return nil
}

// load fills the rows. locks may be nil.
func (f *form) load(s account.Settings, locks func(account.Field) bool, usable bool) {
	for _, r := range f.rows {
		r.locked = r.key != "" && locks != nil && locks(r.key)
		r.loaded = s.Get(r.key)
		r.control.show(r.loaded, usable && !r.locked)
		r.complain("")
	}
}

// read returns the settings with the user's changes applied.
func (f *form) read(s account.Settings) account.Settings {
	f.unread = nil
	for _, r := range f.rows {
		if r.key == "" || r.locked {
			continue
		}
		if value := strings.TrimSpace(r.control.value()); value != r.loaded {
			changed, err := s.Replace(r.key, value)
			var wrong *account.FieldError
			if errors.As(err, &wrong) {
				f.unread = append(f.unread, wrong)
			}
			s = changed
		}
	}
	return s
}

// rebase makes these settings the ones the form was filled with: they have just been saved.
func (f *form) rebase(s account.Settings) {
	for _, r := range f.rows {
		if r.key != "" {
			r.loaded = s.Get(r.key)
		}
	}
}

// complain shows under each row what is wrong with it.
func (f *form) complain(errs account.FieldErrors) {
	for _, r := range f.rows {
		if r.key != "" {
			r.complain(text.SayKnown(errs.Field(r.key)))
		}
	}
}

// rowLayout places a title, a control and a line of help. The title goes on the left if there is room.
type rowLayout struct {
	wide   bool
	narrow bool // there was no room in the last layout
}

const (
	titleWidth  = 210
	columnGap   = 16
	narrowBelow = 560 // a narrower row has the title above the control
)

// MinSize returns the height that the last layout needs.
func (l *rowLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	title, control, below := o[0].MinSize(), o[1].MinSize(), o[2].MinSize()
	width := max(title.Width, control.Width, below.Width)
	if l.wide || l.narrow {
		return fyne.NewSize(width, title.Height+3+control.Height+3+below.Height)
	}
	return fyne.NewSize(width, control.Height+3+below.Height)
}

// Layout places the objects.
func (l *rowLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	title, control, below := o[0], o[1], o[2]
	l.narrow = size.Width < narrowBelow
	x, y := float32(0), title.MinSize().Height+3
	if l.wide || l.narrow {
		title.Resize(fyne.NewSize(size.Width, title.MinSize().Height))
		title.Move(fyne.NewPos(0, 0))
	} else {
		x, y = titleWidth+columnGap, 0
		title.Resize(fyne.NewSize(titleWidth, title.MinSize().Height))
		title.Move(fyne.NewPos(0, (control.MinSize().Height-title.MinSize().Height)/2))
	}
	control.Move(fyne.NewPos(x, y))
	control.Resize(fyne.NewSize(size.Width-x, control.MinSize().Height))
	below.Move(fyne.NewPos(x, y+control.MinSize().Height+3))
	below.Resize(fyne.NewSize(size.Width-x, below.MinSize().Height))
}
