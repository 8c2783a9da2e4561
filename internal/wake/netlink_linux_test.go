package wake

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

// attribute returns a struct rtattr.
func attribute(kind uint16, value []byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(unix.SizeofRtAttr+len(value)))
	b = append(binary.NativeEndian.AppendUint16(b, kind), value...)
	for len(b)%unix.RTA_ALIGNTO != 0 {
		b = append(b, 0)
	}
	return b
}

func number(n uint32) []byte { return binary.NativeEndian.AppendUint32(nil, n) }

// The messages that the kernel writes, by rtnetlink(7) and linux/rtnetlink.h.
func linkMessage(index, flags uint32, name string) []byte {
	b := append(make([]byte, 4), number(index)...)
	b = append(append(b, number(flags)...), 0xff, 0xff, 0xff, 0xff)
	return append(b, attribute(unix.IFLA_IFNAME, append([]byte(name), 0))...)
}

func addressMessage(index uint32, ip string, flags uint32) []byte {
	a := netip.MustParseAddr(ip)
	b := append([]byte{unix.AF_INET, 24, byte(flags), 0}, number(index)...)
	b = append(b, attribute(unix.IFA_ADDRESS, a.AsSlice())...)
	return append(b, attribute(unix.IFA_FLAGS, number(flags))...)
}

func routeMessage(table, protocol, class byte, flags, out uint32) []byte {
	b := append([]byte{unix.AF_INET, 0, 0, 0, table, protocol, 0, class}, number(flags)...)
	return append(b, attribute(unix.RTA_OIF, number(out))...)
}

func TestOnlyDifferencesCount(t *testing.T) {
	const (
		up   = unix.IFF_UP | unix.IFF_RUNNING
		wlan = 3
	)
	n := &networkState{map[uint32]link{
		1: {"lo", true}, wlan: {"wlan0", true}, 5: {"docker0", true},
	}, map[address]bool{{wlan, netip.MustParseAddr("10.0.0.5")}: true}}
	for _, c := range []struct {
		name string
		kind uint16
		data []byte
		want string
	}{
		{"a scan for Wi-Fi", unix.RTM_NEWLINK, linkMessage(wlan, up, "wlan0"), ""},
		{"the radio is gone", unix.RTM_NEWLINK, linkMessage(wlan, unix.IFF_UP, "wlan0"), "link wlan0 is down"},
		{"said again", unix.RTM_NEWLINK, linkMessage(wlan, 0, "wlan0"), ""},
		{"and back", unix.RTM_NEWLINK, linkMessage(wlan, up, "wlan0"), "link wlan0 is up"},
		{"a cable is new, without a carrier", unix.RTM_NEWLINK, linkMessage(7, unix.IFF_UP, "eth0"), ""},
		{"its carrier", unix.RTM_NEWLINK, linkMessage(7, up, "eth0"), "link eth0 is up"},
		{"it is taken away", unix.RTM_DELLINK, linkMessage(7, up, "eth0"), "link eth0 is down"},
		{"a container starts", unix.RTM_NEWLINK, linkMessage(8, up, "veth3f2a1b0"), ""},
		{"its bridge has work", unix.RTM_NEWLINK, linkMessage(5, unix.IFF_UP, "docker0"), ""},
		{"the only way out of a container", unix.RTM_NEWLINK, linkMessage(9, up, "veth0"), "link veth0 is up"},
		{"loopback", unix.RTM_NEWLINK, linkMessage(1, unix.IFF_LOOPBACK, "lo"), ""},
		{"a lease is renewed", unix.RTM_NEWADDR, addressMessage(wlan, "10.0.0.5", 0), ""},
		{"another address", unix.RTM_NEWADDR, addressMessage(wlan, "10.0.1.7", 0), "an address came to wlan0"},
		{"is taken away", unix.RTM_DELADDR, addressMessage(wlan, "10.0.1.7", 0), "an address went from wlan0"},
		{"said again", unix.RTM_DELADDR, addressMessage(wlan, "10.0.1.7", 0), ""},
		{"an address under test", unix.RTM_NEWADDR, addressMessage(wlan, "2001:db8::1", unix.IFA_F_TENTATIVE), ""},
		{"which passes", unix.RTM_NEWADDR, addressMessage(wlan, "2001:db8::1", 0), "an address came to wlan0"},
		{"link-local", unix.RTM_NEWADDR, addressMessage(wlan, "fe80::1", 0), ""},
		{"of loopback", unix.RTM_NEWADDR, addressMessage(1, "127.0.0.2", 0), ""},
		{"of Docker", unix.RTM_NEWADDR, addressMessage(5, "172.17.0.1", 0), ""},
		{"of a link never heard of", unix.RTM_NEWADDR, addressMessage(99, "10.9.9.9", 0), "an address came to link 99"},
		{"a gateway", unix.RTM_NEWROUTE, routeMessage(unix.RT_TABLE_MAIN, unix.RTPROT_DHCP, unix.RTN_UNICAST, 0, wlan), "a route by way of wlan0 came"},
		{"goes", unix.RTM_DELROUTE, routeMessage(unix.RT_TABLE_MAIN, unix.RTPROT_DHCP, unix.RTN_UNICAST, 0, wlan), "a route by way of wlan0 went"},
		{"a route that came with its address", unix.RTM_NEWROUTE, routeMessage(unix.RT_TABLE_MAIN, unix.RTPROT_KERNEL, unix.RTN_UNICAST, 0, wlan), ""},
		{"another table", unix.RTM_NEWROUTE, routeMessage(unix.RT_TABLE_LOCAL, unix.RTPROT_BOOT, unix.RTN_UNICAST, 0, wlan), ""},
		{"what the kernel learnt of a path", unix.RTM_NEWROUTE, routeMessage(unix.RT_TABLE_MAIN, unix.RTPROT_BOOT, unix.RTN_UNICAST, unix.RTM_F_CLONED, wlan), ""},
		{"to a container", unix.RTM_NEWROUTE, routeMessage(unix.RT_TABLE_MAIN, unix.RTPROT_BOOT, unix.RTN_UNICAST, 0, 5), ""},
		{"another kind of message", unix.RTM_NEWNEIGH, make([]byte, 64), ""},
	} {
		if got := n.take(c.kind, c.data); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// FuzzNetlink: whatever a message holds, it is read to its end and no further.
func FuzzNetlink(f *testing.F) {
	f.Add(uint16(unix.RTM_NEWLINK), linkMessage(3, 1, "eth0"))
	f.Add(uint16(unix.RTM_NEWADDR), addressMessage(3, "10.0.0.5", 0))
	f.Add(uint16(unix.RTM_NEWROUTE), routeMessage(unix.RT_TABLE_MAIN, unix.RTPROT_DHCP, unix.RTN_UNICAST, 0, 3))
	f.Add(uint16(unix.RTM_DELLINK), []byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, kind uint16, data []byte) {
		n := &networkState{map[uint32]link{}, map[address]bool{}}
		n.take(kind, data)
		if len(n.links) > 1 || len(n.addresses) > 1 {
			t.Errorf("one message made %d links and %d addresses", len(n.links), len(n.addresses))
		}
	})
}
