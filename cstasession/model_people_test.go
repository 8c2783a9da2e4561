package cstasession

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing/synctest"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/calls"
	"calltray/pbxsim"
)

// device is a telephone; ours is used most.
func device(n int) string { return []string{"200", "200", "201", "202"}[n%4] }

// manual is what people do at telephones: in which states of a leg it makes sense, and how the PBX's
// script says it, with the callID, the device, and a number.
var manual = map[string]struct{ states, line string }{
	"answer":     {"Alerting", "answer %[1]s"},
	"clear":      {"Alerting Ringing Active Held Ringing_AttendedTransfer Active_AttendedTransfer", "clear %[1]s"},
	"hold":       {"Active Active_AttendedTransfer", "hold %[1]s"},
	"retrieve":   {"Held", "retrieve %[1]s"},
	"deflect":    {"Alerting", "deflect %[1]s %[3]s"},
	"transfer":   {"Active Held", "transfer %[1]s %[3]s"},
	"consult":    {"Active", "consult %[1]s %[3]s"},
	"pickup":     {"Alerting", "pickup %[4]s %[1]s"},
	"complete":   {"asking", "complete %[2]s"},
	"reconnect":  {"asking", "reconnect %[2]s"},
	"alternate":  {"asking", "alternate %[2]s"},
	"conference": {"asking", "conference %[2]s"},
}

// hand does what a person does at a telephone. It reports whether the move is of that kind.
func (pl *player) hand(s move) bool {
	act, known := manual[s.what]
	if !known {
		return false
	}
	var lines, asked []string
	for _, call := range pl.pbx.Calls() {
		consultation := slices.ContainsFunc(call.Legs, func(leg pbxsim.LegInfo) bool { return calls.IsConsultation(leg.CallID) })
		for _, leg := range call.Legs {
			to := []string{"55667788", "201", "202", "400", "22334455", "200"}[s.b]
			asks := act.states == "asking" && calls.IsConsultation(leg.CallID)
			if to != leg.Device && (asks || slices.Contains(strings.Fields(act.states), leg.Status)) {
				lines = append(lines, fmt.Sprintf(act.line+"%.0[5]s", leg.CallID, leg.Device, to, device(s.b), ""))
				if consultation {
					asked = append(asked, lines[len(lines)-1])
				}
			}
		}
	}
	if s.what == "answer" && s.b%2 == 0 && len(asked) > 0 { // otherwise consultations rarely get far
		lines = asked
	}
	if len(lines) > 0 {
		line := lines[s.a%len(lines)]
		pl.note("    %s", line)
		pl.worked(s.what, pl.pbx.Run(context.Background(), strings.NewReader(line), io.Discard))
	}
	return true
}

// user asks for a service about a call of ours, one with which it makes sense if there is any. It reports
// whether the move is of that kind.
func (pl *player) user(ctx context.Context, services *sync.WaitGroup, s move) bool {
	to := []string{"55667788", "202", "201", "22334455"}[s.b%4]
	in := func(phases ...csta.Phase) func(csta.Call) bool {
		return func(c csta.Call) bool { return slices.Contains(phases, c.Phase) }
	}
	asks := func(c csta.Call) bool { return !c.Consults.IsZero() }
	service, known := map[string]struct {
		fits func(csta.Call) bool
		ask  func(csta.Call) error
	}{
		"user answers":    {in(csta.Ringing), func(c csta.Call) error { return pl.c.AnswerCall(ctx, c.ID) }},
		"user clears":     {in(csta.Ringing, csta.Calling, csta.Active, csta.Held), func(c csta.Call) error { return pl.clear(ctx, c) }},
		"user holds":      {in(csta.Active), func(c csta.Call) error { return pl.c.HoldCall(ctx, c.ID) }},
		"user retrieves":  {in(csta.Held), func(c csta.Call) error { return pl.c.RetrieveCall(ctx, c.ID) }},
		"user deflects":   {in(csta.Ringing), func(c csta.Call) error { return pl.c.DeflectCall(ctx, c.ID, to) }},
		"user transfers":  {in(csta.Active), func(c csta.Call) error { return pl.c.SingleStepTransferCall(ctx, c.ID, to) }},
		"user asks":       {in(csta.Active), func(c csta.Call) error { _, err := pl.c.ConsultationCall(ctx, c.ID, to); return err }},
		"user completes":  {asks, func(c csta.Call) error { return pl.c.TransferCall(ctx, c.ID, c.Consults) }},
		"user reconnects": {asks, func(c csta.Call) error { return pl.c.ReconnectCall(ctx, c.ID, c.Consults) }},
		"user confers":    {asks, func(c csta.Call) error { return pl.c.ConferenceCall(ctx, c.ID, c.Consults) }},
		"user alternates": {asks, func(c csta.Call) error {
			if c.Phase == csta.Held {
				return pl.c.AlternateCall(ctx, c.Consults, c.ID)
			}
			return pl.c.AlternateCall(ctx, c.ID, c.Consults)
		}},
		"user picks up": {nil, func(csta.Call) error {
			for _, number := range []string{"201", "202"} {
				if leg := at(pl.pbx, number, "Alerting"); leg != nil {
					_, err := pl.c.DirectedPickupCall(ctx, csta.ConnectionID{CallID: leg.CallID, DeviceID: csta.DeviceID(number)})
					return err
				}
			}
			return csta.ErrCallEnded
		}},
	}[s.what]
	if !known {
		return false
	}
	calls := pl.c.now().Calls
	if fitting := slices.DeleteFunc(slices.Clone(calls), func(c csta.Call) bool { return service.fits == nil || !service.fits(c) }); len(fitting) > 0 {
		calls = fitting
	}
	var c csta.Call
	if len(calls) > 0 {
		c = calls[s.a%len(calls)]
	} else if service.fits != nil {
		return true
	}
	pl.note("    %s", c.ID.CallID)
	services.Go(func() { pl.worked(s.what, service.ask(c)) })
	synctest.Wait()
	return true
}

// clear hangs up: if there is no error, the PBX must agree.
func (pl *player) clear(ctx context.Context, c csta.Call) error {
	err := pl.c.ClearConnection(ctx, c.ID)
	if err == nil {
		for _, leg := range truth(pl.pbx, "200") {
			if strings.Fields(leg)[1] == c.ID.CallID {
				pl.fail("ClearConnection of %s: no error, and yet it lives", c.ID.CallID)
			}
		}
	}
	return err
}

// worked counts what was possible: a story in which everything is refused shows nothing.
func (pl *player) worked(what string, err error) {
	if err == nil {
		pl.telling.Lock()
		pl.done[what]++
		pl.telling.Unlock()
	}
}
