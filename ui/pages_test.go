package ui

import (
	"net/url"
	"slices"
	"testing"

	"calltray/cstasession/csta"
	"calltray/internal/account"
)

// The page of a caller opens once, when the settings say so, and never of a colleague's call or of a script.
func TestPages(t *testing.T) {
	for name, c := range map[string]struct {
		page, when string
		calls      []csta.Call // one after the other, each alone
		want       []string
	}{
		"never":       {"https://crm.example.dk/{number}", "", []csta.Call{call("1", csta.Ringing, "22334455", "")}, nil},
		"rings":       {"https://crm.example.dk/{e164}?n={name}", account.PageRinging, []csta.Call{call("1", csta.Ringing, "22334455", "A&B"), call("1", csta.Ringing, "22334455", "A&B"), call("1", csta.Active, "22334455", "A&B")}, []string{"https://crm.example.dk/%2B4522334455?n=A%26B"}},
		"answered":    {"https://crm.example.dk/{number}", account.PageAnswered, []csta.Call{call("1", csta.Ringing, "22334455", ""), call("1", csta.Active, "22334455", ""), call("1", csta.Active, "22334455", "")}, []string{"https://crm.example.dk/22334455"}},
		"before us":   {"https://crm.example.dk/{number}", account.PageAnswered, []csta.Call{call("1", csta.Active, "22334455", "")}, nil},
		"a colleague": {"https://crm.example.dk/{number}", account.PageRinging, []csta.Call{call("1", csta.Ringing, "202", "Bo")}, nil},
		"withheld":    {"https://crm.example.dk/{number}", account.PageRinging, []csta.Call{call("1", csta.Ringing, "", "")}, nil},
		"a script":    {"javascript:alert({number})", account.PageRinging, []csta.Call{call("1", csta.Ringing, "22334455", "")}, nil},
		"a storm": {"https://crm.example.dk/{number}", account.PageRinging, []csta.Call{call("1", csta.Ringing, "20000001", ""), call("2", csta.Ringing, "20000002", ""), call("3", csta.Ringing, "20000003", ""),
			call("4", csta.Ringing, "20000004", ""), call("5", csta.Ringing, "20000005", "")},
			[]string{"https://crm.example.dk/20000001", "https://crm.example.dk/20000002", "https://crm.example.dk/20000003", "https://crm.example.dk/20000004"}},
	} {
		t.Run(name, func(t *testing.T) {
			var opened []string
			f := newFixture(t, func(cfg *Config) {
				cfg.Settings.Page, cfg.Settings.PageWhen = c.page, c.when
				cfg.Browse = func(u *url.URL) error { opened = append(opened, u.String()); return nil }
			})
			for _, one := range c.calls {
				f.online(one)
				f.settle()
			}
			if !slices.Equal(opened, c.want) {
				t.Errorf("opened %q, want %q", opened, c.want)
			}
		})
	}
}
