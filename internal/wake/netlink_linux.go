package wake

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// watchNetlink listens for the kernel's messages about changes of addresses, routes and links until ctx ends
// (rtnetlink(7); no NetworkManager needed).
func watchNetlink(ctx context.Context, log *slog.Logger, s *signs) {
	socket, err := openNetlink()
	if err != nil {
		log.Info("no netlink socket: a change of network is not noticed", "error", err)
		return
	}
	defer context.AfterFunc(ctx, func() { socket.Close() })()
	defer socket.Close()

	n := newNetwork()
	log.Debug("listening for changes of the network")
	buf := make([]byte, 1<<16)
	for {
		size, err := socket.Read(buf)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, unix.ENOBUFS): // the kernel dropped messages, so anything may have changed
			n = newNetwork()
			s.network("more changes than could be read")
			continue
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			log.Info("the netlink socket failed: a change of network is no longer noticed", "error", err)
			return
		}
		messages, err := syscall.ParseNetlinkMessage(buf[:size])
		if err != nil {
			log.Debug("a netlink message cannot be read", "error", err)
			continue
		}
		for _, m := range messages {
			if how := n.take(m.Header.Type, m.Data); how != "" {
				s.network(how)
			}
		}
	}
}

// openNetlink returns a subscribed socket whose Read ends when it is closed: a nonblocking descriptor uses the
// runtime's poller.
func openNetlink() (*os.File, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{
		Family: unix.AF_NETLINK,
		Groups: unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR | unix.RTMGRP_IPV4_ROUTE | unix.RTMGRP_IPV6_ROUTE,
	}); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("bind", err)
	}
	return os.NewFile(uintptr(fd), "netlink"), nil
}

// networkState is what is known about the machine's network. The kernel repeats itself (every router
// advertisement renews an address, every Wi-Fi scan reports the link): only a difference counts.
type networkState struct {
	links     map[uint32]link
	addresses map[address]bool
}

type link struct {
	name string
	runs bool // is up, and has a carrier
}

type address struct {
	link uint32
	ip   netip.Addr
}

// newNetwork returns the current state of the network.
func newNetwork() *networkState {
	n := &networkState{map[uint32]link{}, map[address]bool{}}
	interfaces, _ := net.Interfaces() // what is unknown now is new when it is reported
	for _, i := range interfaces {
		index := uint32(i.Index)
		n.links[index] = link{i.Name, i.Flags&net.FlagUp != 0 && i.Flags&net.FlagRunning != 0}
		addresses, _ := i.Addrs()
		for _, a := range addresses {
			if prefix, err := netip.ParsePrefix(a.String()); err == nil {
				n.addresses[address{index, prefix.Addr().Unmap()}] = true
			}
		}
	}
	return n
}

// take applies one message, and returns what changed in words for the log, or "".
func (n *networkState) take(kind uint16, data []byte) string {
	switch kind {
	case unix.RTM_NEWLINK, unix.RTM_DELLINK:
		return n.takeLink(kind, data)
	case unix.RTM_NEWADDR, unix.RTM_DELADDR:
		return n.takeAddress(kind, data)
	case unix.RTM_NEWROUTE, unix.RTM_DELROUTE:
		return n.takeRoute(kind, data)
	}
	return ""
}

// takeLink parses a struct ifinfomsg (rtnetlink(7)).
func (n *networkState) takeLink(kind uint16, data []byte) string {
	if len(data) < unix.SizeofIfInfomsg {
		return ""
	}
	index := binary.NativeEndian.Uint32(data[4:])
	flags := binary.NativeEndian.Uint32(data[8:])
	was := n.links[index]
	now := link{was.name, kind == unix.RTM_NEWLINK && flags&unix.IFF_UP != 0 && flags&unix.IFF_RUNNING != 0}
	if name, ok := attributes(data[unix.SizeofIfInfomsg:])[unix.IFLA_IFNAME]; ok {
		now.name = strings.TrimRight(string(name), "\x00")
	}
	if kind == unix.RTM_DELLINK {
		delete(n.links, index)
	} else {
		n.links[index] = now
	}
	if was.runs == now.runs || flags&unix.IFF_LOOPBACK != 0 || virtual(now.name) {
		return ""
	}
	if now.runs {
		return "link " + now.name + " is up"
	}
	return "link " + now.name + " is down"
}

// takeAddress parses a struct ifaddrmsg.
func (n *networkState) takeAddress(kind uint16, data []byte) string {
	if len(data) < unix.SizeofIfAddrmsg {
		return ""
	}
	index := binary.NativeEndian.Uint32(data[4:])
	has := attributes(data[unix.SizeofIfAddrmsg:])
	flags := uint32(data[2])
	if long := has[unix.IFA_FLAGS]; len(long) == 4 {
		flags = binary.NativeEndian.Uint32(long)
	}
	// IFA_LOCAL is our own address if IFA_ADDRESS is the other end's (a VPN).
	raw := has[unix.IFA_LOCAL]
	if raw == nil {
		raw = has[unix.IFA_ADDRESS]
	}
	ip, ok := netip.AddrFromSlice(raw)
	if !ok || ip.IsLoopback() || ip.IsLinkLocalUnicast() || virtual(n.links[index].name) {
		return "" // link-local addresses come and go with their link, which is reported itself
	}
	a := address{index, ip}
	switch {
	case kind == unix.RTM_DELADDR:
		if !n.addresses[a] {
			return ""
		}
		delete(n.addresses, a)
		return "an address went from " + n.name(index)
	case n.addresses[a], flags&(unix.IFA_F_TENTATIVE|unix.IFA_F_DADFAILED) != 0:
		return "" // known, or not yet usable: reported again when it is
	}
	n.addresses[a] = true
	return "an address came to " + n.name(index)
}

// takeRoute parses a struct rtmsg. The routes that count lead out of the machine's own networks: a gateway or a
// way into a VPN in the main table. Those that the kernel makes for an address come with it.
func (n *networkState) takeRoute(kind uint16, data []byte) string {
	if len(data) < unix.SizeofRtMsg {
		return ""
	}
	table, protocol, class := data[4], data[5], data[7]
	flags := binary.NativeEndian.Uint32(data[8:])
	if table != unix.RT_TABLE_MAIN || protocol == unix.RTPROT_KERNEL || class != unix.RTN_UNICAST || flags&unix.RTM_F_CLONED != 0 {
		return ""
	}
	name := "the network"
	if out := attributes(data[unix.SizeofRtMsg:])[unix.RTA_OIF]; len(out) == 4 {
		index := binary.NativeEndian.Uint32(out)
		if virtual(n.links[index].name) {
			return ""
		}
		name = n.name(index)
	}
	if kind == unix.RTM_DELROUTE {
		return "a route by way of " + name + " went"
	}
	return "a route by way of " + name + " came"
}

func (n *networkState) name(index uint32) string {
	if l, ok := n.links[index]; ok {
		return l.name
	}
	return fmt.Sprintf("link %d", index)
}

// virtual reports whether a link belongs to a container or a virtual machine, judging by the names that their
// software uses: they come and go by the dozen and never carry this machine's own traffic.
func virtual(name string) bool {
	for _, prefix := range []string{"docker", "br-", "virbr", "vnet", "cni", "cali", "flannel", "podman", "lxcbr", "lxdbr", "incusbr", "vmnet", "vboxnet"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	// Docker's end of a container's link: "veth" and seven hexadecimal digits. A plain "veth0" may be the only
	// connection of the container that this program runs in.
	return strings.HasPrefix(name, "veth") && len(name) >= len("veth")+6
}

// attributes parses a list of struct rtattr; of a malformed list, the part before the error. (The parser in
// package syscall accepts whole messages only.)
func attributes(b []byte) map[uint16][]byte {
	found := map[uint16][]byte{}
	for len(b) >= unix.SizeofRtAttr {
		size := int(binary.NativeEndian.Uint16(b))
		if size < unix.SizeofRtAttr || size > len(b) {
			break
		}
		found[binary.NativeEndian.Uint16(b[2:])&^(unix.NLA_F_NESTED|unix.NLA_F_NET_BYTEORDER)] = b[unix.SizeofRtAttr:size]
		b = b[min((size+unix.RTA_ALIGNTO-1)&^(unix.RTA_ALIGNTO-1), len(b)):]
	}
	return found
}
