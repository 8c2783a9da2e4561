// Stage shows the real user interface with states that it is told on its standard input, one command a
// line, and prints what the user does. The desktop test drives it; so can a person who changes a layout.
package main

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"calltray/cstasession/csta"
	"calltray/internal/account"
	"calltray/ui"
	"calltray/ui/native"
)

// phone prints what it is asked for, and grants it.
type phone struct{ ui.Phone }

func (phone) MakeCall(_ context.Context, number string) (csta.ConnectionID, error) {
	fmt.Println("dialled", number)
	return csta.ConnectionID{}, nil
}

func (phone) AnswerCall(_ context.Context, c csta.ConnectionID) error {
	fmt.Println("answered", c.CallID)
	return nil
}

func (phone) ClearConnection(_ context.Context, c csta.ConnectionID) error {
	fmt.Println("hungup", c.CallID)
	return nil
}

// stage is what the commands have set up so far.
type stage struct {
	ui    *ui.UI
	state csta.State
	next  int
}

func main() {
	native.AnswerProbe()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	settings := account.Settings{URL: "tls://csta.example.dk:7001", UserID: "kontor@bageri.example", PBXDomain: "12345678.pbx.example.dk", Device: "200"}
	if len(os.Args) > 1 && os.Args[1] == "empty" {
		settings = account.Settings{}
	}
	s := &stage{state: csta.State{Status: csta.Online, Since: time.Now()}}
	s.ui = ui.New(ui.Config{
		NewApp:   func() fyne.App { return fyneapp.NewWithID("dk.calltray.stage") },
		Desk:     native.New(log),
		Phone:    func() (ui.Phone, error) { return phone{}, nil },
		Settings: settings,
		Save: func(_ context.Context, _ account.Settings, _ string, memory bool) error {
			if memory {
				return nil
			}
			return account.ErrKeyringUnavailable
		},
		Retry:  func() { fmt.Println("retry") },
		Logger: log,
	})
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	go func() {
		in := bufio.NewScanner(os.Stdin)
		for in.Scan() {
			s.command(strings.Fields(in.Text()))
		}
		s.ui.Quit()
	}()
	if err := s.ui.Run(ctx); err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println("bye")
}

var callers = []struct{ number, name, via string }{
	{"22334455", "Ærø Bageri", ""},
	{"4533112233", "Jørgen Ågård-Østergaard, Støvring Kommune, Afdeling for Børn og Kultur og en hel masse andet", "400"},
	{"203", "Søren Ødegård", ""},
	{"", "", "400"},
	{"+4544556677", "<b>&amp; __Mnemonic__ \u202eevil\u202c</b>", "71998877"},
}

// command runs one line of the input.
func (s *stage) command(words []string) {
	if len(words) == 0 {
		return
	}
	now := time.Now()
	number := 0
	if len(words) > 1 {
		number, _ = strconv.Atoi(words[1])
	}
	switch words[0] {
	case "ring": // ring CALLER: another incoming call
		c := callers[number%len(callers)]
		s.next++
		s.state.Calls = append(s.state.Calls, csta.Call{
			Linkage: fmt.Sprint("link-", s.next), ID: csta.ConnectionID{CallID: fmt.Sprint("call-", s.next), DeviceID: "200"},
			Phase: csta.Ringing, Remote: csta.Party{Number: c.number, Name: c.name}, Via: c.via, Began: now, Since: now,
		})
		fmt.Println("at", now.UnixMicro())
	case "phase": // phase PHASE: of the newest call
		if n := len(s.state.Calls); n > 0 {
			c := &s.state.Calls[n-1]
			c.Phase, c.Since = csta.Phase(number), now
			if c.Phase == csta.Active {
				c.Answered = now
			}
		}
	case "out": // the newest call is an outgoing one
		s.state.Calls[len(s.state.Calls)-1].Direction = csta.Outgoing
	case "end": // end OUTCOME: of every call
		for i := range s.state.Calls {
			c := &s.state.Calls[i]
			c.Phase, c.Since, c.Outcome = csta.Ended, now, csta.Outcome(number)
		}
	case "age": // age SECONDS: everything began earlier
		for i := range s.state.Calls {
			c := &s.state.Calls[i]
			c.Began, c.Since = c.Began.Add(-time.Duration(number)*time.Second), c.Since.Add(-time.Duration(number)*time.Second)
		}
	case "status": // status STATUS ERROR
		s.state.Status, s.state.Since, s.state.Err = csta.Status(number), now, nil
		if len(words) > 2 {
			s.state.Err = problems[words[2]]
		}
	case "window":
		s.ui.ShowWindow()
	case "settings":
		s.ui.ShowSettings()
	case "say":
		s.ui.Say(strings.Join(words[1:], " "))
	case "dial":
		s.ui.Dial(words[1])
	case "memory": // prints the resident memory after a collection, in kilobytes
		runtime.GC()
		debug.FreeOSMemory()
		fmt.Println("memory", resident())
		return
	case "quit":
		s.ui.Quit()
		return
	}
	state := s.state
	state.Calls = append([]csta.Call(nil), s.state.Calls...)
	s.ui.Show(state)
	kept := s.state.Calls[:0:0]
	for _, c := range s.state.Calls {
		if c.Phase != csta.Ended {
			kept = append(kept, c)
		}
	}
	s.state.Calls = kept
	fmt.Println("ok")
}

var problems = map[string]error{
	"dns":     &net.DNSError{Name: "csta.exmaple.dk", IsNotFound: true},
	"login":   csta.ErrLoginRefused,
	"cert":    x509.UnknownAuthorityError{},
	"refused": syscall.ECONNREFUSED,
	"keyring": account.ErrKeyringLocked,
	"other":   errors.New("strange"),
}

func resident() int {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, _ := strconv.Atoi(strings.Fields(rest)[0])
			return n
		}
	}
	return 0
}
