package ui

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"calltray/internal/contacts"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// fileChoice is an overlay where the user chooses a file with contacts, or a folder of them. Fyne's own dialog is not
// in Danish, cannot be used with the keyboard, and blocks the window while it reads a folder.
type fileChoice struct {
	ui     *UI
	folder string
	files  []foundFile
	chosen func(path string)

	where  *widgets.Lines
	list   *widgets.PickList
	use    *widgets.Action
	result *widgets.Lines
}

// foundFile is a file or a folder in the list.
type foundFile struct {
	name, path string
	folder     bool
}

const (
	folderLimit = 20 * time.Second // for a folder on another computer
	fileHeight  = 36
)

// chooseFile shows the files in a folder that may hold contacts.
func (u *UI) chooseFile(folder string, chosen func(path string)) *fileChoice {
	w := &u.window
	c := &fileChoice{ui: u, chosen: chosen, where: widgets.NewLines(1, theme.TextSize(), theme.ColorNameForeground), result: widgets.NewLines(2, theme.CaptionTextSize(), theme.ColorNameError)}
	title := widgets.NewLine(theme.TextSize(), true, theme.ColorNameForeground)
	title.Set(text.Say("Choose a file with contacts: CSV or vCard"))
	c.list = widgets.NewPickList(&w.question, func(place int) { c.pick(c.files[place]) })
	cancel := w.button(widget.MediumImportance, text.Say("Cancel"), nil, w.question.close)
	c.use = w.button(widget.MediumImportance, text.Say("Use the whole folder"), nil, func() { c.done(c.folder) })
	cancel.Keys, c.use.Keys = &w.question, &w.question

	screen := w.window.Canvas().Size()
	width, height := min(columnsWidth, screen.Width-80), max(3*fileHeight, min(10*fileHeight, screen.Height-250))
	sized := func(height float32, o fyne.CanvasObject) fyne.CanvasObject {
		return container.NewGridWrap(fyne.NewSize(width, height), o)
	}
	content := container.New(layout.NewCustomPaddedLayout(14, 10, 16, 16), widgets.NewColumn(8,
		title, sized(theme.TextSize()+8, c.where), sized(height, c.list), sized(2*(theme.CaptionTextSize()+6), c.result),
		widgets.NewRow(8, 1, c.use, layout.NewSpacer(), cancel)))
	w.question.put(w, content, c.list, func() bool { return true })
	c.open(folder)
	return c
}

// pick opens a folder, or chooses a file.
func (c *fileChoice) pick(f foundFile) {
	if f.folder {
		c.open(f.path)
	} else {
		c.done(f.path)
	}
}

func (c *fileChoice) done(path string) {
	c.ui.window.question.close()
	c.chosen(path)
}

// open lists a folder. If it cannot be read, the list stays as it is.
func (c *fileChoice) open(folder string) {
	var found []foundFile
	c.ui.do(folderLimit, func(context.Context) (err error) {
		found, err = filesIn(folder)
		return err
	}, func(err error) {
		if err != nil {
			c.result.Set(text.Say("The folder cannot be read ({{.Cause}}): choose another one.", "Cause", text.Plain(err.Error(), text.MaxWords)), theme.ColorNameError)
			if c.folder == "" && filepath.Dir(folder) != folder { // so that the user sees something
				c.open(filepath.Dir(folder))
			}
			return
		}
		c.result.Set("", theme.ColorNameError)
		c.folder, c.files = folder, found
		c.where.Set(text.Plain(folder, 200), theme.ColorNameForeground)
		widgets.Enable(c.use, folder != "")
		picks := make([]widgets.Pick, len(found))
		for i, f := range found {
			picks[i] = widgets.Pick{Name: text.Plain(f.name, 200), Icon: theme.FileTextIcon()}
			if f.folder {
				picks[i].Icon = theme.FolderIcon()
			}
		}
		c.list.Fill(picks)
	})
}

// filesIn lists a folder's parent, its subfolders, and the files that may hold contacts; for "", the drives of Windows.
func filesIn(folder string) (list []foundFile, err error) {
	if folder == "" {
		for drive := 'A'; drive <= 'Z'; drive++ {
			root := string(drive) + `:\`
			if _, err := os.Stat(root); err == nil {
				list = append(list, foundFile{root, root, true})
			}
		}
		return list, nil
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		info, err := os.Stat(path) // follows links
		if err != nil || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if info.IsDir() || slices.Contains(contacts.Extensions(), strings.ToLower(filepath.Ext(path))) {
			list = append(list, foundFile{e.Name(), path, info.IsDir()})
		}
	}
	slices.SortFunc(list, func(a, b foundFile) int {
		if a.folder != b.folder {
			return map[bool]int{true: -1, false: 1}[a.folder]
		}
		return cmp.Compare(strings.ToLower(a.name), strings.ToLower(b.name))
	})
	switch above := filepath.Dir(folder); {
	case above != folder:
		list = slices.Insert(list, 0, foundFile{text.Say("The folder above"), above, true})
	case filepath.VolumeName(folder) != "":
		list = slices.Insert(list, 0, foundFile{text.Say("The folder above"), "", true})
	}
	return list, nil
}
