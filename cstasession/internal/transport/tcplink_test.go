package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/fixture"
	"calltray/cstasession/internal/wire"
)

// over gives a link of a plain pipe, and the peer's end of it.
func over(t *testing.T, opts Options) (*tcpConn, net.Conn) {
	near, far := net.Pipe()
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	l := newTCP(near, &opts)
	t.Cleanup(func() { l.Close(); far.Close() })
	return l, far
}

// TestByteByByte: whatever the pieces, the same messages come out, byte order mark included.
func TestByteByByte(t *testing.T) {
	doc := append([]byte("\r\n\ufeff<?xml version=\"1.0\" encoding=\"utf-16\"?>"), fixture.Read(t, "xml/DeliveredEvent.incoming.xml")...)
	root, err := wire.DecodeXML(doc)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := wire.ReadEvent(wire.NewMessage(root))
	for _, size := range []int{1, 2, 3, 7, 1000, 1 << 20} {
		l, far := over(t, Options{})
		go func() {
			stream := append(bytes.Clone(doc), 0)
			for piece := range slices.Chunk(append(stream, stream...), size) {
				if _, err := far.Write(piece); err != nil {
					return
				}
			}
			far.Close()
		}()
		for i := range 2 {
			in := <-l.Inbox()
			if got, _ := wire.ReadEvent(in.Msg); in.Err != nil || got != want {
				t.Fatalf("pieces of %d, message %d: got %+v %v", size, i, got, in.Err)
			}
		}
		if in := <-l.Inbox(); !errors.Is(in.Err, io.EOF) {
			t.Errorf("pieces of %d: the end is %v", size, in.Err)
		}
	}
}

// TestUnreadableDocumentsAreSkipped, and what is logged of them holds no password.
func TestUnreadableDocumentsAreSkipped(t *testing.T) {
	var log syncBuffer
	l, far := over(t, Options{Secret: wire.NewScrubber(csta.NewPassword("hunter2")), Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	good := fixture.Read(t, "xml/ConnectionClearedEvent.xml")
	go func() {
		for _, doc := range [][]byte{good, []byte("<a><b></a>"), []byte("hunter2"), []byte("<unclosed>hunter2"), []byte("<x>hun&#116;er2<y></x>"),
			[]byte("<StartApplicationSession><password>hunter2<password></StartApplicationSession>"), bytes.Repeat([]byte("<a>"), 1000), good} {
			if _, err := far.Write(append(bytes.Clone(doc), 0)); err != nil {
				t.Error(err)
			}
		}
	}()
	for range 2 {
		select {
		case in := <-l.Inbox():
			if in.Err != nil || in.Msg.Name != "ConnectionClearedEvent" {
				t.Fatalf("got %+v", in)
			}
		case <-time.After(patience):
			t.Fatal("the link did not go on")
		}
	}
	if got := strings.Count(log.String(), "unreadable document"); got != 6 {
		t.Errorf("%d lines about unreadable documents, want 6:\n%s", got, log.String())
	}
	if strings.Contains(log.String(), "hunter2") || strings.Contains(log.String(), "er2") {
		t.Errorf("the log has the password:\n%s", log.String())
	}
}

func TestTooLargeADocumentEndsTheLink(t *testing.T) {
	l, far := over(t, Options{})
	go func() {
		piece := bytes.Repeat([]byte("<a/>"), 64<<10)
		for {
			if _, err := far.Write(piece); err != nil {
				return
			}
		}
	}()
	if in := <-l.Inbox(); !errors.Is(in.Err, csta.ErrTooLarge) || !strings.Contains(in.Err.Error(), "4194304") {
		t.Errorf("got %v, want ErrTooLarge with the limit", in.Err)
	}
}

// TestCloseFreesTheReader: a link can be closed while nobody reads its inbox, twice.
func TestCloseFreesTheReader(t *testing.T) {
	l, far := over(t, Options{})
	if _, err := far.Write(append(fixture.Read(t, "xml/ConnectionClearedEvent.xml"), 0)); err != nil {
		t.Fatal(err)
	}
	l.Close()
	l.Close()
	if err := l.Send(context.Background(), wire.Request{ID: "1", Body: wire.Node("MakeCall")}); err == nil {
		t.Error("a closed link sends")
	}
}
