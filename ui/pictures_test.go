package ui

import (
	"context"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/text"
	"calltray/ui/widgets"
)

// picturesIn names the folder in which TestPictures leaves a picture of the window in each state, light and
// dark, in English and Danish. Without it the window is only measured. The window has the height of picturesHigh, and
// a point the number of pixels of picturesScale, if they are there.
const (
	picturesIn    = "CALLTRAY_PICTURES"
	picturesHigh  = "CALLTRAY_PICTURES_HEIGHT"
	picturesScale = "CALLTRAY_PICTURES_SCALE"
)

// lowHeight is that of a window on a screen of 1024 by 600 pixels with a panel.
const lowHeight = 524

// speak has the sentences of a test in a language.
func speak(t *testing.T, language string) {
	text.Use(language)
	t.Cleanup(func() { text.Use(text.English) })
}

// In no state and no language is anything cut, does one thing lie upon another, or move.
func TestPictures(t *testing.T) {
	folder := os.Getenv(picturesIn)
	variants := map[string]fyne.ThemeVariant{"light": theme.VariantLight}
	if folder != "" {
		variants["dark"] = theme.VariantDark
	}
	for _, language := range []string{"en", "da"} {
		for look, variant := range variants {
			high := windowSize.Height
			if h, err := strconv.Atoi(os.Getenv(picturesHigh)); err == nil {
				high = float32(h)
			}
			forms := map[string]fyne.Size{"": fyne.NewSize(windowSize.Width, high), "-narrow": fyne.NewSize(narrowWidth, high)}
			if folder == "" {
				forms["-low"] = fyne.NewSize(windowSize.Width, lowHeight)
			}
			for form, size := range forms {
				if form != "" && folder == "" && language != "da" { // whose words are the longer ones
					continue
				}
				name := language + "-" + look + form
				t.Run(name, func(t *testing.T) {
					speak(t, language)
					list := scenes()
					if form == "-narrow" && folder == "" { // these look as in the wide form
						list = slices.DeleteFunc(list, func(s scene) bool {
							return strings.HasPrefix(s.name, "settings-") || strings.HasPrefix(s.name, "self-test-")
						})
					}
					takePictures(t, list, variant, size, folder, "%s-"+name+".png")
				})
			}
		}
	}
}

// takePictures goes through scenes in a window of this size. The name of a picture has a scene's name for %s.
func takePictures(t *testing.T, list []scene, variant fyne.ThemeVariant, size fyne.Size, folder, name string) {
	narrow := size.Width < wideFrom
	sources := &books{list: []Source{{Address: "/home/anna/Dokumenter/kontakter.vcf", About: text.Say("{{.Count}} contacts, read {{.When}}", "Count", "214", "When", "14:05")},
		{Address: "ldaps://anna%40example.dk@ad.some-long-name.example.dk/ou=Salg,dc=example,dc=dk", Wrong: true, About: text.Say("{{.Count}} contacts, read {{.When}}", "Count", "10002", "When", "14:05") + ". " +
			text.Say("{{.File}} cannot be reached ({{.Cause}}): look at the address and at the network.", "File", "ldaps://anna%40example.dk@ad.some-long-name.example.dk/ou=Salg,dc=example,dc=dk", "Cause", "dial tcp 192.0.2.7:636: connect: no route to host")}}}
	own := &ownBook{list: []OwnContact{{ID: 1, Name: "Åse Østergaard og mange flere ord", Company: "Ærø Bageri", Numbers: []OwnNumber{{"mobile", "20304050"}, {"", "62521011"}}}, {ID: 2, Company: "Bo Lund ApS", Numbers: []OwnNumber{{"", "+46701234567"}}}}}
	f := newFixture(t, sources.config, own.config, func(cfg *Config) {
		cfg.TryRules = func(context.Context, string) (string, error) { return "", nil }
		cfg.KeepSecret = func(context.Context, string, string) error { return nil }
	})
	f.ui.settings.Popup = account.PopupOff // the test driver knows the places of one window only
	f.dress(variant)
	f.ui.cfg.Check = checkOf
	f.openOffice()
	f.ui.window.window.Resize(size)
	if scale, err := strconv.Atoi(os.Getenv(picturesScale)); err == nil {
		f.ui.window.window.Canvas().(interface{ SetScale(float32) }).SetScale(float32(scale))
	}
	f.tells(colleague("202", "Bo Lund"), colleague("205", "Maja Holm", call("x", csta.Ringing, "1", "")), colleague("203", "Åse Østergaard og mange flere ord"))
	talked := ended("2", csta.Answered, "86121314", "Åse Østergaard")
	talked.Answered = talked.Since.Add(-247 * time.Second)
	for _, c := range []csta.Call{ended("1", csta.Missed, "22334455", "Ærø Bageri"), talked, ended("3", csta.Busy, "203", "")} {
		f.inOffice(c)
	}
	want := ""
	for _, s := range list {
		f.inOffice()
		for over := f.ui.window.window.Canvas().Overlays(); over.Top() != nil; { // a menu
			over.Remove(over.Top())
		}
		f.ui.window.question.close()
		f.ui.window.help.root.Hide()
		f.ui.window.keypad.close()
		f.ui.window.choose(nil)
		f.ui.window.clear()
		f.ui.tell("")
		f.ui.window.hint.hide()
		f.ui.window.open(pageCalls)
		if narrow {
			f.ui.window.side.open(sideColleagues)
		}
		s.show(f)
		if q := &f.ui.window.question; q.open() {
			for _, wrong := range measure(q.over.Content) {
				t.Errorf("%s: %s", s.name, wrong)
			}
		}
		for _, wrong := range measure(f.ui.window.window.Canvas().Content()) {
			t.Errorf("%s: %s", s.name, wrong)
		}
		switch got := f.places(); {
		case narrow && f.ui.window.calls.covered(), narrow != f.ui.window.calls.narrow: // everything else is hidden, or it is wide for a while
		case f.ui.window.page != pageCalls, f.ui.state.Status == csta.Offline: // why it is offline may take a line more
		case want == "":
			want = got
		case got != want:
			t.Errorf("%s: moved to\n%s\nfrom\n%s", s.name, got, want)
		}
		if folder != "" {
			f.picture(filepath.Join(folder, fmt.Sprintf(name, s.name)))
		}
		if after := f.afterScene; after != nil {
			f.afterScene = nil
			after()
		}
	}
}

// dress draws the window in our colours, light or dark.
func (f *fixture) dress(variant fyne.ThemeVariant) {
	f.ui.app = dressedApp{f.ui.app, &dressedSettings{Settings: f.ui.app.Settings(), variant: variant}}
	fyne.SetCurrentApp(f.ui.app)
	undrawn := func() { oneApp().Settings().SetTheme(test.Theme()) } // forgets what was drawn in other colours
	f.t.Cleanup(undrawn)
	undrawn()
	widgets.StartTheme(f.ui.app, false, func() {})
}

// dressedApp is the test's application with a theme, which that of Fyne's test driver cannot change.
type dressedApp struct {
	fyne.App
	settings *dressedSettings
}

func (a dressedApp) Settings() fyne.Settings { return a.settings }

type dressedSettings struct {
	fyne.Settings
	theme   fyne.Theme
	variant fyne.ThemeVariant
}

func (s *dressedSettings) Theme() fyne.Theme                 { return s.theme }
func (s *dressedSettings) SetTheme(t fyne.Theme)             { s.theme = t }
func (s *dressedSettings) ThemeVariant() fyne.ThemeVariant   { return s.variant }
func (s *dressedSettings) AddListener(f func(fyne.Settings)) {}

// picture writes the window to a file.
func (f *fixture) picture(name string) {
	f.t.Helper()
	file, err := os.Create(name)
	if err != nil {
		f.t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, f.ui.window.window.Canvas().Capture()); err != nil {
		f.t.Fatal(err)
	}
}
