package text

import (
	"io"
	"strings"

	"calltray/internal/foreign"
)

// How many characters of a line a terminal receives: ordinary lines have a hundred; those of a text, which may
// be a log, may have more than the log keeps.
const (
	maxLine   = 1000
	maxInText = 128 << 10
)

// Terminal writes text for people: nothing in it can control the terminal, change the writing direction or be
// invisible. It is the only way to the terminal: code that prints for people has a Terminal and no other
// writer.
type Terminal struct {
	w   io.Writer
	err error
}

// NewTerminal returns a Terminal that writes to w.
func NewTerminal(w io.Writer) *Terminal { return &Terminal{w: w} }

// Line writes one line, whatever it contains: a line feed becomes a space. A line that is too long is cut. The
// error is the writer's.
func (t *Terminal) Line(line string) error {
	return t.write(foreign.Columns(line, maxLine) + "\n")
}

// Err returns the writer's first error, nil if there was none.
func (t *Terminal) Err() error { return t.err }

func (t *Terminal) write(s string) error {
	_, err := io.WriteString(t.w, s)
	if t.err == nil {
		t.err = err
	}
	return err
}

// Write is for our own text of several lines, such as a help text: it keeps line feeds, and cleans the rest.
func (t *Terminal) Write(p []byte) (int, error) {
	lines := strings.Split(string(p), "\n")
	for i := range lines {
		lines[i] = foreign.Columns(lines[i], maxInText)
	}
	if err := t.write(strings.Join(lines, "\n")); err != nil {
		return 0, err
	}
	return len(p), nil
}
