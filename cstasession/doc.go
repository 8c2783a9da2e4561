// Package cstasession keeps one CSTA session open with a hosted PBX, and reports what happens to the calls of
// one device.
//
// A session is one blocking call: [New] checks its configuration and does no I/O; [Session.Run] dials, logs in,
// monitors the device, takes a snapshot, reads events, renews, and redials with back-off until its context ends
// or the login is refused. It publishes what it learns as whole values of [csta.State], in order, one at a
// time, through Config.OnChange; [Session.State] returns the newest. CSTA events do not leave the package. The
// vocabulary is in package csta.
//
// Services (MakeCall, AnswerCall, ClearConnection, ...) may be called from any goroutine. Each blocks until an
// event shows its effect, since a positive answer from uni-tel only means "registered".
//
// Two gateways carry the same messages; the scheme of Config.URL selects one: tcp and tls speak ECMA-323 XML
// documents ended by NUL, http and https speak JSON with an ASP.NET Core SignalR hub. Both are decoded into one
// tree of elements (internal/wire), so that each message is interpreted in one place.
//
// Standards: ECMA-269 (services and events), ECMA-323 edition 6 (their XML), ECMA-354 (application sessions).
// Where the vendor, uni-tel, differs from them, the vendor's published examples are followed, and the
// standard's forms are accepted as well.
//
// # Goroutines
//
//	Run's own       owns the call table and the State, calls OnChange
//	keeper          one per link: logs in, monitors, renews, probes, says goodbye
//	replier         one per link: answers the PBX's requests
//	transport       one per link: reads frames, decodes them, passes them on in order
//	your services   as many as you start
package cstasession
