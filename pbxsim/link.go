package pbxsim

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// link is one client's connection, on either gateway.
type link struct {
	pbx          *PBX
	id           int
	kind         string // tcp, tls, hub: for display
	remote       string
	connectionID string // the vendor's name for the connection, in some events
	codec        codec
	write        func(data []byte, chunk int) error // called by the writer only
	shut         func()                             // closes the connection at once
	severed      atomic.Bool                        // it was cut, and its reader may not know yet

	// Guarded by pbx.mu.
	session      *session
	monitors     map[string][]string // the cross references of each object's monitors, by PBX.ref
	clientPhones map[string]bool     // extensions that the client has monitored by name: their users are there
	kept         *[]byte             // an answer held back until the next one
	served       map[string]int      // executed requests, by name
	invoked      int                 // events sent with an invocationId

	out outbox
}

// codec writes messages for one gateway. All methods are pure.
type codec interface {
	// event encodes an event. On the hub, invocation is its invocationId, or "".
	event(e *element, invocation string, b *Behaviour) []byte
	answer(r *request, e *element, b *Behaviour) []byte
	refusal(r *request, err error, b *Behaviour) []byte
	malformed() []byte
}

// maxQueued is how much may wait for a client that does not read, before it is cut off.
const maxQueued = 64 << 20

// outbox is what a link still has to write. Adding never blocks.
type outbox struct {
	mu     sync.Mutex
	frames [][]byte
	size   int
	last   bool          // nothing is added after this; the writer closes the link when everything is written
	wake   chan struct{} // has one item when there may be something to do
	done   chan struct{} // closed when the link has ended
}

func (o *outbox) add(frame []byte, last bool) (full bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.last {
		return false
	}
	if len(frame) > 0 {
		o.frames = append(o.frames, frame)
		o.size += len(frame)
	}
	o.last = last
	select {
	case o.wake <- struct{}{}:
	default:
	}
	return o.size > maxQueued
}

func (o *outbox) take() (frames [][]byte, last bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	frames, o.frames, o.size = o.frames, nil, 0
	return frames, o.last
}

// always is the life of something that does not end with a restart of the gateways.
const always = -1

// open adds a link to the PBX. It returns nil if the PBX is closed, or the gateways were restarted since the
// client was accepted. The caller reads the link, and must call close. Nothing is written before start.
func (p *PBX) open(kind, remote string, life int, c codec, write func([]byte, int) error, shut func()) *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || life != always && life != p.life {
		return nil
	}
	p.linkCount++
	l := &link{
		pbx: p, id: p.linkCount, kind: kind, remote: remote, connectionID: p.uuid(),
		codec: c, write: write, shut: sync.OnceFunc(shut), monitors: make(map[string][]string), clientPhones: make(map[string]bool), served: make(map[string]int),
		out: outbox{wake: make(chan struct{}, 1), done: make(chan struct{})},
	}
	p.links[l] = true
	p.note("link %d open %s %s", l.id, kind, word(remote))
	p.running.Add(1) // the reader, which is the caller
	return l
}

// start starts the link's writer. ping, if any, is written at the configured interval.
func (l *link) start(ping []byte) {
	p := l.pbx
	p.running.Go(func() { l.writer(ping) })
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.behaviour.Greet && !p.behaviour.Silence {
		l.event(p.systemStatus())
	}
}

// close ends the link; the reader calls it when it is done.
func (l *link) close() {
	defer l.pbx.running.Done()
	l.shut()
	close(l.out.done)
	p := l.pbx
	p.mu.Lock()
	defer p.mu.Unlock()
	l.endSession()
	delete(p.links, l)
	p.note("link %d closed", l.id)
}

// cut ends the link from outside: its reader will fail. Closing a WebSocket can block and is therefore done in
// another goroutine; cut itself is safe under the lock. Input that arrives meanwhile is not read, and nothing
// more is written.
func (l *link) cut() {
	l.severed.Store(true)
	l.pbx.running.Go(l.shut)
}

// hangUp ends the link when everything queued so far has been written.
func (l *link) hangUp() { l.out.add(nil, true) }

func (l *link) send(frame []byte) {
	if l.out.add(frame, false) {
		l.cut()
	}
}

// keepBack sends answers in pairs, the later one first. One that waits alone for a second is sent alone.
func (l *link) keepBack(frame []byte) {
	if earlier := l.kept; earlier != nil {
		l.kept = nil
		l.send(frame)
		l.send(*earlier)
		return
	}
	l.kept = &frame
	l.pbx.after(time.Second, func() {
		if l.kept == &frame {
			l.kept = nil
			l.send(frame)
		}
	})
}

// event encodes an event and queues it. Called under the PBX's lock.
func (l *link) event(e *element) {
	b := &l.pbx.behaviour
	if names(b.DropEvents, e.target()) || names(b.DropEvents, e.name) {
		return
	}
	invocation := ""
	if b.InvocationIDs {
		l.invoked++
		invocation = strconv.Itoa(l.invoked)
	}
	frame := l.codec.event(b.arrange(e), invocation, b)
	l.send(frame)
	if b.Duplicates {
		l.send(frame)
	}
}

// arrange puts privateData where the behaviour wants it, and spells numbers accordingly.
func (b *Behaviour) arrange(e *element) *element {
	e = b.spellNumbers(e)
	if b.PrivateData == "first" || b.PrivateData == "random" && rand.IntN(2) == 0 {
		return e.privateFirst()
	}
	return e
}

// writer writes what is queued, with the active faults, until the link has ended.
func (l *link) writer(ping []byte) {
	var idle <-chan time.Time
	interval := l.pbx.cfg.PingInterval
	if ping != nil {
		t := time.NewTicker(interval)
		defer t.Stop()
		idle = t.C
	}
	for {
		select {
		case <-l.out.done:
			return
		case <-idle:
			l.send(ping)
			continue
		case <-l.out.wake:
		}
		b := l.pbx.Behaviour()
		if b.Coalesce > 0 {
			t := time.NewTimer(b.Coalesce)
			select {
			case <-t.C:
			case <-l.out.done:
				t.Stop()
				return
			}
		}
		frames, last := l.out.take()
		if b.Coalesce > 0 && len(frames) > 1 {
			var one []byte
			for _, f := range frames {
				one = append(one, f...)
			}
			frames = [][]byte{one}
		}
		for _, f := range frames {
			if l.pbx.Behaviour().Silence || l.severed.Load() {
				continue
			}
			if l.write(f, b.Chunk) != nil {
				l.shut()
				break
			}
		}
		if last {
			l.shut()
		}
	}
}

// complain reports why a link ended or what it could not read, unless it simply ended.
func (l *link) complain(err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return
	}
	l.pbx.mu.Lock()
	defer l.pbx.mu.Unlock()
	l.pbx.note("link %d error %s", l.id, word(err.Error()))
}

// refuse answers a request that could not be understood.
func (p *PBX) refuse(l *link, r *request, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !r.quiet && !p.behaviour.Silence {
		l.send(l.codec.refusal(r, err, &p.behaviour))
	}
}

func (p *PBX) knows(service string) bool { return p.table[service] != nil }
