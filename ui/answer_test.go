package ui

import (
	"context"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"calltray/cstasession"
	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/internal/command"
	"calltray/pbxsim"
)

// office200 is a session at extension 200 of a simulated PBX.
func office200(t *testing.T) (*pbxsim.PBX, *cstasession.Session, <-chan csta.State) {
	t.Helper()
	pbx := pbxsim.New(pbxsim.Config{})
	url, err := pbx.ListenTCP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	states := make(chan csta.State, 100)
	session, err := cstasession.New(cstasession.Config{URL: url, UserID: "user@example.dk", Password: csta.NewPassword("secret"),
		PBXDomain: pbx.Domain(), Device: "200", OnChange: func(s csta.State) { states <- s }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = session.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done; pbx.Close() })
	return pbx, session, states
}

// However a call is answered, it is the same one: the popup's top card, the window's top row, F2, the hotkey, and
// "calltray answer". It is the one that has waited longest.
func TestEveryWayAnswersTheSameCall(t *testing.T) {
	callers := []string{"22334455", "33445566", "44556677"}
	for name, c := range map[string]struct {
		change func(f *fixture, s *csta.State)
		want   int
	}{
		"three ring":             {func(*fixture, *csta.State) {}, 0},
		"the first may be gone":  {func(_ *fixture, s *csta.State) { s.Calls[0].Uncertain = true }, 1},
		"the first is answered":  {func(_ *fixture, s *csta.State) { s.Calls[0].Phase = csta.Active }, 1},
		"the second is answered": {func(_ *fixture, s *csta.State) { s.Calls[1].Phase = csta.Held }, 0},
		"one was chosen in a window now gone": {func(f *fixture, s *csta.State) {
			f.tell(*s)
			f.settle()
			f.ui.choose(s.Calls[2].ID)
			f.ui.window.close()
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			pbx, session, states := office200(t)
			var s csta.State
			await := func(what string, ok func() bool) {
				t.Helper()
				for !ok() {
					select {
					case s = <-states:
					case <-time.After(time.Minute):
						t.Fatalf("waited in vain until %s", what)
					}
				}
			}
			await("it is online", func() bool { return s.Status == csta.Online })
			for n, number := range callers {
				if _, err := pbx.Call(number, "200", ""); err != nil {
					t.Fatal(err)
				}
				await("it rings", func() bool { return len(s.Calls) == n+1 })
			}
			s.Calls = slices.Clone(s.Calls) // the session's are not changed
			f := newFixture(t)
			f.openWindow()
			c.change(f, &s)
			f.openWindow()
			f.tell(s)
			f.settle()
			want := "answer " + s.Calls[c.want].ID.CallID
			for way, answer := range map[string]func(){
				"the popup":  func() { f.tap(f.card(1).button("Answer")) },
				"the window": func() { f.still(); f.row(1).press("Answer") },
				"F2":         func() { f.press(fyne.KeyF2) },
				"the hotkey": func() { f.ui.hotkey(account.FieldHotkeyAnswer) },
			} {
				answer()
				if got := f.asked(); got != want {
					t.Errorf("%s: the phone was asked to %q, want %q", way, got, want)
				}
				f.until("the service is over", func() bool { return len(f.ui.busy) == 0 })
			}
			if _, err := command.Execute(t.Context(), command.Target{Session: session, State: s, Device: "200"}, command.Request{Command: command.Answer}); err != nil {
				t.Fatalf("calltray answer: %v", err)
			}
			for _, call := range pbx.Calls() {
				for _, l := range call.Legs {
					if answered := l.Device == "200" && l.Status == "Active"; answered != (l.Device == "200" && call.Caller == callers[c.want]) {
						t.Errorf("calltray answer: the call of %s is %s", call.Caller, l.Status)
					}
				}
			}
		})
	}
}

// still lets a moment pass since the rows of the calls have moved, or have other buttons.
func (f *fixture) still() {
	for _, r := range f.ui.window.calls.rows {
		r.moved, r.changed = time.Time{}, time.Time{}
	}
}
