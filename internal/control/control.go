// Package control ensures that each user runs one instance of the program, and lets a second start and the
// command line talk to it: a lock decides who is first, and a channel carries one line each way. It does not
// interpret the lines. On Windows these are a named mutex and a named pipe whose access lists admit only the
// user; elsewhere they are a lock file and a Unix-domain socket in a folder that only the user can enter.
//
// Everything that arrives over the channel is treated as hostile, since any program of the user can send it: it
// is limited in size, in time and in number.
package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// The errors that a caller can tell apart with errors.Is. Each has a Sentence for the user.
var (
	ErrRunning    error = &problem{"control: already running", "Calltray is already running: look for its icon beside the clock."}
	ErrNotRunning error = &problem{"control: not running", "Calltray is not running: start it first."}
	ErrNoAnswer   error = &problem{"control: the running instance does not answer", "Calltray is running but does not answer: quit it, and start it again."}
	ErrTooLong    error = &problem{"control: more than a line may hold", "This is more than can be sent to the running Calltray: ask for less."}
)

// problem is an error with a sentence for the user.
type problem struct{ text, sentence string }

func (p *problem) Error() string    { return p.text }
func (p *problem) Sentence() string { return p.sentence }

// The longest lines, in bytes, including the line feed.
const (
	MaxRequest = 4096
	MaxAnswer  = 16 << 20 // five thousand colleagues with calls and long names are 3 MB
)

const (
	maxClients = 8                // at once; others wait
	readLimit  = 2 * time.Second  // for a client to send its line
	takeLimit  = 20 * time.Second // for it to accept each piece of the answer
	startLimit = 4 * time.Second  // between the lock and the channel of a first instance; longer than silent clients can keep the others waiting
	probeLimit = 100 * time.Millisecond
)

// Handler answers a request. Both are lines without their line feed, and up to eight goroutines call it at
// once. The context ends with Close; the Handler decides how long a request may take. Its answer must be
// shorter than MaxAnswer; if it is longer, or nil, the client gets no answer.
type Handler func(ctx context.Context, request []byte) (answer []byte)

// Instance is the running instance: it holds the lock and serves the channel.
type Instance struct {
	lock     io.Closer    // nil: the lock could not be created
	listener net.Listener // nil: the channel could not be created
	err      error        // why
	handle   Handler
	stop     context.CancelFunc
	done     sync.WaitGroup
	close    sync.Once
}

// Acquire makes this process the running instance of name, or returns ErrRunning. name consists of lower-case
// letters, digits and dashes.
//
// A system that offers no lock or no channel does not stop the program from running: Unreachable then says why
// no other process can reach it.
//
// The lock is released with the process. What a killed one leaves behind does not hinder the next.
func Acquire(name string, handle Handler) (*Instance, error) {
	if err := check(name); err != nil {
		return nil, err
	}
	i := &Instance{handle: handle}
	i.err = i.open(name)
	if errors.Is(i.err, ErrRunning) {
		return nil, ErrRunning
	}
	var run context.Context
	run, i.stop = context.WithCancel(context.Background())
	if i.listener != nil {
		i.done.Go(func() { i.serve(run) })
	}
	return i, nil
}

// open takes the lock and opens the channel.
func (i *Instance) open(name string) error {
	p, err := placeOf(name)
	if err != nil {
		return err
	}
	// Send holds the lock for a moment to see whether anybody is there, so a lock that is held now may be free
	// a moment later.
	for start := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		i.lock, err = p.lock()
		if err == nil {
			break
		}
		if !errors.Is(err, ErrRunning) || time.Since(start) > probeLimit {
			return err
		}
	}
	i.listener, err = p.listen()
	return err
}

// Unreachable returns why no other process can reach this one, or nil if one can. Without a lock, it is also
// unknown whether another instance is running.
func (i *Instance) Unreachable() error { return i.err }

// Close cancels the current requests, waits for them, removes the channel and releases the lock. It may be
// called more than once.
func (i *Instance) Close() error {
	var err error
	i.close.Do(func() {
		i.stop()
		if i.listener != nil {
			err = i.listener.Close()
		}
		i.done.Wait()
		if i.lock != nil {
			err = errors.Join(err, i.lock.Close())
		}
	})
	return err
}

func (i *Instance) serve(ctx context.Context) {
	room := make(chan struct{}, maxClients)
	for {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return
		}
		conn, err := i.listener.Accept()
		if err != nil {
			<-room
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return
			}
			select { // most likely out of file descriptors
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
				return
			}
			continue
		}
		i.done.Go(func() {
			defer func() { <-room }()
			i.answer(ctx, conn)
		})
	}
}

func (i *Instance) answer(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })()
	_ = conn.SetDeadline(time.Now().Add(readLimit))
	line, err := readLine(conn, MaxRequest)
	if err != nil {
		return // the client is gone, or sent nothing that can be a request
	}
	answer := i.handle(ctx, line)
	if answer == nil || len(answer) >= MaxAnswer {
		return
	}
	write(ctx, conn, append(answer, '\n'))
}

// write sends an answer piece by piece: a client on a busy machine may be slow, but must keep reading.
func write(ctx context.Context, conn net.Conn, answer []byte) {
	for piece := range slices.Chunk(answer, 64<<10) {
		_ = conn.SetDeadline(time.Now().Add(takeLimit))
		if _, err := conn.Write(piece); err != nil || ctx.Err() != nil {
			return // there is nobody left to tell
		}
	}
}

// Send sends a line to the running instance of name and returns its answer. ErrNotRunning: there is none.
// ErrNoAnswer: there is one, but it is stopped, hangs, or cannot interpret the request. ErrTooLong: request has
// MaxRequest bytes or more. It waits four seconds for an instance that has just been started or has many
// clients, and then as long as ctx allows for an answer.
func Send(ctx context.Context, name string, request []byte) ([]byte, error) {
	if len(request) >= MaxRequest {
		return nil, ErrTooLong
	}
	if err := check(name); err != nil {
		return nil, err
	}
	conn, err := dial(ctx, name)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })()
	var answer []byte
	if _, err = conn.Write(append(slices.Clone(request), '\n')); err == nil {
		answer, err = readLine(conn, MaxAnswer)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoAnswer, errors.Join(err, context.Cause(ctx)))
	}
	return answer, nil
}

// dial connects to the instance. If there is no channel, the lock tells whether there will be one.
func dial(ctx context.Context, name string) (net.Conn, error) {
	p, err := placeOf(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotRunning, err)
	}
	for start := time.Now(); ; {
		trying, cancel := context.WithTimeout(ctx, startLimit) // the queue of a stopped instance may be full
		conn, err := p.dial(trying)
		cancel()
		if err == nil {
			return conn, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if !p.locked() {
			return nil, ErrNotRunning
		}
		if time.Since(start) > startLimit {
			return nil, fmt.Errorf("%w: %w", ErrNoAnswer, err)
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// readLine reads up to a line feed or the end, but at most most bytes. With an error, the line is nil.
func readLine(r io.Reader, most int) ([]byte, error) {
	buf := make([]byte, 0, min(512, most))
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, 1) // doubles the capacity
		}
		had := len(buf)
		n, err := r.Read(buf[had:min(cap(buf), most)])
		buf = buf[:had+n]
		if i := bytes.IndexByte(buf[had:], '\n'); i >= 0 {
			return buf[:had+i], nil
		}
		if len(buf) >= most {
			return nil, ErrTooLong
		}
		if err != nil && n == 0 {
			return nil, err
		}
	}
}

// check returns an error unless name may be part of a path.
func check(name string) error {
	if name == "" || len(name) > 32 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("control: %q is not a name of small letters, digits and dashes", name)
	}
	return nil
}
