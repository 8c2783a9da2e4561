package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"unsafe"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"
)

// place is where to find an instance: there is one for each user, and for each session of a user, since each
// has its own task bar.
type place struct {
	name string
	user *windows.SID
}

// placeOf returns name's place.
func placeOf(name string) (place, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return place{}, fmt.Errorf("control: who the user is: %w", err)
	}
	var session uint32
	if err := windows.ProcessIdToSessionId(windows.GetCurrentProcessId(), &session); err != nil {
		return place{}, fmt.Errorf("control: which session this is: %w", err)
	}
	return place{fmt.Sprintf("calltray-%s-%s-%d", name, user.User.Sid, session), user.User.Sid}, nil
}

func (p place) mutex() string { return `Local\` + p.name }
func (p place) pipe() string  { return `\\.\pipe\` + p.name }

// access is a security descriptor: the user owns the object, and nobody else has any right to it.
func (p place) access() string { return fmt.Sprintf("O:%[1]sD:P(A;;GA;;;%[1]s)", p.user) }

// mutexHandle is the lock: the mutex exists as long as anybody has a handle to it.
type mutexHandle windows.Handle

func (h mutexHandle) Close() error { return windows.CloseHandle(windows.Handle(h)) }

// lock takes the lock, or returns ErrRunning.
func (p place) lock() (io.Closer, error) {
	descriptor, err := windows.SecurityDescriptorFromString(p.access())
	if err != nil {
		return nil, fmt.Errorf("control: the mutex's access list: %w", err)
	}
	attributes := windows.SecurityAttributes{SecurityDescriptor: descriptor}
	attributes.Length = uint32(unsafe.Sizeof(attributes))
	name, err := windows.UTF16PtrFromString(p.mutex())
	if err != nil {
		return nil, fmt.Errorf("control: the mutex: %w", err)
	}
	h, err := windows.CreateMutex(&attributes, false, name)
	switch {
	case errors.Is(err, windows.ERROR_ALREADY_EXISTS):
		_ = windows.CloseHandle(h)
		return nil, ErrRunning
	case err != nil:
		return nil, fmt.Errorf("control: the mutex %s: %w", p.mutex(), err)
	}
	return mutexHandle(h), nil
}

// locked reports whether an instance holds the lock.
func (p place) locked() bool {
	name, err := windows.UTF16PtrFromString(p.mutex())
	if err != nil {
		return false
	}
	h, err := windows.OpenMutex(windows.SYNCHRONIZE, false, name)
	if err != nil {
		return false
	}
	_ = windows.CloseHandle(h)
	return true
}

// listen opens the pipe. It fails if another process has one with this name.
func (p place) listen() (net.Listener, error) {
	listener, err := winio.ListenPipe(p.pipe(), &winio.PipeConfig{SecurityDescriptor: p.access()})
	if err != nil {
		return nil, fmt.Errorf("control: the pipe %s: %w", p.pipe(), err)
	}
	// winio keeps the name with a handle that accepts no clients. Wine connects the first client to it all the
	// same, and that one is never answered: let it be this process.
	first, cancel := context.WithTimeout(context.Background(), probeLimit)
	defer cancel()
	if conn, err := winio.DialPipeContext(first, p.pipe()); err == nil {
		_ = conn.Close()
	}
	return listener, nil
}

// dial connects to the pipe, if it is this user's: anybody could create one with this name before the
// application starts, and would receive the user's requests.
func (p place) dial(ctx context.Context) (net.Conn, error) {
	conn, err := winio.DialPipeContext(ctx, p.pipe())
	if err != nil {
		return nil, err
	}
	if err := p.owns(conn); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("control: the pipe %s: %w", p.pipe(), err)
	}
	return conn, nil
}

// owns returns an error unless the user owns the pipe at the other end of conn.
func (p place) owns(conn net.Conn) error {
	pipe, ok := conn.(interface{ Fd() uintptr })
	if !ok {
		return os.ErrInvalid
	}
	descriptor, err := windows.GetSecurityInfo(windows.Handle(pipe.Fd()), windows.SE_KERNEL_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return err
	}
	owner, _, err := descriptor.Owner()
	if err != nil {
		return err
	}
	if !owner.Equals(p.user) {
		return errors.New("it belongs to somebody else")
	}
	return nil
}

var allowSetForegroundWindow = windows.NewLazySystemDLL("user32.dll").NewProc("AllowSetForegroundWindow")

// AllowForeground allows the running instance to come to the front. Windows grants that right to the process
// that the user has just started, this one, which can pass it on to any process (ASFW_ANY, the DWORD -1). Not
// tried on real Windows: from the documentation of AllowSetForegroundWindow.
func AllowForeground() {
	if allowSetForegroundWindow.Find() == nil {
		_, _, _ = allowSetForegroundWindow.Call(0xFFFFFFFF)
	}
}
