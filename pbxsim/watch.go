package pbxsim

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// watcher receives what happens at the gateways.
type watcher struct{ tell func(line string) }

// Watch calls tell with a line for every link, login, monitor and service, until stop is called:
//
//	link 1 open tcp 127.0.0.1:53172
//	link 1 login user@example.dk
//	link 1 monitor u-12345678-200
//	event Delivered 200 SIP/hpbx-00000233
//	service AnswerCall 200 SIP/hpbx-00000233 link 1
//	refused HoldCall "200 is in no call that could be held" link 1
//	link 1 error "not well-formed XML at line 1, column 8"
//	link 1 logout
//	link 1 closed
//
// An event's line is written whether or not anybody monitors the device. A word with a space, a quote or an
// unprintable character is quoted as in Go. Lines come in order, under the PBX's lock: tell must not block and
// must not call the PBX. They contain no password.
func (p *PBX) Watch(tell func(line string)) (stop func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := &watcher{tell}
	p.watchers = append(p.watchers, w)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for i, other := range p.watchers {
			if other == w {
				p.watchers = append(p.watchers[:i:i], p.watchers[i+1:]...)
			}
		}
	}
}

func (p *PBX) note(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	p.log.Debug(line)
	for _, w := range p.watchers {
		w.tell(line)
	}
}

// word returns s as one word of a line: quoted as in Go if it could be mistaken for anything else.
func word(s string) string {
	plain := func(r rune) bool { return r != '"' && r != '\\' && r != ' ' && unicode.IsPrint(r) }
	switch {
	case s == "":
		return "-"
	case strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) || !utf8.ValidString(s):
		return strconv.Quote(s)
	}
	return s
}
