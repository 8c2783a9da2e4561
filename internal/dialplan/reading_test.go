package dialplan

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
)

// kinds are how testdata/written.txt names them.
var kinds = []string{"ordinary", "code", "premium", "emergency", "short", "internal", "mobile", "national", "abroad"}

// told is a reading in a line, as testdata/written.txt has it: the number that is dialled, digits for after the
// answer, kind and country, and ? where the user has to be asked; or why nothing is dialled.
func told(r Reading, err error) string {
	if err != nil {
		return "- " + err.(*Error).Why
	}
	line := r.Dial
	if r.Digits != "" {
		line += " then " + r.Digits
	}
	line += " " + kinds[r.Kind]
	if r.Country != "" {
		line += " " + r.Country
	}
	if r.Doubt != "" {
		line += " ?"
	}
	return line
}

// TestWrittenNumbers reads numbers as links, clipboards and people write them: Danish, Nordic, German, British and
// American ones, and those that other programs got wrong. Each line of the file is a written number, as a Go string,
// and what becomes of it. What is shown is what is dialled, but for blanks and dashes.
func TestWrittenNumbers(t *testing.T) {
	f, err := os.Open("testdata/written.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if line == "" || line[0] == '/' {
			continue
		}
		var written string
		if _, err := fmt.Sscanf(line, "%q", &written); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		want := strings.TrimSpace(line[len(fmt.Sprintf("%q", written)):])
		rows++
		r, err := Plan{}.Read(written)
		if got := told(r, err); got != want {
			t.Errorf("%q: %s\n want %s", written, got, want)
		}
		if Bare(Format(r.Dial)) != Bare(r.Dial) {
			t.Errorf("%q: dials %q and shows %q", written, r.Dial, Format(r.Dial))
		}
	}
	if rows < 150 {
		t.Errorf("only %d rows", rows)
	}
}

// TestPBXForm is the same with the form of a PBX and rules of the user.
func TestPBXForm(t *testing.T) {
	rules := func(text string) []Rule {
		list, why := ParseRules(text)
		if why != "" {
			t.Fatal(why)
		}
		return list
	}
	danish := Plan{Country: "DK", Outside: "0", PBXForm: true}
	german := Plan{Country: "DE", AreaCode: "30", Outside: "0", PBXForm: true, Internal: []int{2, 3}}
	for _, tt := range []struct {
		plan          Plan
		written, dial string
		changes       int
	}{
		{danish, "+45 22 33 44 55", "022334455", 3},
		{danish, "0045 22 33 44 55", "022334455", 3},
		{danish, "22334455", "022334455", 1},
		{danish, "022334455", "022334455", 0},
		{danish, "+49 30 123456", "0004930123456", 3},
		{danish, "0049 30 123456", "0004930123456", 2},
		{danish, "112", "112", 0},
		{danish, "118", "118", 0},
		{danish, "1813", "1813", 0},
		{danish, "201", "201", 0},
		{danish, "*21*22334455#", "*21*22334455#", 0},
		{Plan{Country: "DK", Outside: "0"}, "+4522334455", "+4522334455", 0},
		{Plan{Country: "DK", PBXForm: true}, "+4522334455", "22334455", 1},
		{Plan{Country: "DK", PBXForm: true, International: "+"}, "+4930123456", "+4930123456", 0},
		{Plan{Country: "DK", PBXForm: true, International: "+"}, "004930123456", "+4930123456", 1},
		{german, "+49 30 1234567", "00301234567", 3},
		{german, "1234567", "00301234567", 2},
		{german, "030 1234567", "00301234567", 2},
		{german, "123", "123", 0},
		{german, "112", "112", 0},
		{german, "+45 22334455", "0004522334455", 3},
		{Plan{Dialled: rules("^\\+45 => ")}, "+4522334455", "22334455", 1},
		{Plan{Dialled: rules("^2 => 9\n^9 => 02")}, "2233", "02233", 2},
		{Plan{Dialled: rules("^(.*)$ => 0$1")}, "112", "112", 0},
		{Plan{Dialled: rules("^2 => x")}, "22334455", "22334455", 0},
	} {
		r, err := tt.plan.Read(tt.written)
		if err != nil || r.Dial != tt.dial || len(r.Changes) != tt.changes {
			t.Errorf("%+v: %q is dialled as %q, %v (%v), want %q", tt.plan, tt.written, r.Dial, r.Changes, err, tt.dial)
		}
	}
	// A rule must not hide what a number costs, nor make a code of a number unseen.
	for _, rule := range []string{"^2.* => 90123456", "^2 => *21*2"} {
		if r, err := (Plan{Dialled: rules(rule)}).Read("22334455"); err != nil || !r.Kind.ByHand() {
			t.Errorf("%s: %+v, %v", rule, r, err)
		}
	}
	for text, want := range map[string]string{"^0045": "arrow", "( => 1": "brackets", " => 1": "pattern"} {
		if _, why := ParseRules(text); !strings.Contains(why, want) {
			t.Errorf("ParseRules(%q): %q", text, why)
		}
	}
}

func TestShow(t *testing.T) {
	for _, tt := range []struct {
		plan         Plan
		number, want string
	}{
		{Plan{}, "+4522334455", "+45 22 33 44 55"},
		{Plan{Country: "DK"}, "+4522334455", "22 33 44 55"},
		{Plan{Country: "DK"}, "+4930123456", "+49 30 123456"},
		{Plan{Country: "DE"}, "+4930123456", "030 123456"},
		{Plan{Country: "DK"}, "201", "201"},
		{Plan{ShownBy: []Rule{{Pattern: "^0", Replacement: ""}}}, "022334455", "22 33 44 55"},
	} {
		if got := tt.plan.Show(tt.number); got != tt.want {
			t.Errorf("%+v shows %q as %q, want %q", tt.plan, tt.number, got, tt.want)
		}
	}
	a, b := Plan{}.Key("22334455"), Plan{}.Key("+4522334455")
	if a != b || (Plan{}).Key("201") != "201" || (Plan{}).Key("*31*22334455") != "*31*22334455" {
		t.Errorf("keys %q, %q", a, b)
	}
}

// FuzzRead: whatever another program hands over, what is dialled is a number that Dialable leaves as it is, shown as
// it is dialled, and neither a code nor a premium number is taken for anything else.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"tel:+45%2022%2033;ext=1", "sip:+4522334455@x;user=phone", "callto://22334455,,12#", "+45 (0) 20-12.34 56", "tel:tel:22;phone-context=+45", "*21*1#", "22334455 lok. 12"} {
		f.Add(s, "^0 => 00", true)
	}
	f.Fuzz(func(t *testing.T, written, rules string, form bool) {
		p := Plan{Country: "DK", Outside: "0", PBXForm: form}
		p.Dialled, _ = ParseRules(rules)
		r, err := p.Read(written)
		if err != nil {
			if e, ok := err.(*Error); !ok || e.Why == "" || len([]rune(e.Input)) > 41 {
				t.Fatalf("%q: %v", written, err)
			}
			return
		}
		for _, n := range []string{r.Dial, r.Number} {
			if again, err := Dialable(n); again != n || err != nil && r.Doubt == "" {
				t.Fatalf("%q: %q is not dialable: %q, %v", written, n, again, err)
			}
			if Bare(Format(n)) != n {
				t.Fatalf("%q: %q is shown as %q", written, n, Format(n))
			}
		}
		if strings.ContainsAny(r.Dial, "*#") != (r.Kind == FeatureCode) || r.Number == "112" && r.Dial != "112" {
			t.Fatalf("%q: %+v", written, r)
		}
		if strings.Trim(r.Digits, "0123456789*#") != "" || len(r.Dial) > MaxLength {
			t.Fatalf("%q: digits %q", written, r.Digits)
		}
	})
}

// FuzzParseRules: rules are read or refused in a sentence, and never panic.
func FuzzParseRules(f *testing.F) {
	f.Add("^0045 => +45\n# remark\n( => x", "004522334455")
	f.Fuzz(func(t *testing.T, text, number string) {
		rules, why := ParseRules(text)
		if len(rules) > MaxRules || why != "" && !strings.HasSuffix(why, ".") {
			t.Fatalf("%d rules, %q", len(rules), why)
		}
		for _, r := range rules {
			r.Apply(number)
		}
	})
}
