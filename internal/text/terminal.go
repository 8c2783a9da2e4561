package text

import (
	"io"
	"strings"

	"calltray/internal/foreign"
)

// How many characters of a line a terminal gets: of one line the usual ones have a hundred; of a text, which may be
// a log, more than the log keeps.
const (
	maxLine   = 1000
	maxInText = 128 << 10
)

// Terminal writes text that a person reads: nothing in it can steer the terminal, turn the direction of writing
// or hide. It is the only way to the terminal: whoever prints for people has a Terminal and no other writer.
type Terminal struct {
	w   io.Writer
	err error
}

// NewTerminal returns a Terminal that writes to w.
func NewTerminal(w io.Writer) *Terminal { return &Terminal{w: w} }

// Line writes one line, whatever is in it: a line feed becomes a blank. A line that is too long is cut. The
// error is that of the writer.
func (t *Terminal) Line(line string) error {
	return t.write(foreign.Columns(line, maxLine) + "\n")
}

// Err returns the first error of the writer, nil if it took everything.
func (t *Terminal) Err() error { return t.err }

func (t *Terminal) write(s string) error {
	_, err := io.WriteString(t.w, s)
	if t.err == nil {
		t.err = err
	}
	return err
}

// Write is for text of ours that has several lines, as a help text: it keeps line feeds, and cleans the rest.
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
