package app

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/command"
	"calltray/internal/dialplan"
	"calltray/internal/text"
	"calltray/ui"
)

// How often other programs may make the user answer a question about a number: so many times without a yes,
// within such a period. It is unknown which program it is, since anybody can run the command, so all of them
// count as one.
const (
	mostAsked  = 5
	askedSpan  = time.Minute
	mostTicket = 50 // numbers that are remembered, for those who ask what happened to them
	mostEnded  = 20 // ended calls that are
)

// dialling holds the numbers that other programs wanted dialled. Any goroutine may call its methods.
type dialling struct {
	mu      sync.Mutex
	asked   []time.Time // when the user was asked, or would have been but for the limit; without the accepted ones
	last    int         // the last ticket
	numbers map[int]*dialledNumber
	ended   []csta.Call // the last few: a call may be over before it is known to have been dialled here
}

// dialledNumber is one number in progress.
type dialledNumber struct {
	input   string // as it was written
	shown   string
	step    string
	message text.Message
	call    csta.ConnectionID
}

// admit counts a number, and returns an error if it is one too many.
func (d *dialling) admit(now time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	recent := d.asked[:0]
	for _, at := range d.asked {
		if now.Sub(at) < askedSpan {
			recent = append(recent, at)
		}
	}
	d.asked = recent
	if len(d.asked) >= mostAsked {
		return text.Errorf("too-many-numbers", "Too many numbers were handed to Calltray in a minute, and none was wanted: wait a minute, or dial in the window.")
	}
	d.asked = append(d.asked, now)
	return nil
}

// open opens a ticket.
func (d *dialling) open(r dialplan.Reading) (ticket int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.numbers == nil {
		d.numbers = map[int]*dialledNumber{}
	}
	d.last++
	d.numbers[d.last] = &dialledNumber{input: r.Input, shown: dialplan.Format(r.Dial)}
	delete(d.numbers, d.last-mostTicket)
	return d.last
}

// report records what happened to a number.
func (d *dialling) report(ticket int, r ui.DialReport) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.numbers[ticket]
	if n == nil {
		return
	}
	switch r.Step {
	case ui.DialAsked:
		if r.Read.Dial != "" {
			n.input, n.shown = r.Read.Input, dialplan.Format(r.Read.Dial)
		}
		n.step, n.message = command.Asked, text.New("asked", "Calltray asks whether to call {{.Number}}: answer in its window.", "Number", n.shown)
	case ui.DialWaiting:
		n.step, n.message = command.Waiting, text.New("waiting", "{{.Number}} is called as soon as Calltray is connected.", "Number", n.shown)
	case ui.DialCalling:
		d.asked = nil // the user does want what is handed over
		n.step, n.call, n.message = command.Calling, r.Call, text.New("calling", "Calling {{.Number}}.", "Number", n.shown)
		for _, c := range d.ended {
			n.follow(c)
		}
	case ui.DialDeclined:
		n.step, n.message = command.Declined, text.New("declined", "{{.Number}} was not called: it was not wanted.", "Number", n.shown)
	case ui.DialFailed:
		n.step, n.message = command.Failed, text.New("not-called", "{{.Number}} was not called.", "Number", n.shown).And(text.Of(r.Err))
	}
}

// follow applies a state of the session: what happened to the calls that were dialled here.
func (d *dialling) follow(s csta.State) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range s.Calls {
		if c.Phase == csta.Ended {
			d.ended = append(d.ended, c)
		}
		for _, n := range d.numbers {
			n.follow(c)
		}
	}
	d.ended = slices.Delete(d.ended, 0, max(0, len(d.ended)-mostEnded))
}

// follow records a call's progress, if it is this number's.
func (n *dialledNumber) follow(c csta.Call) {
	switch {
	case n.step != command.Calling || n.call.IsZero() || c.ID != n.call:
	case c.Phase == csta.Active:
		n.step, n.message = command.Connected, text.New("connected", "Connected to {{.Who}}.").Person("Who", c.Remote)
	case c.Phase == csta.Ended:
		n.step, n.message = command.Failed, command.Became(c, n.shown)
		if c.Outcome == csta.Answered || c.Outcome == csta.Transferred {
			n.step = command.Connected
		}
	}
}

// progress is the answer about a ticket.
func (d *dialling) progress(ticket string) (command.Response, *dialledNumber) {
	id, _ := strconv.Atoi(ticket) // NewRequest has checked it
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.numbers[id]
	if n == nil {
		return command.Refusal(text.Errorf("no-such-number", "Calltray does not know any more what became of this number: look at the telephone.")), nil
	}
	copied := *n
	return command.Response{OK: true, Message: n.message, Progress: command.Progress{Ticket: ticket, Step: n.step}}, &copied
}

// askToDial asks the user about a number that another program hands over. It does not wait for the answer; the
// desktop may take a second to say whether the screen is locked.
func (a *App) askToDial(ctx context.Context, r command.Request) (command.Response, error) {
	if r.From == command.FromSelection || r.From == command.FromClipboard {
		return a.askSelected(ctx, r.From == command.FromSelection)
	}
	reading, err := a.ui.Plan().Read(r.Written)
	if err != nil && r.From != command.FromLink {
		return command.Response{}, err
	}
	if reading.Kind != dialplan.Emergency {
		if err := a.dialling.admit(time.Now()); err != nil {
			return command.Response{}, err
		}
		if err := a.unlocked(ctx); err != nil {
			return command.Response{}, err
		}
	}
	if err != nil { // a user who clicked a link looks at the screen, not at a terminal
		_ = a.ui.AskDial(ctx, ui.DialRequest{Reading: reading, Why: err}) // a pending question about another number is left alone
		return command.Response{}, err
	}
	ticket := a.dialling.open(reading)
	if err := a.ui.AskDial(ctx, ui.DialRequest{Reading: reading, Report: func(r ui.DialReport) { a.dialling.report(ticket, r) }}); err != nil {
		return command.Response{}, err
	}
	response, _ := a.dialling.progress(strconv.Itoa(ticket))
	return response, nil
}

// unlocked returns an error while the screen is locked. A number that arrives then does not come from anybody
// at the desk, and the first key typed after unlocking could answer its question.
func (a *App) unlocked(ctx context.Context) error {
	if a.desk == nil { // there is no screen
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, desktopLimit)
	defer cancel()
	if a.desk.Around(ctx, false).Locked {
		return text.Errorf("screen-locked", "The screen is locked, so nobody can agree to the call: unlock it, and try again.")
	}
	return nil
}

// askSelected does the same with the selected text, or the clipboard's.
func (a *App) askSelected(ctx context.Context, selection bool) (command.Response, error) {
	if err := a.dialling.admit(time.Now()); err != nil {
		return command.Response{}, err
	}
	if err := a.unlocked(ctx); err != nil {
		return command.Response{}, err
	}
	ticket := a.dialling.open(dialplan.Reading{})
	if err := a.ui.AskSelected(ctx, selection, func(r ui.DialReport) { a.dialling.report(ticket, r) }); err != nil {
		return command.Response{}, err
	}
	response, _ := a.dialling.progress(strconv.Itoa(ticket))
	return response, nil
}

// withdraw withdraws a number: the question and, if hangUp is set, the unanswered call.
func (a *App) withdraw(ctx context.Context, ticket string, hangUp bool) (command.Response, error) {
	response, n := a.dialling.progress(ticket)
	if n == nil {
		return response, nil
	}
	switch {
	case n.step == command.Asked || n.step == command.Waiting:
		a.ui.WithdrawDial(n.input)
		return command.Response{OK: true, Message: text.New("withdrawn", "{{.Number}} was not called.", "Number", n.shown)}, nil
	case n.step == command.Calling && hangUp:
		s, err := a.Session()
		if err == nil {
			err = s.ClearConnection(ctx, n.call)
		}
		return command.Response{OK: err == nil, Message: text.New("hung-up", "The call was hung up.")}, err
	}
	return response, nil
}
