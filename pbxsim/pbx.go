package pbxsim

import (
	cryptorand "crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// Config configures a PBX. The zero Config works: trunk 12345678, user "user@example.dk" with password
// "secret", extensions 200 to 203, of which all but 203 answer automatically, queue 400 with members 201 and
// 202.
type Config struct {
	Trunk      string // the main number; the domain is <Trunk>.pbx.one-connect.dk
	Users      []User
	Extensions []Extension
	Queues     []Queue

	// Outside says what an outside number does when called. If nil, it rings until somebody answers or clears
	// it by hand. It must not call the PBX. See Demo.
	Outside func(number string) Reply

	Behaviour Behaviour // initial; see PBX.Set

	PingInterval  time.Duration // between the hub's pings; default 15 s
	ClientTimeout time.Duration // for a hub's client that sends nothing; default 30 s

	Seed   uint64       // makes a run's identifiers repeatable; 0 is random
	Logger *slog.Logger // default: none. Receives the lines of PBX.Watch at debug level; never a password
}

// User may log in at a gateway.
type User struct{ UserID, Password string }

// Extension is a telephone of the PBX.
type Extension struct {
	Number, Name string
	AutoAnswer   bool // the phone can answer automatically: AnswerCall works, and MakeCall needs nobody at the phone
}

// Queue is a number whose members ring together.
type Queue struct {
	Number, Name string
	Members      []string // numbers of extensions
}

// Reply is what an outside number does when called.
type Reply struct {
	Busy    bool
	Answers bool          // if neither this nor Busy is set, it rings for ever
	After   time.Duration // it answers after this long
}

// Demo is an Outside function for demonstrations: 999 is busy, 998 never answers, and every other
// number answers after two seconds.
func Demo(number string) Reply {
	switch number {
	case "999":
		return Reply{Busy: true}
	case "998":
		return Reply{}
	}
	return Reply{Answers: true, After: 2 * time.Second}
}

// PBX is a simulated PBX with its gateways. All methods may be called from any goroutine.
type PBX struct {
	cfg Config
	log *slog.Logger

	// These do not change.
	table      map[string]service
	extensions map[string]*extension // by number; mu guards their settings

	// mu guards everything below. Nothing that can block is done under it: output goes to the links' queues.
	mu        sync.Mutex
	behaviour Behaviour
	rand      *rand.Rand
	queues    map[string]*queue // by number
	calls     []*call           // oldest first; index.go maintains this and the next two
	at        map[string][]*leg // by device, oldest first
	ids       map[string]*leg   // by callID
	began     uint64            // counts the calls
	legs      uint32            // counts the callIDs given out
	tickets   int               // counts the cross references that are tickets
	ended     map[string]string // the callID of each device's last ended leg
	links     map[*link]bool
	linkCount int
	delivery  []delivery // events of the current operation, sent when it is done
	watchers  []*watcher
	gateways  []*gateway
	system    string             // a value of ECMA-323's SystemStatusValue
	life      int                // of the gateways; a restart increments it
	posts     map[string]*posted // links that consist of requests, by connection token
	tokens    map[string]string  // the affinity cookie, or "", by the connection token of a negotiation not yet used
	closed    bool
	done      chan struct{} // closed with the PBX

	running sync.WaitGroup // every goroutine
}

// New returns a PBX, which does not listen until told to. It panics if the behaviour has a value that its
// switch does not know.
func New(cfg Config) *PBX {
	cfg.Behaviour.mustBeKnown()
	if cfg.Trunk == "" {
		cfg.Trunk = "12345678"
	}
	if cfg.Users == nil {
		cfg.Users = []User{{"user@example.dk", "secret"}}
	}
	if cfg.Extensions == nil {
		cfg.Extensions = []Extension{{"200", "Astrid", true}, {"201", "Bo", true}, {"202", "Cecilie", true}, {"203", "Søren", false}}
		if cfg.Queues == nil {
			cfg.Queues = []Queue{{"400", "Reception", []string{"201", "202"}}}
		}
	}
	if cfg.PingInterval <= 0 {
		cfg.PingInterval = 15 * time.Second
	}
	if cfg.ClientTimeout <= 0 {
		cfg.ClientTimeout = 30 * time.Second
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	seed := cfg.Seed
	if seed == 0 {
		var b [8]byte
		_, _ = cryptorand.Read(b[:]) // this does not fail
		seed = binary.LittleEndian.Uint64(b[:])
	}
	cfg.Extensions, cfg.Queues = slices.Clone(cfg.Extensions), slices.Clone(cfg.Queues)
	p := &PBX{
		cfg:        cfg,
		log:        cfg.Logger,
		behaviour:  cfg.Behaviour,
		rand:       rand.New(rand.NewPCG(seed, 0)),
		legs:       0x232, // so that the first leg is the vendor's first example
		done:       make(chan struct{}),
		links:      make(map[*link]bool),
		extensions: make(map[string]*extension),
		queues:     make(map[string]*queue),
		at:         make(map[string][]*leg),
		ids:        make(map[string]*leg),
		ended:      make(map[string]string),
		tokens:     make(map[string]string),
		posts:      make(map[string]*posted),
		system:     systemStates[0],
	}
	p.table = p.services()
	for _, e := range cfg.Extensions {
		p.extensions[e.Number] = newExtension(e)
	}
	for _, q := range cfg.Queues {
		p.queues[q.Number] = newQueue(q)
	}
	return p
}

// Domain returns the pbxDomain that a login must name.
func (p *PBX) Domain() string { return p.cfg.Trunk + ".pbx.one-connect.dk" }

// errClosed is the error for anyone who calls a closed PBX.
var errClosed = errors.New("the PBX is closed")

// Close ends every link and listener and returns when every goroutine has ended.
func (p *PBX) Close() error {
	p.mu.Lock()
	if !p.closed {
		close(p.done)
	}
	p.closed = true
	for _, c := range p.calls {
		c.stopTimers()
	}
	p.calls = nil
	clear(p.at)
	clear(p.ids)
	err := p.closeGateways()
	p.dropLinks()
	p.mu.Unlock()
	p.running.Wait()
	return err
}

// enter locks the PBX for an operation; the function that it returns sends the events of the
// operation and unlocks.
func (p *PBX) enter() (leave func()) {
	p.mu.Lock()
	return func() {
		p.flush()
		p.mu.Unlock()
	}
}

// after runs f under the lock when d has passed, unless the PBX has closed.
func (p *PBX) after(d time.Duration, f func()) *time.Timer {
	return time.AfterFunc(d, func() {
		defer p.enter()()
		if !p.closed {
			f()
		}
	})
}

// uuid returns a random version 4 UUID.
func (p *PBX) uuid() string {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], p.rand.Uint64())
	binary.LittleEndian.PutUint64(b[8:], p.rand.Uint64())
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// userRef, queueRef and trunkRef return the vendor's long identifiers, which are also the cross references of
// monitors.
func (p *PBX) userRef(number string) string  { return "u-" + p.cfg.Trunk + "-" + number }
func (p *PBX) queueRef(number string) string { return "q-" + p.cfg.Trunk + "-" + number }
func (p *PBX) trunkRef() string              { return "t-" + p.cfg.Trunk }

// ref returns the cross reference under which events of a device's legs are sent: legs that belong to no user
// are the trunk's.
func (p *PBX) ref(device string) string {
	switch {
	case p.extensions[device] != nil:
		return p.userRef(device)
	case p.isQueue(device):
		return p.queueRef(device)
	}
	return p.trunkRef()
}

func (p *PBX) isQueue(number string) bool {
	_, ok := p.queues[number]
	return ok
}

// object finds the device that a request names, in the short or the long form. It returns the short number, the
// cross reference, and whether there is one.
func (p *PBX) object(name string) (number, ref string, ok bool) {
	number = name
	if len(name) > 2 && name[1] == '-' {
		rest, found := strings.CutPrefix(name[2:], p.cfg.Trunk+"-")
		if !found {
			return "", "", false
		}
		number = rest
		if ref := p.ref(number); ref != name {
			return "", "", false
		}
	}
	ref = p.ref(number)
	return number, ref, ref != p.trunkRef()
}
