package control

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/windows"
)

func here(t *testing.T) place {
	t.Helper()
	p, err := placeOf("test")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Other users can neither use the pipe nor change its permissions.
func TestAccessOfThePipe(t *testing.T) {
	acquire(t, echo)
	conn := connect(t)
	descriptor, err := windows.GetSecurityInfo(windows.Handle(conn.(interface{ Fd() uintptr }).Fd()),
		windows.SE_KERNEL_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		t.Fatal(err)
	}
	got, user := descriptor.String(), here(t).user.String()
	if !strings.HasPrefix(got, "O:"+user+"D:P(A;;") || !strings.HasSuffix(got, ";;;"+user+")") || strings.Count(got, "(") != 1 {
		t.Errorf("got %s for the user %s", got, user)
	}
}

// A pipe that somebody else made in the application's name gets no requests.
func TestPipeOfSomebodyElse(t *testing.T) {
	acquire(t, echo)
	somebody, err := windows.CreateWellKnownSid(windows.WinNetworkServiceSid)
	if err != nil {
		t.Fatal(err)
	}
	p := place{here(t).name, somebody}
	if conn, err := p.dial(t.Context()); err == nil || !strings.Contains(err.Error(), "somebody else") {
		t.Errorf("got %v, %v", conn, err)
	}
}

// Where the system gives no lock, the program runs all the same, and says what is missing.
func TestRunsWithoutAChannel(t *testing.T) {
	name, err := windows.UTF16PtrFromString(here(t).mutex())
	if err != nil {
		t.Fatal(err)
	}
	event, err := windows.CreateEvent(nil, 0, 0, name) // no mutex can have its name
	if err != nil {
		t.Fatal(err)
	}
	defer windows.CloseHandle(event)
	i := acquire(t, echo)
	if err := i.Unreachable(); err == nil {
		t.Error("it says that it can be reached")
	}
	if _, err := ask(t, "show"); !errors.Is(err, ErrNotRunning) {
		t.Errorf("a request: %v", err)
	}
}
