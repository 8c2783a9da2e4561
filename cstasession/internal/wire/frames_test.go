package wire_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

const limit4 = 4 << 20 // bytes

// cut reads all frames of a stream.
func cut(r io.Reader, limit int) (got []string, err error) {
	f := wire.NewFrames(r, 0, limit)
	for {
		frame, err := f.Next()
		if err != nil {
			return got, err
		}
		got = append(got, string(frame))
	}
}

func TestFrames(t *testing.T) {
	const bread = "<a>Ærø Bageri</a>"
	for name, test := range map[string]struct {
		stream string
		want   []string
		end    error
	}{
		"one":                      {bread + "\x00", []string{bread}, io.EOF},
		"trap 5: several":          {"<a/>\x00<b/>\x00<c/>\x00", []string{"<a/>", "<b/>", "<c/>"}, io.EOF},
		"trap 5: empty ones":       {"\x00\x00 \r\n\x00<a/>\x00\x00<b/>\x00\n", []string{"<a/>", "<b/>"}, io.EOF},
		"trap 5: white space":      {"\r\n <a/> \n\x00", []string{"<a/>"}, io.EOF},
		"trap 5: cut at the end":   {"<a/>\x00<b", []string{"<a/>"}, io.ErrUnexpectedEOF},
		"trap 5: nothing":          {"", nil, io.EOF},
		"trap 5: only a beginning": {"<", nil, io.ErrUnexpectedEOF},
		"trap 22: byte order mark": {"\ufeff<a/>\x00", []string{"\ufeff<a/>"}, io.EOF},
		"larger than the buffer":   {strings.Repeat("ø", 20<<10) + "\x00<a/>\x00", []string{strings.Repeat("ø", 20<<10), "<a/>"}, io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{
				"at once":                strings.NewReader(test.stream),
				"a byte at a time":       iotest.OneByteReader(strings.NewReader(test.stream)),
				"in halves":              iotest.HalfReader(strings.NewReader(test.stream)),
				"the end with the bytes": iotest.DataErrReader(strings.NewReader(test.stream)),
			} {
				got, err := cut(r, limit4)
				if !slices.Equal(got, test.want) || !errors.Is(err, test.end) {
					t.Errorf("%s: got %.80q %v, want %.80q %v", how, got, err, test.want, test.end)
				}
			}
		})
	}
	t.Run("trap 4: cut at every place", func(t *testing.T) {
		stream := bread + "\x00<b>漢🙂</b>\x00"
		for i := range len(stream) {
			got, err := cut(io.MultiReader(strings.NewReader(stream[:i]), strings.NewReader(stream[i:])), limit4)
			if !slices.Equal(got, []string{bread, "<b>漢🙂</b>"}) || err != io.EOF {
				t.Errorf("at %d: got %q %v", i, got, err)
			}
		}
	})
	t.Run("a stream that breaks says how", func(t *testing.T) {
		broken := errors.New("broken")
		if _, err := cut(io.MultiReader(strings.NewReader("<a"), iotest.ErrReader(broken)), limit4); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	})
}

func TestFrameLimit(t *testing.T) {
	full := strings.Repeat("x", limit4)
	if got, err := cut(strings.NewReader(full+"\x00<a/>\x00"), limit4); len(got) != 2 || err != io.EOF {
		t.Errorf("a frame of the limit's size: got %d frames, %v", len(got), err)
	}
	for name, stream := range map[string]io.Reader{
		"a byte too many": strings.NewReader(full + "x\x00"),
		"without an end":  zeroless{},
	} {
		_, err := cut(stream, limit4)
		if !errors.Is(err, csta.ErrTooLarge) || !strings.Contains(err.Error(), fmt.Sprint(limit4)) {
			t.Errorf("%s: got %v, want ErrTooLarge with the limit", name, err)
		}
	}
}

// zeroless is a stream without an end.
type zeroless struct{}

func (zeroless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// FuzzFrames: however a stream is cut into reads, the same frames come out; none is over the limit, and
// none is empty.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("<a/>\x00<b/>\x00"), 1)
	f.Add([]byte("\x00 \x00<a>æøå</a>\x00\r\n"), 3)
	f.Add(bytes.Repeat([]byte("x"), 100), 7)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		const limit = 64
		whole, why := cut(bytes.NewReader(stream), limit)
		for _, frame := range whole {
			if len(frame) == 0 || len(frame) > limit || strings.ContainsRune(frame, 0) {
				t.Errorf("frame %q", frame)
			}
		}
		pieces, whyPieces := cut(&smallReads{stream, min(max(size, 1), 1<<12)}, limit)
		if !slices.Equal(whole, pieces) || errors.Is(why, csta.ErrTooLarge) != errors.Is(whyPieces, csta.ErrTooLarge) || errors.Is(why, io.EOF) != errors.Is(whyPieces, io.EOF) {
			t.Errorf("at once %q %v, in pieces %q %v", whole, why, pieces, whyPieces)
		}
	})
}

// smallReads gives a stream away in reads of one size.
type smallReads struct {
	rest []byte
	size int
}

func (s *smallReads) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.rest[:min(s.size, len(s.rest))])
	s.rest = s.rest[n:]
	return n, nil
}
