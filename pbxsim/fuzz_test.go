package pbxsim

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// FuzzReadFrame: whatever the reads, the documents are those between the NULs, trimmed, without the
// empty ones; and none is larger than the limit.
func FuzzReadFrame(f *testing.F) {
	for _, s := range []string{"", "\x00", "<a/>\x00", "<a/>\x00<b/>\x00", " \r\n\x00<æ/>\x00rest", "a", strings.Repeat("x", 5000) + "\x00y\x00"} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, slowly bool) {
		var r io.Reader = bytes.NewReader(data)
		if slowly {
			r = iotest.OneByteReader(r)
		}
		in := bufio.NewReader(r)
		parts := bytes.Split(data, []byte{0})
		rest := parts[len(parts)-1]
		for _, want := range parts[:len(parts)-1] {
			if want = bytes.TrimSpace(want); len(want) == 0 {
				continue
			}
			got, err := readFrame(in)
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("got %q, %v, want %q", got, err, want)
			}
		}
		want := io.EOF
		if len(bytes.TrimSpace(rest)) > 0 {
			want = io.ErrUnexpectedEOF
		}
		if got, err := readFrame(in); !errors.Is(err, want) {
			t.Fatalf("at the end: got %q, %v, want %v", got, err, want)
		}
	})
}

// FuzzDecodeXML: no document brings the PBX down, and what was read can be written and read again.
func FuzzDecodeXML(f *testing.F) {
	for _, s := range []string{
		xmlRequest("StartApplicationSession", loginArgs("user@example.dk", "secret & <æ>", "12345678.pbx.one-connect.dk")),
		`<?xml version="1.0" encoding="utf-16"?><MakeCall xmlns="x"><callingDevice>200</callingDevice></MakeCall>`,
		"<a>", "<a/><b/>", "<a>\xff</a>", "<v:a>&#x0;</v:a>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a><![CDATA[<]]></a>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		e, err := decodeXML(doc)
		if err != nil {
			return
		}
		if e == nil || e.name == "" {
			t.Fatal("neither a root nor an error")
		}
		p := New(Config{})
		l := p.open("test", "", always, xmlCodec{}, nil, func() {})
		defer l.close()
		p.serve(l, &request{name: e.name, args: e})
		frames, _ := l.out.take()
		for _, frame := range frames {
			d := xml.NewDecoder(bytes.NewReader(bytes.TrimSuffix(frame, []byte{0})))
			for {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("answered %q: %v", frame, err)
				}
			}
		}
	})
}

// FuzzReceive: no record brings the hub down; it ends the link, or is answered by well-formed records,
// with the invocationId that it came with, or by none.
func FuzzReceive(f *testing.F) {
	invoke := func(name string, args ...string) string {
		return `{"type":1,"invocationId":"7","target":"` + name + `","arguments":[` + jsonRequest(args) + `]}`
	}
	for _, s := range []string{
		invoke("StartApplicationSession", loginArgs("user@example.dk", "secret", "12345678.pbx.one-connect.dk")...),
		invoke("MakeCall", "callingDevice=200", "calledDirectoryNumber=201"),
		`{"type":6}`, `{"type":7}`, `{"type":3,"invocationId":""}`, `[[[[`, `{"type":1,"target":"","arguments":[]}`,
		`{"type":"1","invocationId":7,"target":"MakeCall","arguments":[null]}`, `{"a":{"a":{"a":[1,true,null,"\ud800"]}}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, rec []byte) {
		p := New(Config{})
		l := p.open("test", "", always, jsonCodec{}, nil, func() {})
		defer l.close()
		l.session = &session{id: "1"}
		if err := p.receive(l, rec); err != nil && !errors.Is(err, errClientClosed) {
			if frame := closeRecord(err); !json.Valid(bytes.TrimSuffix(frame, []byte{recordEnd})) {
				t.Fatalf("close record %q", frame)
			}
		}
		frames, _ := l.out.take()
		for _, frame := range frames {
			var answer struct {
				Type         int
				InvocationID string
			}
			if err := json.Unmarshal(bytes.TrimSuffix(frame, []byte{recordEnd}), &answer); err != nil {
				t.Fatalf("answered %q: %v", frame, err)
			}
			if answer.Type == 3 && answer.InvocationID == "" {
				t.Fatalf("answered nobody: %q", frame)
			}
		}
	})
}

// FuzzSplit: the words of a line have neither quotes nor, outside quotes, blanks.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{`call 22334455 200 "Ærø Bageri"`, `""`, `"`, `# x`, "a\tb\r", `a"b c"d`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words, err := split(line)
		if err != nil && len(words) > 0 {
			t.Fatalf("%q: words beside an error", line)
		}
		for _, w := range words {
			if strings.Contains(w, `"`) || !strings.Contains(line, `"`) && strings.ContainsAny(w, " \t\r") {
				t.Fatalf("%q: the word %q", line, w)
			}
		}
	})
}
