package cli

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"calltray/pbxsim"
)

// limit is how long a test waits for what takes milliseconds, or a second or two.
const limit = 20 * time.Second

var anna = pbxsim.User{UserID: "anna@example.dk", Password: "hemmelig-adgangskode"}

// exchange is a simulated PBX that a test's programs log in to.
type exchange struct {
	*pbxsim.PBX
	tcp, http string
	home      string
	log       logBuffer // of the application in this process

	mu    sync.Mutex
	lines []string
	news  chan struct{}
}

// logBuffer is what is printed, and can be read meanwhile.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func newExchange(t *testing.T, user pbxsim.User) *exchange {
	t.Helper()
	return newExchangeOf(t, pbxsim.Config{Users: []pbxsim.User{user}, Outside: pbxsim.Demo})
}

func newExchangeOf(t *testing.T, config pbxsim.Config) *exchange {
	t.Helper()
	x := &exchange{home: t.TempDir(), news: make(chan struct{}, 1)}
	x.PBX = pbxsim.New(config)
	t.Cleanup(func() { x.Close() })
	var err error
	if x.tcp, err = x.ListenTCP("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if x.http, err = x.ListenHTTP("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Watch(func(line string) {
		x.mu.Lock()
		x.lines = append(x.lines, line)
		x.mu.Unlock()
		select {
		case x.news <- struct{}{}:
		default:
		}
	}))
	return x
}

// await waits until the exchange has told count lines with the given text.
func (x *exchange) await(t *testing.T, text string, count int) {
	t.Helper()
	timeout := time.After(limit)
	for {
		x.mu.Lock()
		n := 0
		for _, l := range x.lines {
			if strings.Contains(l, text) {
				n++
			}
		}
		all := strings.Join(x.lines, "\n")
		x.mu.Unlock()
		if n >= count {
			return
		}
		select {
		case <-x.news:
		case <-timeout:
			t.Fatalf("the PBX saw %q %d times, want %d; it saw:\n%s", text, n, count, all)
		}
	}
}

// env is the environment in which a program logs in to the exchange: nothing of the machine's settings,
// and no display.
func (x *exchange) env(url string, user pbxsim.User, device string) []string {
	return append(bare(x.home), "CALLTRAY_URL="+url, "CALLTRAY_USER="+user.UserID, "CALLTRAY_PASSWORD="+user.Password,
		"CALLTRAY_PBX_DOMAIN="+x.Domain(), "CALLTRAY_DEVICE="+device)
}

// leg is what the exchange has of a call at a device: "Active 22334455".
func (x *exchange) leg(device string) string {
	var legs []string
	for _, c := range x.Calls() {
		for _, l := range c.Legs {
			if l.Device == device {
				legs = append(legs, strings.Replace(l.Status, "Alerting", "Ringing", 1)+" "+l.Remote)
			}
		}
	}
	return strings.Join(legs, ", ")
}

func (x *exchange) phone(number string) pbxsim.PhoneInfo {
	phones := x.Phones()
	return phones[slices.IndexFunc(phones, func(p pbxsim.PhoneInfo) bool { return p.Number == number })]
}

func (x *exchange) signedIn(agent string) bool {
	members := x.Queues()[0].Members
	i := slices.IndexFunc(members, func(m pbxsim.MemberInfo) bool { return m.Agent == agent })
	return members[i].SignedIn
}
