package ui

import (
	"regexp"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"calltray/assets"
	"calltray/docs"
	"calltray/internal/text"
)

// The guide can be read in the window, in each language, with every picture that it names; Esc leads back.
func TestGuide(t *testing.T) {
	for _, language := range []string{text.English, text.Danish} {
		speak(t, language)
		f := newFixture(t)
		f.openWindow()
		f.ui.window.open(pageGuide)
		p := f.ui.window.guide
		headings, pictures := 0, 0
		for _, o := range test.LaidOutObjects(p.scroll.Content) {
			switch o := o.(type) {
			case *widget.RichText:
				for _, s := range o.Segments {
					if words, ok := s.(*widget.TextSegment); ok && words.Style == widget.RichTextStyleSubHeading {
						headings++
					}
				}
			case *canvas.Image:
				pictures++
			}
		}
		named := len(regexp.MustCompile(`!\[`).FindAllString(docs.Guide(language), -1))
		if headings < 7 || pictures != named || pictures < len(assets.Icons()) {
			t.Errorf("%s: %d headings, and %d pictures of %d", language, headings, pictures, named)
		}
		f.press(fyne.KeyEscape)
		if f.ui.window.page != pageCalls || !f.ui.window.shown {
			t.Errorf("%s: Esc leads to page %d", language, f.ui.window.page)
		}
	}
}

// Both languages tell the same: as many headings, points and pictures.
func TestGuidesAreAlike(t *testing.T) {
	count := func(language, what string) int {
		return len(regexp.MustCompile("(?m)"+what).FindAllString(docs.Guide(language), -1))
	}
	for _, what := range []string{"^## ", `^\* `, `!\[`, `\*\*`} {
		if en, da := count(text.English, what), count(text.Danish, what); en != da || en == 0 {
			t.Errorf("%q: %d times in English, %d in Danish", what, en, da)
		}
	}
}

// Quit, the guide and the settings are in the window's menu.
func TestWindowMenu(t *testing.T) {
	f := newFixture(t)
	f.openWindow()
	w := &f.ui.window
	items := map[string]*fyne.MenuItem{}
	var names []string
	for _, i := range w.menu().Items {
		items[i.Label] = i
		names = append(names, i.Label)
	}
	for label, page := range map[string]page{"Guide": pageGuide, "Settings": pageSettings} {
		if items[label] == nil {
			t.Fatalf("the menu has %s", strings.Join(names, ", "))
		}
		items[label].Action()
		if w.page != page {
			t.Errorf("%s opens page %d", label, w.page)
		}
	}
	items["Quit Calltray"].Action()
	if !f.ui.loop.hasEnded() {
		t.Error("Quit does nothing")
	}
}
