package transport

import (
	"cmp"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"calltray/cstasession/csta"
)

// Memory records over which transport each hub was reached, in each network that this computer was in. Any
// goroutine may use it. A nil Memory remembers nothing.
type Memory struct {
	// Network names the network that this computer is in; default: the prefixes of its addresses.
	Network func() string
	// Again is how long a transport is used before a better one is tried again; default: a day.
	Again time.Duration

	mu      sync.Mutex
	known   map[string]reached
	refused map[string]string // by proxy: the user and password that it rejected
}

// wasRefused reports whether a proxy has rejected a user and password before. Sending them again and again
// would lock the user's account.
func (m *Memory) wasRefused(proxy, signIn string) bool {
	if m == nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refused[proxy] == signIn && signIn != ""
}

// noteRefused remembers that a proxy rejected a user and password.
func (m *Memory) noteRefused(proxy, signIn string) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.refused == nil {
		m.refused = map[string]string{}
	}
	m.refused[proxy] = signIn
}

// reached is how a hub was reached.
type reached struct {
	path  csta.Path
	tried time.Time // when a better transport was last tried
}

// maxReached is more hubs and networks than one computer sees; beyond it, the memory is cleared.
const maxReached = 100

func (m *Memory) key(u *url.URL) string {
	network := thisNetwork
	if m.Network != nil {
		network = m.Network
	}
	return u.Scheme + "://" + u.Host + u.Path + " in " + network()
}

func (m *Memory) recall(u *url.URL) reached {
	if m == nil {
		return reached{}
	}
	key := m.key(u)
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.known[key]
}

// note remembers how a hub was reached. Better transports were tried just now, unless this path was known.
func (m *Memory) note(u *url.URL, path csta.Path) {
	if m.recall(u).path.Transport != path.Transport {
		m.noBetter(u, path)
	}
}

// noBetter remembers how a hub is reached, and that better transports were tried just now.
func (m *Memory) noBetter(u *url.URL, path csta.Path) {
	if m == nil {
		return
	}
	key := m.key(u)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= maxReached {
		m.known = map[string]reached{}
	}
	m.known[key] = reached{path, time.Now()}
}

// BetterDue is when to try a better transport for a hub that is reached by path: at once in a network where
// none was tried, otherwise a day after the last attempt; zero if there is none.
func (m *Memory) BetterDue(address string, path csta.Path) time.Time {
	u, err := url.Parse(address)
	if m == nil || err != nil || path.Transport == "" || path.Transport == csta.WebSockets {
		return time.Time{}
	}
	known := m.recall(u)
	if known.path.Transport == "" {
		return time.Now()
	}
	return known.tried.Add(cmp.Or(m.Again, 24*time.Hour))
}

// thisNetwork identifies the network that a computer is in by the prefixes of its addresses: a renewed lease or
// temporary address changes nothing.
func thisNetwork() string {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	var prefixes []string
	for _, a := range addresses {
		n, ok := a.(*net.IPNet)
		if !ok || n.IP.IsLoopback() || n.IP.IsLinkLocalUnicast() {
			continue
		}
		prefixes = append(prefixes, (&net.IPNet{IP: n.IP.Mask(n.Mask), Mask: n.Mask}).String())
	}
	slices.Sort(prefixes)
	return strings.Join(slices.Compact(prefixes), " ")
}
