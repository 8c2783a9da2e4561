// Package control makes the program one of its kind for each user, and gives the command line a way to
// the one that runs: a lock file decides who is first, and a Unix-domain socket beside it carries
// requests, one line of JSON each way. Both lie in a folder that only the user can enter.
//
// Everything that comes in over the socket is treated as hostile, since any program of the user can
// send it: it is limited in size, in time and in number, and every request has its row in a table
// (request.go) that says what its arguments have to be.
package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/adrg/xdg"
	"github.com/gofrs/flock"
)

// The errors that a caller may want to tell apart, with errors.Is.
var (
	ErrRunning    = errors.New("control: already running")
	ErrNotRunning = errors.New("control: not running")
	ErrNoAnswer   = errors.New("control: the running instance does not answer")
)

const (
	maxRequest  = 4096            // bytes
	maxResponse = 16 << 20        // bytes: five thousand colleagues, with calls and long names, are 3 MB
	maxClients  = 8               // at once; more wait
	readLimit   = 2 * time.Second // for a client to send its line, and to take the answer's
	grace       = time.Second     // that a client waits longer than a request may take
	startLimit  = 2 * time.Second // between the lock and the socket of a first instance
)

// Instance is the running instance's side: it holds the lock and serves the socket.
type Instance struct {
	lock     *flock.Flock
	listener *net.UnixListener
	handle   func(context.Context, Request) Response
	stop     context.CancelFunc
	done     sync.WaitGroup
	close    sync.Once
}

// Acquire makes this process the running instance of name, or returns ErrRunning. name is a word of
// small letters, digits and dashes. handle is called for each valid request, by up to eight goroutines
// at once; its context ends after the time that the request has to take effect, or with Close.
//
// The lock goes with the process: a killed one leaves a dead socket behind, which the next removes.
func Acquire(name string, handle func(context.Context, Request) Response) (*Instance, error) {
	base, err := place(name)
	if err != nil {
		return nil, err
	}
	// Send holds a shared lock for a moment to see whether anybody is there; so a lock that is held
	// now may be free in an instant.
	lock := flock.New(base+".lock", flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	switch ok, err := lock.TryLockContext(ctx, 5*time.Millisecond); {
	case errors.Is(err, context.DeadlineExceeded), err == nil && !ok:
		return nil, ErrRunning
	case err != nil:
		return nil, fmt.Errorf("control: the lock file %s.lock: %w", base, err)
	}
	// Whoever holds the lock owns the socket. It is removed without looking first: on Windows os.Stat
	// cannot read a socket (golang.org/issue/33357).
	_ = os.Remove(base + ".sock")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: base + ".sock", Net: "unix"})
	if err == nil {
		err = os.Chmod(base+".sock", 0o600)
	}
	if err != nil {
		if listener != nil {
			_ = listener.Close()
		}
		_ = lock.Unlock()
		return nil, fmt.Errorf("control: the socket %s.sock: %w", base, err)
	}
	run, stop := context.WithCancel(context.Background())
	i := &Instance{lock: lock, listener: listener, handle: handle, stop: stop}
	i.done.Go(func() { i.serve(run) })
	return i, nil
}

// Close gives up the place: it ends the requests under way, waits for them, removes the socket and
// releases the lock. It may be called more than once.
func (i *Instance) Close() error {
	var err error
	i.close.Do(func() {
		i.stop()
		err = i.listener.Close() // removes the socket
		i.done.Wait()
		err = errors.Join(err, i.lock.Close())
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
			select { // out of file descriptors, most likely
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
	line, err := readLine(conn, maxRequest)
	if err != nil && line == nil {
		return // nobody there, or nobody who says anything
	}
	var response Response
	if err != nil {
		response.Message = "The request is longer than a request can be."
	} else if request, err := readRequest(line); err != nil {
		response.Message = err.Error()
	} else {
		ctx, cancel := context.WithTimeout(ctx, rules[request.Command].limit)
		response = i.handle(ctx, request)
		cancel()
	}
	answer, err := encode(response, maxResponse)
	if err == errTooLong {
		answer, _ = encode(Response{Message: "The answer is longer than an answer can be."}, maxResponse)
	}
	_ = conn.SetDeadline(time.Now().Add(readLimit)) // now: megabytes took their time
	_, _ = conn.Write(answer)
}

// Send hands a request to the running instance of name and returns its answer. ErrNotRunning: nobody is
// there. ErrNoAnswer: somebody is, and is stopped or hangs. It waits two seconds for an instance that has
// just been started, and then for an answer as long as ctx allows, and a second longer than the request may
// take. The request is one of NewRequest's.
func Send(ctx context.Context, name string, request Request) (Response, error) {
	base, err := place(name)
	if err != nil {
		return Response{}, err
	}
	conn, err := dial(ctx, base)
	if err != nil {
		return Response{}, err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, rules[request.Command].limit+grace)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })()
	if request.Command == Show {
		allowForeground()
	}
	question, err := encode(request, maxRequest)
	if err == nil {
		_, err = conn.Write(question)
	}
	if err != nil {
		return Response{}, fmt.Errorf("%w: %w", ErrNoAnswer, errors.Join(err, context.Cause(ctx)))
	}
	line, err := readLine(conn, maxResponse)
	var response Response
	if err == nil {
		err = json.Unmarshal(line, &response)
	}
	if err != nil {
		return Response{}, fmt.Errorf("%w: %w", ErrNoAnswer, errors.Join(err, context.Cause(ctx)))
	}
	return response, nil
}

// dial connects to the instance. When there is no socket, the lock tells whether there will be one.
func dial(ctx context.Context, base string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: startLimit} // a stopped instance can have a full queue
	for start := time.Now(); ; {
		conn, err := dialer.DialContext(ctx, "unix", base+".sock")
		if err == nil {
			return conn, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		lock := flock.New(base+".lock", flock.SetPermissions(0o600))
		free, lockErr := lock.TryRLock()
		_ = lock.Close()
		if free || lockErr != nil {
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

// errTooLong is what a line is that has more bytes than it may.
var errTooLong = errors.New("line too long")

// readLine reads up to a line feed or the end, and no more than most bytes. With an error the line is nil
// unless it was too long.
func readLine(r io.Reader, most int) ([]byte, error) {
	buf := make([]byte, 0, min(512, most))
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, 1) // doubles it
		}
		had := len(buf)
		n, err := r.Read(buf[had:min(cap(buf), most)])
		buf = buf[:had+n]
		if i := bytes.IndexByte(buf[had:], '\n'); i >= 0 {
			return buf[:had+i], nil
		}
		if len(buf) >= most {
			return buf, errTooLong
		}
		if err != nil && n == 0 {
			return nil, err
		}
	}
}

// encode makes a line.
func encode(v any, most int) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	if len(b) >= most {
		return nil, errTooLong
	}
	return append(b, '\n'), nil
}

// place returns the path of the lock and the socket without their endings, in a folder that it makes.
func place(name string) (string, error) {
	if name == "" || len(name) > 32 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return "", fmt.Errorf("control: %q is not a name of small letters, digits and dashes", name)
	}
	dir := filepath.Join(xdg.RuntimeDir, "calltray")
	if fi, err := os.Stat(xdg.RuntimeDir); err != nil || !fi.IsDir() {
		// A login without a runtime folder (a server, a container). The name in the shared folder can
		// be taken by somebody else, so it is looked at closely.
		dir = filepath.Join(os.TempDir(), fmt.Sprintf("calltray-%d", os.Getuid()))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("control: the folder for the lock: %w", err)
	}
	if err := ours(dir); err != nil {
		return "", fmt.Errorf("control: %s: %w", dir, err)
	}
	return filepath.Join(dir, name), nil
}
