package text

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"calltray/cstasession/csta"
	"calltray/internal/account"
)

func TestPlain(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Ærø Bageri", "Ærø Bageri"},
		{"  a\t\n b  ", "a b"},
		{"a\x00b\x1b[31mc", "a b [31mc"},
		{"user\u202egnp.exe", "usergnp.exe"},
		{"zero\u200bwidth\ufeff", "zerowidth"},
		{"abcdefghijklm", "abcdefghij…"},
		{"\U0010ffff\ue000x", "x"},
		{"", ""},
	} {
		limit := 40
		if strings.HasSuffix(c.want, "…") {
			limit = 10
		}
		if got := Plain(c.in, limit); got != c.want {
			t.Errorf("plain(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	if got := Plain(strings.Repeat("x", 1000), 80); len([]rune(got)) != 81 {
		t.Errorf("plain cut 1000 characters to %d, want 80 and an ellipsis", len([]rune(got)))
	}
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0:00", 0: "0:00", 7 * time.Second: "0:07", 12*time.Minute + 34*time.Second: "12:34",
		time.Hour + 2*time.Minute + 3*time.Second: "1:02:03",
	} {
		if got := Clock(d); got != want {
			t.Errorf("clock(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestWho(t *testing.T) {
	for _, c := range []struct{ number, name, first, second string }{
		{"22334455", "Ærø Bageri", "Ærø Bageri", "22 33 44 55"},
		{"22334455", "", "22 33 44 55", ""},
		{"22334455", "22334455", "22 33 44 55", ""},
		{"tel:+4522334455", "", "+45 22 33 44 55", ""},
		{"", "Ærø", "Ærø", ""},
		{"", "", "Number withheld", ""},
		{"u-12345678-203", "Bo", "Bo", "203"},
	} {
		first, second := Who(csta.Party{Number: c.number, Name: c.name})
		if first != c.first || second != c.second {
			t.Errorf("who(%q, %q) = %q, %q, want %q, %q", c.number, c.name, first, second, c.first, c.second)
		}
	}
}

func TestTranslationsAreComplete(t *testing.T) {
	read := func(name string) map[string]string {
		data, err := translations.ReadFile("translations/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]string
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return m
	}
	en, da := read("en.json"), read("da.json")
	places := regexp.MustCompile(`{{[^}]*}}`)
	sorted := func(s string) []string {
		found := places.FindAllString(s, -1)
		slices.Sort(found)
		return found
	}
	for key, english := range en {
		if key != english {
			t.Errorf("en.json: %q is %q, want the key itself", key, english)
		}
		danish, ok := da[key]
		if !ok || danish == "" {
			t.Errorf("da.json lacks %q", key)
		}
		if !slices.Equal(sorted(key), sorted(danish)) {
			t.Errorf("da.json: %q has other places than %q", danish, key)
		}
	}
	for key := range da {
		if _, ok := en[key]; !ok {
			t.Errorf("da.json has %q, which en.json has not", key)
		}
	}

	used := slices.Clone(fynesWords)
	fset := token.NewFileSet()
	var sources []string
	err := filepath.WalkDir("../..", func(name string, e fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(name) == ".go" {
			sources = append(sources, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, source, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := ""
			switch f := c.Fun.(type) {
			case *ast.Ident:
				if filepath.Dir(source) == "../../internal/text" {
					name = f.Name
				}
			case *ast.SelectorExpr:
				if x, ok := f.X.(*ast.Ident); ok && x.Name == "text" || f.Sel.Name == "Say" && filepath.Dir(source) == "../../notify" {
					name = f.Sel.Name
				}
			}
			at, makes := map[string]int{"Say": 0, "New": 1, "Errorf": 1}[name]
			if !makes || len(c.Args) <= at {
				return true
			}
			lit, ok := c.Args[at].(*ast.BasicLit)
			if !ok {
				t.Errorf("%s: Say needs a literal: text from elsewhere would be a template", fset.Position(c.Pos()))
				return true
			}
			key, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			used = append(used, key)
			return true
		})
	}
	if len(used) < 100 {
		t.Errorf("found %d sentences in the sources, want more than 100: the search is broken", len(used))
	}
	for _, r := range refusals {
		used = append(used, r.sentence)
	}
	for _, table := range []map[string]string{noEffects, offered, offeredElsewhere} {
		used = slices.AppendSeq(used, maps.Values(table))
	}
	for _, key := range used {
		if _, ok := en[key]; !ok {
			t.Errorf("the translations lack %q", key)
		}
	}
}

// The sentences that the other packages make for fields and numbers are translated where they hold no
// example.
func TestSentencesOfOtherPackagesAreTranslated(t *testing.T) {
	test.NewTempApp(t)
	for _, s := range []account.Settings{{URL: "x"}, {URL: "tcp://h:99999", UserID: " a", PBXDomain: "a/b", Device: "x"}, {URL: "https://h/#a", PBXDomain: "a"}} {
		errs, ok := s.Check().(account.FieldErrors)
		if !ok {
			t.Fatalf("Check() of %+v is no list of fields", s)
		}
		for _, e := range errs {
			if e.Field == account.FieldURL {
				continue
			}
			if !known(e.Why) {
				t.Errorf("the translations lack %q", e.Why)
			}
		}
	}
}

// A name that is written from right to left does not reverse the words and numbers beside it.
func TestNamesAreIsolated(t *testing.T) {
	p := csta.Party{Name: "שלום", Number: "22334455"}
	if got, want := WhoInLine(p), "\u2068שלום\u2069 · 22 33 44 55"; got != want {
		t.Errorf("in a line: %q, want %q", got, want)
	}
	if got, want := Say("{{.Who}} is calling", "Who", "שלום"), "\u2068שלום\u2069 is calling"; got != want {
		t.Errorf("in a sentence: %q, want %q", got, want)
	}
	if got, want := Say("{{.Who}} is calling", "Who", WhoInLine(p)), "\u2068שלום\u2069 · 22 33 44 55 is calling"; got != want {
		t.Errorf("in both: %q, want %q", got, want)
	}
	if got, want := ViaLine(csta.Call{Via: "400", ViaName: "מכירות"}), "for \u2068מכירות\u2069 (400)"; got != want {
		t.Errorf("a queue: %q, want %q", got, want)
	}
}

// What is wrong with an address is said in the user's language.
func TestWrongAddressesInDanish(t *testing.T) {
	for _, address := range []string{"", "tls://x y", "csta.example.dk", "ftp://csta.example.dk", "tls://:7001", "tls://csta.example.dk",
		"tls://csta.example.dk:0", "tls://csta.example.dk:7001/csta", "tls://anna@csta.example.dk:7001", "https://csta.example.dk#x"} {
		var errs account.FieldErrors
		errors.As(account.Settings{URL: address}.Check(), &errs)
		if why := errs.Field(account.FieldURL); why == "" || !known(why) {
			t.Errorf("%q: %q has no translation", address, why)
		}
	}
}
