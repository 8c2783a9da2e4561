package pbxsim

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// The tests' own clients. They share no code with the PBX: what it writes is read with the
// standard library alone.

// message is what a client received: the root's name as the hub calls it, and the texts of its leaves
// by the path of their lower-case names.
type message struct {
	root   string
	leaf   map[string]string
	raw    string
	failed bool // a completion with an error
}

func (m message) String() string { return m.raw }

// say shows the named leaves: the short form that the tables compare.
func (m message) say(leaves ...string) string {
	words := []string{m.root}
	for _, l := range leaves {
		words = append(words, m.leaf[l])
	}
	return strings.Join(words, " ")
}

// client is a client of one gateway.
type client interface {
	// request sends a request; args are "name=value", names nested with dots.
	request(name string, args ...string)
	// next returns the next message.
	next() message
	close()
}

const patience = time.Minute // of a test that waits for what must come

// login logs in and monitors, and returns when both are done.
func login(t *testing.T, c client, objects ...string) {
	t.Helper()
	c.request("StartApplicationSession", loginArgs("user@example.dk", "secret", "12345678.pbx.one-connect.dk")...)
	if m := c.next(); m.root != "StartApplicationSessionPosResponse" || m.leaf["sessionid"] == "" {
		t.Fatalf("login: got %v", m)
	}
	for _, o := range objects {
		c.request("MonitorStart", "monitorObject.deviceObject="+o, "privateData.requestID=1")
		if m := c.next(); m.root != "MonitorStartResponse" || m.leaf["monitorcrossrefid"] == "" {
			t.Fatalf("monitor %s: got %v", o, m)
		}
	}
}

func loginArgs(user, password, domain string) []string {
	const info = "applicationInfo.applicationSpecificInfo.vendorData:"
	return []string{info + "userID=" + user, info + "password=" + password, info + "pbxDomain=" + domain,
		"requestedSessionDuration=120"}
}

// both runs a test over either gateway, each time on a PBX of its own.
func both(t *testing.T, cfg Config, test func(t *testing.T, p *PBX, dial func() client)) {
	t.Helper()
	t.Run("tcp", func(t *testing.T) {
		p := newPBX(t, cfg)
		url, err := p.ListenTCP("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		test(t, p, func() client { return dialTCP(t, url) })
	})
	t.Run("hub", func(t *testing.T) {
		p := newPBX(t, cfg)
		url, err := p.ListenHTTP("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		test(t, p, func() client { return dialHub(t, url) })
	})
}

func newPBX(t testing.TB, cfg Config) *PBX {
	t.Helper()
	p := New(cfg)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func keys(m map[string]string) []string {
	var k []string
	for name := range m {
		k = append(k, name)
	}
	slices.Sort(k)
	return k
}
