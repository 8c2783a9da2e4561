package wire

import (
	"errors"
	"io"
	"strings"
	"testing"

	"calltray/cstasession/csta"
)

// blanks is white space without end.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = " \t\r\n"[i%4]
	}
	return len(p), nil
}

// White space between documents, however much and on whichever side of the NUL, is skipped and not kept: it
// ends no link and takes no memory.
func TestWhiteSpaceBetweenFrames(t *testing.T) {
	const limit = 64 << 10
	white := func() io.Reader { return io.LimitReader(blanks{}, 6<<20) }
	text := func(s string) io.Reader { return strings.NewReader(s) }
	for name, parts := range map[string][]io.Reader{
		"before a document":  {text("<a/>\x00"), white(), text("<b/>\x00")},
		"after a document":   {text("<a/>"), white(), text("\x00<b/>\x00")},
		"as a frame":         {text("<a/>\x00"), white(), text("\x00"), white(), text("\x00<b/>\x00")},
		"within a document":  {text("<a/>\x00<b"), white(), text("/>\x00")},
		"around all of them": {white(), text("<a/>"), white(), text("\x00"), white(), text("<b/>"), white(), text("\x00"), white()},
	} {
		t.Run(name, func(t *testing.T) {
			f := NewFrames(io.MultiReader(parts...), 0, limit)
			for _, want := range []string{"<a/>", "<b/>"} {
				frame, err := f.Next()
				if got := strings.Join(strings.Fields(string(frame)), ""); err != nil || got != want {
					t.Fatalf("got %.20q (%d bytes) %v, want %q", got, len(frame), err, want)
				}
				if cap(frame) > 2*limit {
					t.Errorf("%q is kept in %d bytes", want, cap(frame))
				}
			}
			if frame, err := f.Next(); !errors.Is(err, io.EOF) {
				t.Errorf("at the end: %.20q %v", frame, err)
			}
		})
	}
	// What is no white space is bounded as before.
	f := NewFrames(io.MultiReader(white(), text(strings.Repeat("x ", limit))), 0, limit)
	if _, err := f.Next(); !errors.Is(err, csta.ErrTooLarge) {
		t.Errorf("a frame over the limit: %v", err)
	}
}
