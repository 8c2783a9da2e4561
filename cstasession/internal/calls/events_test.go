package calls

import (
	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

const dun = "31415926"

// on is an event of our leg of the call L, A at 200, with what the parts say of it.
func on(name string, parts ...func(*wire.Event)) wire.Event {
	ev := wire.Event{Name: name, CrossRef: "u-12345678-200", Leg: csta.ConnectionID{CallID: "A", DeviceID: "200"}, Linkage: "L"}
	for _, part := range parts {
		part(&ev)
	}
	return ev
}

func leg(callID string, d csta.DeviceID) func(*wire.Event) {
	return func(e *wire.Event) { e.Leg = csta.ConnectionID{CallID: callID, DeviceID: d} }
}

func by(d csta.DeviceID) func(*wire.Event) { return func(e *wire.Event) { e.Subject = d } }

func from(d csta.DeviceID) func(*wire.Event) { return func(e *wire.Event) { e.Calling = d } }

func to(d csta.DeviceID) func(*wire.Event) { return func(e *wire.Event) { e.Called = d } }

func dialled(d csta.DeviceID) func(*wire.Event) { return func(e *wire.Event) { e.NetworkCalled = d } }

func redirected(d csta.DeviceID) func(*wire.Event) {
	return func(e *wire.Event) { e.LastRedirection = d }
}

func second(callID string, d csta.DeviceID) func(*wire.Event) {
	return func(e *wire.Event) { e.Secondary = csta.ConnectionID{CallID: callID, DeviceID: d} }
}

func newCall(callID string) func(*wire.Event) { return func(e *wire.Event) { e.NewCallID = callID } }

func handedTo(d csta.DeviceID) func(*wire.Event) { return func(e *wire.Event) { e.TransferredTo = d } }

func info(s string) func(*wire.Event) { return func(e *wire.Event) { e.Info = s } }

func why(c csta.Cause) func(*wire.Event) { return func(e *wire.Event) { e.Cause = c } }

func linked(s string) func(*wire.Event) { return func(e *wire.Event) { e.Linkage = s } }

func asked(service string) func(*wire.Event) { return func(e *wire.Event) { e.RequestType = service } }

func other(number, name string) func(*wire.Event) {
	return func(e *wire.Event) { e.Remote = csta.Party{Number: number, Name: name} }
}

func status(s, direction string) func(*wire.Event) {
	return func(e *wire.Event) { e.Status, e.Direction = s, direction }
}

// The vendor's events, as its pages show them (protocol 8.5 and 8.6).
func ringsUs(more ...func(*wire.Event)) wire.Event {
	return on("Delivered", append([]func(*wire.Event){by("200"), from(dun), to("200"), dialled("200"), info("alerting"), why("newCall"), status("alerting", "inbound"), other(dun, "Bo")}, more...)...)
}

func weCall(more ...func(*wire.Event)) wire.Event {
	return on("Delivered", append([]func(*wire.Event){by(dun), from("200"), to(dun), dialled(dun), info("connected"), why("newCall"), status("ringing", "outbound"), other(dun, ""), asked("MakeCall")}, more...)...)
}

func isAnswered(direction string, more ...func(*wire.Event)) wire.Event {
	return on("Established", append([]func(*wire.Event){info("connected"), why("normal"), status("active", direction), other(dun, "")}, more...)...)
}

func isCleared(more ...func(*wire.Event)) wire.Event {
	return on("ConnectionCleared", append([]func(*wire.Event){by(dun), info("null"), why("Normal Clearing")}, more...)...)
}
