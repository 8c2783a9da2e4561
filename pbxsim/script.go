package pbxsim

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
)

// Run reads commands from in, one per line, and writes their output to out, between the lines of Watch: it is a
// PBX's prompt and its script language. "help" lists the commands.
//
// If in is a terminal, Run prompts, and answers a mistake with a sentence. Otherwise in is a script, and the
// first mistake ends Run with an error that names the line.
//
// Run returns nil at the end of in and at "quit", and ctx's error if ctx ends first: a read of in that is
// blocked then is left behind, and ends when in does.
func (p *PBX) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := make(chan string)
	var readErr error
	go func() {
		defer close(lines)
		sc := bufio.NewScanner(in)
		for sc.Scan() {
			select {
			case lines <- sc.Text():
			case <-ctx.Done():
				return
			}
		}
		readErr = sc.Err()
	}()

	s := &script{pbx: p, out: newPrinter(out), seen: make(map[string]int), news: make(chan struct{}, 1)}
	defer s.out.close()
	defer p.Watch(s.watch)()
	person := isTerminal(in)
	if person {
		s.out.print("Type help for the commands.\n")
	}
	for n := 1; ; n++ {
		if person {
			s.out.print("pbx> ")
		}
		var line string
		var more bool
		select {
		case <-ctx.Done():
			return ctx.Err()
		case line, more = <-lines:
		}
		if !more {
			return readErr
		}
		err := s.do(ctx, line)
		switch {
		case err == nil:
		case errors.Is(err, errQuit):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case person:
			s.out.print(err.Error() + "\n")
		default:
			return fmt.Errorf("line %d, %q: %w", n, strings.TrimSpace(line), err)
		}
	}
}

// script is one run of commands.
type script struct {
	pbx *PBX
	out *printer

	mute atomic.Bool // Watch prints nothing

	mu   sync.Mutex
	seen map[string]int // services received and not yet awaited, by name
	news chan struct{}  // has one item when something has happened at the PBX

	endLife context.CancelFunc // of the life command; nil if there is none
}

func (s *script) watch(line string) {
	if !s.mute.Load() {
		s.out.print(line + "\n")
	}
	if words := strings.Fields(line); words[0] == "service" {
		s.mu.Lock()
		s.seen[words[1]]++
		s.mu.Unlock()
	}
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// until waits for a condition, which is checked whenever something happens.
func (s *script) until(ctx context.Context, condition func() bool) error {
	for !condition() {
		select {
		case <-s.news:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// do executes one line. Its errors are sentences that say what to type.
func (s *script) do(ctx context.Context, line string) error {
	words, err := split(line)
	if err != nil || len(words) == 0 {
		return err
	}
	for _, c := range commands() {
		if !strings.EqualFold(c.name, words[0]) {
			continue
		}
		args := words[1:]
		if len(args) < c.least || len(args) > c.most {
			return fmt.Errorf("type it as: %s %s", c.name, c.args)
		}
		return c.do(ctx, s, args)
	}
	return fmt.Errorf("there is no command %q: type help to see all of them", words[0])
}

// split splits a line into words; "two words" in quotes are one. A line that begins with # is a comment.
func split(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord, inQuotes := false, false
	if strings.HasPrefix(strings.TrimSpace(line), "#") {
		return nil, nil
	}
	for _, r := range line {
		switch {
		case r == '"':
			inQuotes, inWord = !inQuotes, true
		case !inQuotes && (r == ' ' || r == '\t' || r == '\r'):
			if inWord {
				words = append(words, word.String())
				word.Reset()
			}
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if inQuotes {
		return nil, errors.New(`a quote is open: end the name with "`)
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

func isTerminal(in io.Reader) bool {
	f, ok := in.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// printer writes from a goroutine of its own, so that a slow reader does not hold up the PBX.
type printer struct {
	mu      sync.Mutex
	pending strings.Builder
	closed  bool
	wake    chan struct{}
	done    chan struct{}
}

func newPrinter(out io.Writer) *printer {
	p := &printer{wake: make(chan struct{}, 1), done: make(chan struct{})}
	go func() {
		defer close(p.done)
		for range p.wake {
			p.mu.Lock()
			text, closed := p.pending.String(), p.closed
			p.pending.Reset()
			p.mu.Unlock()
			if text != "" {
				_, _ = io.WriteString(out, text) // errors are ignored: the reader has gone
			}
			if closed {
				return
			}
		}
	}()
	return p
}

func (p *printer) print(text string) {
	p.mu.Lock()
	p.pending.WriteString(text)
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// close returns when everything has been written.
func (p *printer) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.print("")
	<-p.done
}
