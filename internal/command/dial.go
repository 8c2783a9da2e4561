package command

import (
	"strings"
	"unicode/utf8"

	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// Dial, Dialled and Withdraw pass a number to the running application. Since it asks the user, the answer to
// Dial is a ticket; Dialled returns its progress, and Withdraw withdraws it.
const (
	Dial     = "dial"     // ask the user whether Written may be dialled
	Dialled  = "dialled"  // a ticket: return its progress
	Withdraw = "withdraw" // a ticket: stop asking; with HangUp, also hang up an unanswered call
)

// Where a number comes from: the values of Request.From.
const (
	FromCommand   = ""          // calltray dial NUMBER
	FromLink      = "link"      // a telephone link that the desktop passes on
	FromSelection = "selection" // the selected text
	FromClipboard = "clipboard"
)

// The steps of a number's progress, in order. From Declined on they are final.
const (
	Asked     = "asked"     // the user has not answered yet
	Waiting   = "waiting"   // the user said yes, but the session is not online
	Calling   = "calling"   // the PBX is making the call
	Declined  = "declined"  // the user said no
	Connected = "connected" // it was answered
	Failed    = "failed"    // Message says why
)

// Progress is how far a number has got.
type Progress struct {
	Ticket string `json:"ticket"`
	Step   string `json:"step"`
}

// Over reports whether the step is final.
func (p Progress) Over() bool { return p.Step == Declined || p.Step == Connected || p.Step == Failed }

// MaxWritten is how long a written number or link may be, in bytes.
const MaxWritten = 512

// checkWritten validates the fields of a Dial. The dial plan interprets the number.
func (r Request) checkWritten() error {
	if r.Command != Dial {
		return nil
	}
	if r.From == FromSelection || r.From == FromClipboard {
		return nil // the application reads the selection
	}
	if r.From != FromCommand && r.From != FromLink {
		return text.Errorf("bad-request", "The request cannot be read.")
	}
	switch {
	case strings.TrimSpace(r.Written) == "":
		return text.Errorf("usage", "Usage: calltray {{.Usage}}.", "Usage", "dial NUMBER")
	case len(r.Written) > MaxWritten || !utf8.ValidString(r.Written):
		return text.Errorf("usage", "This is too long for a telephone number: give one number.")
	}
	return nil
}

// ticket accepts a ticket that an application has issued.
func ticket(s string) (string, error) {
	if s == "" || len(s) > 20 || strings.Trim(s, "0123456789") != "" {
		return "", text.Errorf("bad-request", "The request cannot be read.")
	}
	return s, nil
}

// Became returns a sentence about how a dialled call ended. number is as displayed.
func Became(call csta.Call, number string) text.Message {
	switch call.Outcome {
	case csta.Busy:
		return text.New("busy", "{{.Number}} is busy.", "Number", number)
	case csta.NoAnswer:
		return text.New("no-answer", "{{.Number}} did not answer.", "Number", number)
	case csta.Cancelled:
		return text.New("cancelled", "The call to {{.Number}} was hung up before it was answered.", "Number", number)
	case csta.Answered, csta.Transferred:
		return text.New("answered", "{{.Number}} answered, and the call is over.", "Number", number)
	}
	if call.Cause != "" {
		return text.New("failed", "The call to {{.Number}} failed: the PBX gives the cause {{.Cause}}.", "Number", number, "Cause", text.Quote(string(call.Cause)))
	}
	return text.New("failed", "The call to {{.Number}} failed.", "Number", number)
}
