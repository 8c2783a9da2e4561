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

// Memory is by which transports hubs were reached, for each hub and each network that this computer was in. Any
// goroutine may use it. A nil Memory remembers nothing.
type Memory struct {
	// Network names the network that this computer is in; default: the prefixes of its addresses.
	Network func() string
	// Again is how long a transport is used before a better one is tried again; default: a day.
	Again time.Duration

	mu      sync.Mutex
	known   map[string]reached
	refused map[string]string // by proxy: the user and password that it did not accept
}

// wasRefused reports whether a proxy has refused a user and password before. To send them again and again would have
// the user's account locked.
func (m *Memory) wasRefused(proxy, signIn string) bool {
	if m == nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refused[proxy] == signIn && signIn != ""
}

// noteRefused remembers that a proxy refused a user and password.
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
	tried time.Time // when what is better was tried last
}

// maxReached is more hubs and networks than one computer sees; then the memory starts afresh.
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

// note remembers by what a hub was reached. What is better was tried just now, unless this was known.
func (m *Memory) note(u *url.URL, path csta.Path) {
	if m.recall(u).path.Transport != path.Transport {
		m.noBetter(u, path)
	}
}

// noBetter remembers by what a hub is reached, and that what is better was tried just now.
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

// BetterDue is when a better transport is to be tried for a hub that is reached by path: at once in a network
// where none was tried, otherwise a day after the last time; zero if there is none.
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

// thisNetwork tells the networks apart that a computer moves between, by the prefixes of its addresses: a lease
// or a temporary address that is renewed changes nothing.
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
