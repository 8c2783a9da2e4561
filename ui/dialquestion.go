package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"calltray/cstasession/csta"
	"calltray/internal/dialplan"
	"calltray/internal/text"
)

// DialRequest is a number that the user must agree to before it is dialled: one from another program, or one that
// costs money or changes a setting. (RFC 3966 §11: no call without consent)
type DialRequest struct {
	Reading dialplan.Reading
	Why     error // why it cannot be dialled at all; then only Reading.Input is set
	// Report, if set, receives each step in order, on Run's goroutine: it must not block.
	Report func(DialReport)
}

// DialReport is one step of a DialRequest.
type DialReport struct {
	Step DialStep
	Call csta.ConnectionID // of DialCalling
	Err  error             // of DialFailed, for the user
	Read dialplan.Reading  // of DialAsked: the number asked about
}

// DialStep is how far a DialRequest has come.
type DialStep int

// The steps. DialDeclined and DialFailed are final.
const (
	DialAsked    DialStep = iota
	DialWaiting           // confirmed, but waiting for a session, for a minute at most
	DialCalling           // the PBX makes the call
	DialDeclined          // the user or the requester no longer wants it
	DialFailed
)

const (
	// keyGuard is how long the question ignores keys and clicks: what was typed before it was visible was meant for
	// something else.
	keyGuard = 500 * time.Millisecond
	// waitLimit is how long a confirmed number waits for a session. Then the user is asked again: a late call is a
	// surprise.
	waitLimit = time.Minute
)

// errAsking refuses a second number while the first is asked about.
var errAsking error = text.Errorf("question-open", "Calltray is asking about another number: answer that question first.")

// errNoQuestion is for a computer that cannot open a window.
var errNoQuestion error = text.Errorf("no-question", "Calltray cannot open the window that asks before it calls: dial at the telephone.")

// dialQuestion is the small window that asks whether to dial a number. It asks about one number at a time: a second
// one never replaces what the user is looking at.
type dialQuestion struct {
	ui      *UI
	wanted  bool // there is something to ask
	request DialRequest
	reports []func(DialReport)
	others  int       // numbers refused meanwhile
	since   time.Time // when the current question appeared
	unseen  bool      // the window has not been painted yet
	waiting time.Time // since when the confirmed number has waited for a session; zero if it does not
	late    bool      // it waited too long
	asked   int       // counts the questions
	call    csta.ConnectionID
	digits  string // to play into call once it is answered; "" for none

	shown bool
	look  questionLook
}

// AskDial asks about a number and returns at once, with an error if it cannot ask. Any goroutine may call it.
func (u *UI) AskDial(ctx context.Context, r DialRequest) error {
	answer := make(chan error, 1)
	u.post(func() { answer <- u.asks.ask(r) })
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Plan returns the rules for reading numbers. Any goroutine may call it.
func (u *UI) Plan() dialplan.Plan { return *u.plan.Load() }

// WithdrawDial withdraws the question about input, if it is still open and nothing was dialled.
func (u *UI) WithdrawDial(input string) {
	u.post(func() {
		if q := &u.asks; q.wanted && q.call.IsZero() && q.request.Reading.Input == input {
			q.decline()
		}
	})
}

// ask asks about a number. The same number again joins the open question; an emergency number replaces another.
func (q *dialQuestion) ask(r DialRequest) error {
	switch {
	case q.wanted && q.digits == "" && r.Why == nil && q.request.Why == nil && r.Reading.Dial == q.request.Reading.Dial:
		q.follow(r)
		q.front()
		return nil
	case q.wanted && q.digits == "" && (r.Reading.Kind != dialplan.Emergency || q.request.Reading.Kind == dialplan.Emergency):
		q.others++
		q.render()
		return errAsking
	case q.wanted:
		q.decline()
	}
	if q.ui.opens == cannot {
		return errNoQuestion
	}
	q.asked++
	*q = dialQuestion{ui: q.ui, wanted: true, request: r, asked: q.asked, shown: q.shown, unseen: q.unseen, look: q.look}
	q.follow(r)
	q.render()
	return nil
}

func (q *dialQuestion) follow(r DialRequest) {
	if r.Report != nil {
		q.reports = append(q.reports, r.Report)
		r.Report(DialReport{Step: DialAsked, Read: r.Reading})
	}
}

func (q *dialQuestion) report(r DialReport) {
	for _, told := range q.reports {
		told(r)
	}
}

// cannotAsk gives up the question because no window can open.
func (q *dialQuestion) cannotAsk() {
	if q.wanted {
		q.report(DialReport{Step: DialFailed, Err: errNoQuestion})
		q.close()
		q.ui.report(text.Explain(errNoQuestion))
	}
}

// guarded reports whether the question is too new to be answered.
func (q *dialQuestion) guarded() bool { return q.unseen || time.Since(q.since) < keyGuard }

// paint starts the guard once the window has been painted, which can take a slow computer a second the first time:
// until then the window has the focus, but is empty. Fyne does not report it, but what is posted after a pause runs
// after the painting, at the latest the second time.
func (q *dialQuestion) paint() {
	q.unseen = true
	u := q.ui // the timer's goroutine must not read the question
	after := func(do func()) { time.AfterFunc(restGap, func() { u.post(do) }) }
	after(func() {
		after(func() {
			if q.unseen {
				q.unseen, q.since = false, time.Now()
			}
		})
	})
}

// agree is the user's yes: it dials what the window shows.
func (q *dialQuestion) agree() {
	u, r := q.ui, q.request
	switch {
	case !q.wanted || q.guarded():
		return
	case q.digits != "":
		q.play()
		return
	case r.Reading.Dial == "" || !q.waiting.IsZero():
		return
	case u.state.Status != csta.Online:
		q.wait()
		return
	}
	q.dial()
}

func (q *dialQuestion) dial() {
	u, r, reports := q.ui, q.request, q.reports
	q.waiting = time.Time{}
	if r.Reading.Digits == "" {
		q.close()
	} else {
		q.digits = r.Reading.Digits
		q.render()
	}
	asked := q.asked
	u.place(r.Reading, func(report DialReport) {
		for _, told := range reports {
			told(report)
		}
		if q.asked != asked || !q.wanted {
			return
		}
		if q.call = report.Call; report.Err != nil {
			q.close()
		}
		q.render()
	})
}

// wait keeps a confirmed number until there is a session.
func (q *dialQuestion) wait() {
	q.waiting, q.late = time.Now(), false
	q.report(DialReport{Step: DialWaiting})
	q.render()
	asked := q.asked
	time.AfterFunc(waitLimit, func() { q.ui.post(func() { q.tooLate(asked) }) })
}

// tooLate asks again about a number that waited too long.
func (q *dialQuestion) tooLate(asked int) {
	if q.asked == asked && !q.waiting.IsZero() {
		q.waiting, q.late, q.since = time.Time{}, true, time.Now()
		q.report(DialReport{Step: DialAsked})
		q.render()
	}
}

// decline is the user's no: nothing is dialled or played.
func (q *dialQuestion) decline() {
	if q.wanted && q.digits == "" {
		q.report(DialReport{Step: DialDeclined})
	}
	q.close()
}

func (q *dialQuestion) close() {
	q.wanted, q.waiting, q.digits, q.reports = false, time.Time{}, "", nil
	q.render()
}

// state handles a new session state: it dials a waiting number, and drops the digits for a call that has ended.
func (q *dialQuestion) state(s csta.State) {
	if !q.waiting.IsZero() && s.Status == csta.Online {
		q.dial()
	}
	for _, c := range s.Calls {
		if q.wanted && q.digits != "" && !q.call.IsZero() && c.ID == q.call && c.Phase == csta.Ended {
			q.close()
		}
	}
}

// talking reports whether the dialled call has been answered.
func (q *dialQuestion) talking() bool {
	return !q.call.IsZero() && q.ui.call(q.call).Phase == csta.Active
}

// play plays the digits after the number into the call, once it is answered.
func (q *dialQuestion) play() {
	if !q.talking() {
		return
	}
	u, call, digits := q.ui, q.call, q.digits
	q.close()
	u.serve(call, actKeypad, func(ctx context.Context, p Phone) error { return p.GenerateDigits(ctx, call, digits) })
}

// key handles a key of the window: Enter agrees, Esc declines. It is called once for a key held down.
func (q *dialQuestion) key(name fyne.KeyName) {
	if q.guarded() {
		return
	}
	switch name {
	case fyne.KeyReturn, fyne.KeyEnter:
		q.agree()
	case fyne.KeyEscape:
		q.decline()
	}
}

// place calls a number that the user has seen and agreed to, and reports the PBX's answer.
func (u *UI) place(r dialplan.Reading, report func(DialReport)) {
	number, shown := r.Dial, dialplan.Format(r.Dial)
	entry := dialplan.Format(r.Number)
	dialling := text.Say("Dialling {{.Number}} …", "Number", u.reached(number))
	u.tell(dialling)
	u.dialling = number
	var call csta.ConnectionID
	u.ask(dialLimit, func(ctx context.Context, p Phone) (err error) {
		call, err = p.MakeCall(ctx, number)
		return err
	}, func(err error) {
		if u.dialling == number {
			u.dialling = ""
		}
		if err != nil {
			u.report(text.Say("{{.Number}} was not called.", "Number", shown) + " " + text.Explain(err))
			if report != nil {
				report(DialReport{Step: DialFailed, Err: err})
			}
			return
		}
		if report != nil {
			report(DialReport{Step: DialCalling, Call: call})
		}
		if u.window.number == entry { // no other number was typed meanwhile
			if u.window.message == dialling { // and nothing else was said about the call
				u.tell("")
			}
			u.window.clear()
		}
	})
}
