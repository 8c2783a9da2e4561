package wake

import (
	"context"
	"encoding/binary"
	"log/slog"
	"net"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

var sources = []func(context.Context, *slog.Logger, *signs){watchRoutes}

// watchRoutes listens on a routing socket until ctx ends (route(4)). Written from the manual and the headers,
// and compiled; not yet run on macOS. Sleep is detected by the clocks.
func watchRoutes(ctx context.Context, log *slog.Logger, s *signs) {
	socket, err := openRoutes()
	if err != nil {
		log.Info("no routing socket: a change of network is not noticed", "error", err)
		return
	}
	defer context.AfterFunc(ctx, func() { socket.Close() })()
	defer socket.Close()
	buf := make([]byte, 1<<16)
	for {
		n, err := socket.Read(buf)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			log.Info("the routing socket failed: a change of network is no longer noticed", "error", err)
			return
		}
		for b := buf[:n]; len(b) >= 4; { // every message begins with its length, version and type
			size := int(binary.NativeEndian.Uint16(b))
			if size < 4 || size > len(b) {
				break
			}
			if how := told(b[:size]); how != "" {
				s.network(how)
			}
			b = b[size:]
		}
	}
}

// openRoutes returns a socket whose Read ends when it is closed.
func openRoutes() (*os.File, error) {
	fd, err := unix.Socket(unix.AF_ROUTE, unix.SOCK_RAW, unix.AF_UNSPEC)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	unix.CloseOnExec(fd)
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(uintptr(fd), "route"), nil
}

// told returns what a message reports in words for the log, or "" if it is irrelevant. The offsets are those of
// if_msghdr, ifa_msghdr (index at 12) and rt_msghdr (index at 4, flags at 8).
func told(m []byte) string {
	if m[2] != unix.RTM_VERSION {
		return ""
	}
	index := func(at int) int {
		if len(m) < at+2 {
			return 0
		}
		return int(binary.NativeEndian.Uint16(m[at:]))
	}
	switch m[3] {
	case unix.RTM_NEWADDR:
		return outward(index(12), "an address came to ")
	case unix.RTM_DELADDR:
		return outward(index(12), "an address went from ")
	case unix.RTM_IFINFO:
		return outward(index(12), "a change of link ")
	case unix.RTM_ADD, unix.RTM_DELETE, unix.RTM_CHANGE:
		// Only routes through a gateway to a network: not the neighbours' addresses, which are countless.
		if len(m) < 12 {
			return ""
		}
		if flags := binary.NativeEndian.Uint32(m[8:]); flags&unix.RTF_GATEWAY != 0 && flags&unix.RTF_HOST == 0 {
			return outward(index(4), "a change of route by way of ")
		}
	}
	return ""
}

// outward returns what with the link's name, or "" for a link that does not lead outside: loopback, and those
// that macOS uses between devices and for virtual machines.
func outward(index int, what string) string {
	i, err := net.InterfaceByIndex(index)
	if err != nil {
		return what + "a link" // already gone, which is a change
	}
	if i.Flags&net.FlagLoopback != 0 {
		return ""
	}
	for _, prefix := range []string{"awdl", "llw", "anpi", "ap", "bridge", "vmenet", "vmnet"} {
		if strings.HasPrefix(i.Name, prefix) {
			return ""
		}
	}
	return what + i.Name
}
