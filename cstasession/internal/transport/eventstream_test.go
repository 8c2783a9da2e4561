package transport

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"calltray/cstasession/csta"
)

// events reads a stream to its end.
func events(r io.Reader) (list []string, err error) {
	s := newEventStream(r)
	for {
		event, err := s.next()
		if err != nil {
			return list, err
		}
		list = append(list, string(event))
	}
}

// The examples of the HTML Standard (§9.2.6), and what ends a line.
func TestEventStream(t *testing.T) {
	for _, test := range []struct {
		name, stream string
		want         []string
	}{
		{"several lines", "data: YHOO\ndata: +2\ndata: 10\n\n", []string{"YHOO\n+2\n10"}},
		{"comment, id, retry, unknown", ": test stream\n\ndata: first\nid: 1\nretry: 5\nstrange\n\ndata:second\nid\n\ndata:  third\n\n", []string{"first", "second", " third"}},
		{"empty data, and no end", "data\n\ndata\ndata\n\ndata:", []string{"", "\n"}},
		{"cut off", "data: a\n\ndata: b\n", []string{"a"}},
		{"CR", "data: a\rdata: b\r\rdata: c\r\r", []string{"a\nb", "c"}},
		{"CR LF", ":\r\ndata: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n", []string{"a\nb", "c"}},
		{"all mixed", "data: a\r\n\ndata: b\n\rdata: c\r\r\n", []string{"a", "b", "c"}},
		{"byte order mark", "\ufeffdata: a\n\n\ufeffdata: b\n\n", []string{"a"}},
		{"other types", "event: ping\ndata: a\n\nevent: message\ndata: b\n\ndata: c\nevent:\n\n", []string{"b", "c"}},
		{"a colon in the data", "data:a:b\n\n", []string{"a:b"}},
		{"no data", "event: message\n\nid: 7\n\n", nil},
	} {
		for how, r := range map[string]io.Reader{
			"whole": strings.NewReader(test.stream), "byte by byte": iotest.OneByteReader(strings.NewReader(test.stream)), "cut in two": iotest.HalfReader(strings.NewReader(test.stream)),
		} {
			if got, err := events(r); !slices.Equal(got, test.want) || !errors.Is(err, io.EOF) {
				t.Errorf("%s, %s: got %q, %v; want %q", test.name, how, got, err, test.want)
			}
		}
	}
}

// An event is delivered with the line that ends it, without waiting for what follows.
func TestEventIsNotHeldBack(t *testing.T) {
	for _, end := range []string{"\n", "\r", "\r\n"} {
		r, w := io.Pipe()
		s := newEventStream(r)
		go func() { _, _ = io.WriteString(w, "data: a"+end+end) }()
		if event, err := s.next(); err != nil || string(event) != "a" {
			t.Errorf("%q: got %q, %v", end, event, err)
		}
		w.Close()
	}
}

// A stream without an end fills no memory.
func TestEndlessEvent(t *testing.T) {
	endless := func(text string) io.Reader { return &repeated{bytes.Repeat([]byte(text), 1024/len(text))} }
	for _, text := range []string{"data: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", "a"} {
		if _, err := newEventStream(endless(text)).next(); !errors.Is(err, csta.ErrTooLarge) {
			t.Errorf("%.10q: got %v", text, err)
		}
	}
}

// repeated is its text again and again, whole times in each read.
type repeated struct{ text []byte }

func (r *repeated) Read(p []byte) (n int, _ error) {
	for len(p)-n >= len(r.text) {
		n += copy(p[n:], r.text)
	}
	return n, nil
}

// FuzzEventStream: the same events come however a stream is cut into reads, and what an event is made of comes out
// as it was put in.
func FuzzEventStream(f *testing.F) {
	f.Add([]byte("data: a\r\ndata: b\r\n\r\n: c\rdata\r\rdata:\n\n"), "{\"type\":6}\x1e")
	f.Add([]byte("\ufeffevent: x\ndata: \n\n"), "")
	f.Fuzz(func(t *testing.T, stream []byte, record string) {
		whole, _ := events(bytes.NewReader(stream))
		cut, _ := events(iotest.OneByteReader(bytes.NewReader(stream)))
		if !slices.Equal(whole, cut) {
			t.Fatalf("%q is %q, and byte by byte %q", stream, whole, cut)
		}
		if strings.ContainsAny(record, "\r\n") {
			return
		}
		got, _ := events(strings.NewReader("data: " + record + "\r\n\r\n" + "data: \r\n\r\n"))
		if want := []string{record, ""}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// Records that come in pieces are put together.
func TestUnfinishedRecords(t *testing.T) {
	stream := []byte("{\"a\":1}\x1e{\"b\":2}\x1e{}\x1e")
	for size := 1; size <= len(stream); size++ {
		var rest unfinished
		var got []byte
		for chunk := range slices.Chunk(stream, size) {
			records, err := rest.whole(chunk)
			if err != nil || len(records) > 0 && records[len(records)-1] != recordEnd {
				t.Fatalf("pieces of %d: got %q, %v", size, records, err)
			}
			got = append(got, records...)
		}
		if !bytes.Equal(got, stream) {
			t.Errorf("pieces of %d: got %q", size, got)
		}
	}
	var rest unfinished
	for range 17 {
		if _, err := rest.whole(make([]byte, 1<<20)); err != nil {
			if !errors.Is(err, csta.ErrTooLarge) {
				t.Error(err)
			}
			return
		}
	}
	t.Error("a record without an end fills the memory")
}
