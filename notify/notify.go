// Package notify shows desktop notifications of who is calling, which calls were missed, and that the link to
// the PBX has been down for a while, so that no call would be seen.
//
// A [Notifier] is a function of the session's state: it is shown every State, and puts up, changes and takes
// down notifications accordingly. If the desktop has the freedesktop.org notification service (specification
// 1.2 and 1.3), an incoming call has buttons, and disappears as soon as the ringing ends. Elsewhere, and
// without such a service, beeep shows a plain one.
//
// Names and numbers of callers come from the network. They reach a notifier only through [Clean]: some
// notifiers paste what they are given into scripts.
package notify

import (
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"calltray/cstasession/csta"
)

// Config configures a Notifier. The zero Config works: no buttons and no log.
type Config struct {
	AppName      string // as the desktop shows it; default "Calltray"
	DesktopEntry string // name of the .desktop file without its extension; "" if none is installed
	Icon         []byte // PNG; nil shows the desktop's default

	// The actions of the buttons. Each is called in a goroutine of its own; if one is nil, there is no button.
	OnAnswer, OnHangUp func(csta.ConnectionID)
	OnOpen             func() // the notification itself was clicked
	OnCallBack         func(number string)

	// Popup reports whether a popup shows the ringing call in the corner where Windows shows notifications:
	// Windows then only lists the notification, instead of covering the popup with it. Default: there is none.
	Popup func() bool

	// Turn is called before a notification is shown, and returns when it may be, in a moment: what matters more,
	// such as the popup, comes first. Default: at once. It is called in a goroutine of its own.
	Turn func()

	// Announce reports whether a ringing call gets a notification, and whether it makes a sound; default: a
	// notification without a sound. It must not block. If its result for a call changes later, the call is
	// shown once more.
	Announce func(csta.Call) (show, sound bool)

	// Nameless reports whether notifications must not say who calls, because others may read them. It must not
	// block; default: they say it.
	Nameless func() bool

	Format func(number string) string // how to display a number; default: unchanged
	// Describe says how a call arrived and for whom, or when it was missed; default: in English. Network text
	// in its result is cleaned here.
	Describe func(csta.Call) string
	// Say returns a sentence of this package in the user's language; pairs of a name and a value fill its
	// placeholders, such as {{.Time}}. Default: in English.
	Say     func(sentence string, pairs ...string) string
	Explain func(err error) string // returns a sentence: why the link is down. Must be quick; default: no reason is given
	Logger  *slog.Logger           // default: none
}

// Notifier shows notifications. Its methods may be called from any goroutine.
type Notifier struct {
	cfg   Config        // with defaults
	wake  chan struct{} // holds a token when there is news
	tests chan test
	quit  chan struct{}
	done  chan struct{} // closed when the worker has ended
	once  sync.Once

	playing atomic.Bool // a sound is playing

	mu   sync.Mutex
	news *csta.State // the newest state that the worker has not seen, including every call that has ended since
	seen bool        // the user has seen the missed calls before it
}

// New starts a Notifier. It does no I/O itself: the desktop is contacted for the first notification. Close ends
// it.
func New(cfg Config) *Notifier { return newNotifier(cfg, newDesktop) }

func newNotifier(cfg Config, open func(Config, func(event)) desktop) *Notifier {
	cfg = cfg.complete()
	n := &Notifier{cfg: cfg, wake: make(chan struct{}, 1), tests: make(chan test), quit: make(chan struct{}), done: make(chan struct{})}
	go newWorker(cfg, n, open).run()
	return n
}

// complete returns cfg with the defaults filled in.
func (cfg Config) complete() Config {
	if cfg.AppName == "" {
		cfg.AppName = "Calltray"
	}
	if cfg.Popup == nil {
		cfg.Popup = func() bool { return false }
	}
	if cfg.Turn == nil {
		cfg.Turn = func() {}
	}
	if cfg.Announce == nil {
		cfg.Announce = func(csta.Call) (show, sound bool) { return true, false }
	}
	if cfg.Nameless == nil {
		cfg.Nameless = func() bool { return false }
	}
	if cfg.Format == nil {
		cfg.Format = func(number string) string { return number }
	}
	if cfg.Describe == nil {
		cfg.Describe = cfg.describe
	}
	if cfg.Say == nil {
		cfg.Say = english
	}
	if cfg.Explain == nil {
		cfg.Explain = func(error) string { return "" }
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return cfg
}

// english fills the placeholders of a sentence.
func english(sentence string, pairs ...string) string {
	var places []string
	for i := 0; i+1 < len(pairs); i += 2 {
		places = append(places, "{{."+pairs[i]+"}}", pairs[i+1])
	}
	return strings.NewReplacer(places...).Replace(sentence)
}

// Show passes the session's state to the Notifier. It never blocks: states that arrive faster than the desktop
// accepts them are merged into one, which keeps every ended call.
func (n *Notifier) Show(s csta.State) {
	n.mu.Lock()
	if n.news != nil {
		var ended []csta.Call
		for _, c := range n.news.Calls {
			if c.Phase == csta.Ended {
				ended = append(ended, c)
			}
		}
		if over := len(ended) - maxMissed; over > 0 {
			ended = ended[over:]
		}
		s.Calls = append(ended, s.Calls...)
	} else {
		s.Calls = slices.Clone(s.Calls)
	}
	n.news = &s
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// Seen records that the user has seen which calls were missed: their notification disappears. It never blocks.
func (n *Notifier) Seen() {
	n.mu.Lock()
	n.seen = true
	if n.news != nil {
		n.news.Calls = slices.DeleteFunc(n.news.Calls, func(c csta.Call) bool { return c.Phase == csta.Ended && c.Outcome == csta.Missed })
	}
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// take returns the news, nil if there is none, and whether earlier missed calls have been seen.
func (n *Notifier) take() (news *csta.State, seen bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	news, seen = n.news, n.seen
	n.news, n.seen = nil, false
	return news, seen
}

// Close takes down the notifications of ringing calls and of a link that is down, leaves those of missed calls,
// and disconnects from the desktop. It returns within two seconds, even if the desktop hangs. It may be called
// more than once.
func (n *Notifier) Close() {
	n.once.Do(func() { close(n.quit) })
	select {
	case <-n.done:
	case <-time.After(closeLimit + time.Second/2):
	}
}
