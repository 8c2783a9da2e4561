package account

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// Every setting can be read and changed by its key, and a change is that setting's alone.
func TestKeys(t *testing.T) {
	for i, key := range Keys() {
		if !key.Known() {
			t.Errorf("%s is not known", key)
		}
		value := map[reflect.Kind]string{reflect.Bool: "true", reflect.Int: "7", reflect.String: "x"}[reflect.TypeFor[Settings]().Field(i).Type.Kind()]
		s, err := Settings{}.Replace(key, value)
		if err != nil || s.Get(key) != value {
			t.Errorf("%s = %q becomes %q, %v", key, value, s.Get(key), err)
		}
		for _, other := range Keys() {
			if other != key && s.Get(other) != (Settings{}).Get(other) {
				t.Errorf("%s changes %s to %q", key, other, s.Get(other))
			}
		}
	}
}

// A value is validated like that of the file, and errors in other settings are not reported.
func TestWith(t *testing.T) {
	base := Settings{URL: "tls://csta.example.dk:7001", PBXDomain: "a.example.dk", TrunkID: "a"}
	for _, c := range []struct {
		key   Field
		value string
		wrong string // a part of the sentence
	}{
		{FieldURL, "tls://other.example.dk:7001", ""}, {FieldURL, "ftp://x", "something else than tcp://"},
		{FieldDevice, "201", ""}, {FieldDevice, "two", "in digits"},
		{FieldPopup, "off", ""}, {FieldPopup, "sometimes", "auto, on or off"},
		{"declare_vendor_data", "true", ""}, {"declare_vendor_data", "perhaps", "true or false"},
		{"password", "hunter2", "no setting of that name"}, {"", "x", "no setting of that name"}, {"URL", "x", "no setting of that name"},
	} {
		got, err := base.With(c.key, c.value)
		var wrong *FieldError
		switch {
		case c.wrong == "" && (err != nil || got.Get(c.key) != c.value):
			t.Errorf("%s = %q: %q, %v", c.key, c.value, got.Get(c.key), err)
		case c.wrong != "" && (!errors.As(err, &wrong) || wrong.Field != c.key || !strings.Contains(wrong.Why, c.wrong) || got != base):
			t.Errorf("%s = %q: %+v, %v", c.key, c.value, got, err)
		}
	}
	if got, err := base.With(FieldPBXDomain, "b.example.dk"); got.TrunkID != "" || err != nil {
		t.Errorf("another PBX has the trunk %q, %v", got.TrunkID, err)
	}
}

// The administrators' guide names every key.
func TestKeysAreDocumented(t *testing.T) {
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "administrators.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range append(Keys(), "locked") {
		if !strings.Contains(string(guide), "`"+string(key)+"`") {
			t.Errorf("docs/administrators.md does not have %s", key)
		}
	}
}
