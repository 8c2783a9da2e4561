package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"calltray/internal/app"
)

// TestMain lets a test start this program as a process of its own: the test binary is the program.
func TestMain(m *testing.M) {
	if os.Getenv("CALLTRAY_TEST_AS_PROGRAM") != "" {
		main()
	}
	os.Exit(m.Run())
}

// arrows is the architecture: what the files of each folder may import beside the standard library. A
// trailing "/..." stands for everything below. tests are for _test.go files, beside the others.
var arrows = map[string]struct{ may, tests []string }{
	".": {may: []string{"calltray/internal/app", "calltray/internal/cli", "calltray/ui", "calltray/ui/native", "fyne.io/fyne/v2", "fyne.io/fyne/v2/app"}},
	"internal/cli": {may: []string{"calltray/cstasession", "calltray/cstasession/csta", "calltray/internal/account", "calltray/internal/app", "calltray/internal/command", "calltray/internal/control", "calltray/internal/dialplan", "calltray/internal/journal", "calltray/internal/support", "calltray/internal/text", "github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/sys/windows", "golang.org/x/term"},
		tests: []string{"calltray/internal/leaktest", "calltray/notify", "calltray/pbxsim", "github.com/adrg/xdg"}},
	"internal/app": {may: []string{"calltray/assets", "calltray/internal/attention", "calltray/internal/autostart", "calltray/cstasession", "calltray/cstasession/csta", "calltray/internal/account", "calltray/internal/command", "calltray/internal/contacts", "calltray/internal/control", "calltray/internal/dialplan", "calltray/internal/hotkey", "calltray/internal/journal", "calltray/internal/linkhandler", "calltray/internal/music", "calltray/internal/rules", "calltray/internal/store", "calltray/internal/support", "calltray/internal/systemproxy", "calltray/internal/text", "calltray/internal/wake", "calltray/internal/webpage", "calltray/notify", "calltray/ui", "fyne.io/fyne/v2", "github.com/adrg/xdg"},
		tests: []string{"calltray/internal/leaktest", "calltray/pbxsim", "github.com/adrg/xdg", "github.com/godbus/dbus/v5", "github.com/godbus/dbus/v5/prop"}},
	"internal/command": {may: []string{"calltray/cstasession", "calltray/cstasession/csta", "calltray/internal/account", "calltray/internal/contacts", "calltray/internal/dialplan", "calltray/internal/journal", "calltray/internal/systemproxy", "calltray/internal/text"},
		tests: []string{"calltray/internal/leaktest"}},
	"internal/systemproxy": {may: []string{"calltray/internal/sessionbus", "github.com/godbus/dbus/v5", "github.com/mattn/go-ieproxy"}, tests: []string{"golang.org/x/sys/windows/registry"}},
	"internal/leaktest":    {}, // for the tests of all
	"docs":                 {},
	"ui": {may: []string{"calltray/docs", "calltray/ui/widgets", "calltray/cstasession", "calltray/cstasession/csta", "calltray/internal/account", "calltray/internal/attention", "calltray/assets", "calltray/internal/contacts", "calltray/internal/dialplan", "calltray/internal/hotkey", "calltray/internal/journal", "calltray/internal/music", "calltray/internal/text", "calltray/internal/webpage", "fyne.io/fyne/v2", "fyne.io/fyne/v2/...", "fyne.io/systray"},
		tests: []string{"calltray/internal/command", "calltray/internal/leaktest", "calltray/internal/rules", "calltray/internal/store", "calltray/pbxsim"}},
	"ui/widgets": {may: []string{"calltray/assets", "fyne.io/fyne/v2", "fyne.io/fyne/v2/..."}},
	"ui/native": {may: []string{"calltray/internal/attention", "calltray/internal/sessionbus", "calltray/internal/xserver", "github.com/go-gl/glfw/...", "github.com/jezek/xgb", "github.com/jezek/xgb/...", "github.com/godbus/dbus/v5", "golang.org/x/sys/windows", "golang.org/x/sys/windows/registry"},
		tests: []string{"github.com/godbus/dbus/v5/prop"}},
	"notify": {may: []string{"calltray/cstasession", "calltray/cstasession/csta", "calltray/assets", "calltray/internal/foreign", "calltray/internal/text", "github.com/gen2brain/beeep", "github.com/esiqveland/notify", "github.com/godbus/dbus/v5", "git.sr.ht/~jackmordaunt/go-toast/wintoast", "github.com/go-ole/go-ole", "golang.org/x/sys/windows", "golang.org/x/sys/windows/registry"}, tests: []string{"calltray/internal/leaktest"}},

	// The session, from the bottom up.
	"cstasession/internal/limits": {},
	"cstasession/csta":            {},
	"cstasession/internal/wire":   {may: []string{"calltray/cstasession/internal/limits", "calltray/cstasession/csta", "golang.org/x/text/encoding/htmlindex"}, tests: []string{"golang.org/x/text/encoding/charmap", "calltray/cstasession/internal/fixture", "calltray/cstasession/internal/wire", "calltray/cstasession/internal/calls"}},
	"cstasession/internal/transport": {may: []string{"calltray/cstasession/csta", "calltray/cstasession/internal/wire", "golang.org/x/net/idna", "golang.org/x/net/proxy", "golang.org/x/net/http/httpproxy"},
		tests: []string{"calltray/internal/leaktest", "calltray/cstasession/internal/fixture", "calltray/cstasession/internal/hubtest", "github.com/coder/websocket"}},
	"cstasession/internal/fixture": {may: []string{"calltray/cstasession/internal/wire"}}, // messages for the tests of all
	"cstasession/internal/hubtest": {may: []string{"github.com/coder/websocket"}},         // a hub for the tests of both
	"cstasession/internal/calls":   {may: []string{"calltray/cstasession/internal/limits", "calltray/cstasession/csta", "calltray/cstasession/internal/wire"}, tests: []string{"calltray/cstasession/internal/fixture", "pgregory.net/rapid"}},
	"cstasession/internal/office":  {may: []string{"calltray/cstasession/internal/limits", "calltray/cstasession/csta", "calltray/cstasession/internal/calls", "calltray/cstasession/internal/wire"}},
	"cstasession": {may: []string{"calltray/cstasession/csta", "calltray/cstasession/internal/calls", "calltray/cstasession/internal/office", "calltray/cstasession/internal/wire", "calltray/cstasession/internal/transport"},
		tests: []string{"calltray/internal/leaktest", "calltray/pbxsim", "calltray/cstasession/internal/fixture", "calltray/cstasession/internal/hubtest", "github.com/coder/websocket", "pgregory.net/rapid"}},

	"pbxsim":              {may: []string{"github.com/coder/websocket"}, tests: []string{"calltray/internal/leaktest"}},
	"internal/account":    {may: []string{"calltray/internal/atomicfile", "calltray/internal/dialplan", "calltray/internal/hotkey", "calltray/internal/rules", "calltray/internal/sessionbus", "calltray/internal/webpage", "github.com/zalando/go-keyring", "github.com/BurntSushi/toml", "github.com/adrg/xdg", "github.com/godbus/dbus/v5", "golang.org/x/sys/windows"}, tests: []string{"calltray/internal/leaktest"}},
	"internal/atomicfile": {},
	"internal/attention":  {may: []string{"calltray/internal/account"}},
	"internal/sessionbus": {tests: []string{"github.com/godbus/dbus/v5"}},
	"internal/store":      {may: []string{"modernc.org/sqlite", "modernc.org/sqlite/lib", "github.com/adrg/xdg", "golang.org/x/sys/unix", "golang.org/x/sys/windows"}, tests: []string{"calltray/internal/leaktest"}},
	"internal/contacts":   {may: []string{"calltray/internal/foreign", "calltray/internal/store", "calltray/internal/webpage", "github.com/emersion/go-vcard", "github.com/emersion/go-webdav/carddav", "github.com/go-asn1-ber/asn1-ber", "github.com/go-ldap/ldap/v3", "golang.org/x/text/encoding", "golang.org/x/text/encoding/charmap", "golang.org/x/text/encoding/htmlindex", "golang.org/x/text/encoding/unicode"}, tests: []string{"calltray/internal/leaktest"}},
	"internal/journal":    {may: []string{"calltray/cstasession/csta", "calltray/internal/foreign", "calltray/internal/store", "calltray/internal/text"}, tests: []string{"calltray/internal/leaktest"}},
	"internal/dialplan":   {may: []string{"github.com/nyaruka/phonenumbers"}},
	"internal/webpage":    {},
	"internal/music":      {may: []string{"calltray/cstasession/csta", "calltray/internal/sessionbus", "github.com/godbus/dbus/v5"}, tests: []string{"calltray/internal/leaktest"}},
	"internal/rules":      {may: []string{"calltray/internal/foreign", "calltray/internal/webpage"}, tests: []string{"calltray/internal/leaktest"}},
	"internal/foreign":    {},
	"internal/text":       {may: []string{"calltray/cstasession", "calltray/cstasession/csta", "calltray/internal/account", "calltray/internal/dialplan", "calltray/internal/foreign", "fyne.io/fyne/v2", "fyne.io/fyne/v2/lang", "github.com/jeandeaual/go-locale"}, tests: []string{"fyne.io/fyne/v2/lang", "fyne.io/fyne/v2/test"}},
	"internal/control":    {may: []string{"github.com/gofrs/flock", "github.com/adrg/xdg", "github.com/Microsoft/go-winio", "golang.org/x/sys/windows"}, tests: []string{"calltray/internal/leaktest"}},
	"assets":              {tests: []string{"github.com/fyne-io/oksvg", "github.com/srwiley/rasterx"}},
	"internal/support":    {may: []string{"calltray/internal/atomicfile", "github.com/DeRuina/timberjack", "github.com/adrg/xdg", "golang.org/x/sys/unix", "golang.org/x/sys/windows"}, tests: []string{"calltray/internal/leaktest"}},
	"internal/wake":       {may: []string{"github.com/godbus/dbus/v5", "golang.org/x/sys/unix", "golang.org/x/sys/windows"}, tests: []string{"calltray/internal/leaktest"}},

	"internal/hotkey": {may: []string{"calltray/internal/sessionbus", "calltray/internal/xserver", "github.com/godbus/dbus/v5", "github.com/jezek/xgb", "github.com/jezek/xgb/xproto", "golang.org/x/sys/windows"},
		tests: []string{"calltray/internal/leaktest", "github.com/jezek/xgb/xtest"}},
	"internal/xserver": {may: []string{"github.com/jezek/xgb", "github.com/jezek/xgb/..."}},

	"internal/linkhandler": {may: []string{"github.com/adrg/xdg", "golang.org/x/sys/windows", "golang.org/x/sys/windows/registry"}},

	"internal/autostart": {may: []string{"calltray/internal/atomicfile", "github.com/adrg/xdg", "golang.org/x/sys/windows", "golang.org/x/sys/windows/registry"}},

	// Not part of the program.
	"internal/desktoptest":      {may: []string{"github.com/godbus/dbus/v5", "github.com/jezek/xgb", "github.com/jezek/xgb/xproto"}, tests: []string{"calltray/internal/desktoptest", "calltray/internal/text", "github.com/esiqveland/notify"}},
	"internal/winetest":         {may: []string{"calltray/internal/desktoptest"}},
	"internal/tools/hublatency": {},
	"internal/tools/beside":     {may: []string{"calltray/pbxsim"}},
	"internal/tools/demo":       {may: []string{"calltray/internal/desktoptest"}},
	"internal/tools/man":        {may: []string{"calltray/internal/app", "calltray/internal/cli", "calltray/internal/text", "github.com/spf13/cobra/doc"}},
	"internal/tools/pictures":   {may: []string{"calltray/internal/desktoptest"}},
	"internal/tools/record":     {may: []string{"calltray/internal/desktoptest"}},
	"internal/tools/soak":       {may: []string{"calltray/cstasession", "calltray/cstasession/csta", "calltray/internal/desktoptest", "calltray/pbxsim"}},
	"internal/tools/bench": {may: []string{"calltray/internal/account", "calltray/cstasession", "calltray/cstasession/csta", "calltray/pbxsim", "calltray/ui", "calltray/ui/native", "calltray/internal/desktoptest",
		"fyne.io/fyne/v2", "fyne.io/fyne/v2/app", "github.com/jezek/xgb", "github.com/jezek/xgb/xproto"}},
}

// oneFile is what a single file may import, and its folder may not.
var oneFile = map[string][]string{
	"internal/cli/demo.go":                        {"calltray/pbxsim"},
	"internal/cli/pbx.go":                         {"calltray/pbxsim"},
	"cstasession/internal/transport/signalr.go":   {"github.com/philippseith/signalr"},
	"cstasession/internal/transport/websocket.go": {"github.com/coder/websocket"},
	"assets/render.go":                            {"calltray/assets", "github.com/fyne-io/oksvg", "github.com/srwiley/rasterx"}, // makes the pictures
}

// never is forbidden whatever arrows says: the OpenGL driver outside main would take the other packages
// their tests without a display, and Fyne's own notifications execute what a caller is called.
var never = map[string][]string{
	"ui":         {"fyne.io/fyne/v2/app", "fyne.io/fyne/v2/internal/...", "fyne.io/fyne/v2/driver/desktop/..."},
	"ui/widgets": {"fyne.io/fyne/v2/app", "fyne.io/fyne/v2/internal/...", "fyne.io/fyne/v2/driver/desktop/..."},
}

func TestImports(t *testing.T) {
	for _, f := range sources(t) {
		folder := path.Dir(f.name)
		rule, known := arrows[folder]
		if !known {
			t.Errorf("%s: the folder %s has no row in the table of imports", f.name, folder)
			continue
		}
		may := slices.Concat(rule.may, oneFile[f.name])
		if strings.HasSuffix(f.name, "_test.go") {
			may = slices.Concat(may, rule.tests, oneFile[strings.TrimSuffix(f.name, "_test.go")+".go"])
		}
		for _, spec := range f.file.Imports {
			target, _ := strconv.Unquote(spec.Path.Value)
			if first, _, _ := strings.Cut(target, "/"); first != "calltray" && !strings.Contains(first, ".") {
				continue // the standard library
			}
			if target == "calltray/"+folder && strings.HasSuffix(f.name, "_test.go") {
				continue // a test from outside
			}
			if !matches(may, target) || matches(never[folder], target) {
				t.Errorf("%s may not import %s", f.name, target)
			}
		}
	}
}

// TestOneDoor: fyne.Do is the one way to the goroutine that owns the window, and written in one place.
func TestOneDoor(t *testing.T) {
	var doors []string
	for _, f := range sources(t) {
		if f.name == "internal/tools/bench/window.go" {
			continue // knocks at the goroutine to measure how long it is busy
		}
		ast.Inspect(f.file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "fyne" && (s.Sel.Name == "Do" || s.Sel.Name == "DoAndWait") {
					doors = append(doors, f.name)
				}
			}
			return true
		})
	}
	if len(doors) != 1 || path.Dir(doors[0]) != "ui" {
		t.Errorf("fyne.Do is called in %v, want one place in ui", doors)
	}
}

// TestVersion: what the packager writes on the box is what --version says.
func TestVersion(t *testing.T) {
	b, err := os.ReadFile("FyneApp.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Version = " + strconv.Quote(app.Version), "ID = " + strconv.Quote(app.ID)} {
		if !strings.Contains(string(b), want) {
			t.Errorf("FyneApp.toml does not say %s", want)
		}
	}
}

// TestWithoutDisplay: the program says so in one sentence, and nobody logs in.
func TestWithoutDisplay(t *testing.T) {
	for _, args := range [][]string{nil, {"demo"}} {
		program := exec.Command(os.Args[0], args...)
		home := t.TempDir()
		program.Env = []string{"CALLTRAY_TEST_AS_PROGRAM=1", "HOME=" + home, "XDG_RUNTIME_DIR=" + home, "XDG_CONFIG_HOME=" + home, "XDG_STATE_HOME=" + home, "LANG=C.UTF-8"}
		if runtime.GOOS != "linux" {
			return // there is always one
		}
		out, err := program.CombinedOutput()
		if program.ProcessState.ExitCode() != 1 || !strings.HasPrefix(string(out), "calltray: There is no display: ") || strings.Count(string(out), "\n") != 1 {
			t.Errorf("%q: %s, %v", args, out, err)
		}
	}
}

func matches(patterns []string, target string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		below, ok := strings.CutSuffix(p, "...")
		return p == target || ok && strings.HasPrefix(target, below)
	})
}

type source struct {
	name string // with slashes, from the top of the module
	file *ast.File
}

// sources parses every Go file of the module, whatever its build tags.
func sources(t *testing.T) (list []source) {
	err := filepath.WalkDir(".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == "testdata" || e.Name() == "node_modules" || e.Name() == "out" || e.Name() != "." && strings.HasPrefix(e.Name(), ".")) {
			return fs.SkipDir
		}
		if e.IsDir() || path.Ext(name) != ".go" {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		list = append(list, source{filepath.ToSlash(name), file})
		return nil
	})
	if err != nil || len(list) < 20 {
		t.Fatalf("found %d sources: %v", len(list), err)
	}
	return list
}
