// Package pbxsim is a simulated PBX with CSTA gateways, for tests, for demonstrations, and for developing
// against the uni-tel API without an account: what httptest is to net/http.
//
//	p := pbxsim.New(pbxsim.Config{})
//	defer p.Close()
//	url, err := p.ListenTCP("127.0.0.1:0")               // or ListenTLS, ListenHTTP, ListenHTTPS
//	...                                                  // a client logs in there and monitors 200
//	call, err := p.Call("22334455", "200", "Ærø Bageri") // and it rings
//
// A PBX has extensions, queues, outside numbers and calls, and any number of gateways: XML documents over TCP
// (ECMA-323 in the vendor's dialect), and JSON over a SignalR hub. What one gateway does is seen over all.
// People at phones and outside are played by [PBX.Call] and the methods of [Call], in the script language of
// [PBX.Run], or at random by [PBX.Life]; [PBX.Calls], [PBX.Phones] and [PBX.Queues] report the actual state, to
// compare a client's view with. [Office] is a configuration of any size. [Behaviour] has the choices that the
// documentation leaves open, and faults; [PBX.Drop], [PBX.Forget], [PBX.Restart] and the Inject methods are
// momentary faults.
//
// The PBX has one lock and no goroutine of its own; each link has a reader and a writer. Given a net.Pipe,
// [PBX.ServeTCP] runs in a testing/synctest bubble if the PBX was made in it; so does [PBX.Handler], behind an
// http.Server whose listener returns a net.Pipe.
//
// # What is documented and what is inferred
//
// Documented on the vendor's pages, and simulated as shown there: NUL-terminated UTF-8 documents; the login and
// its answer; MonitorStart and MonitorTrunk and their answers; the form and element order of every request,
// answer and event of the services here, with privateData; one callID for each leg and one globalCallLinkageId
// for each call; "N/A" in MakeCallResponse and "NotImplemented" in SingleStepTransferCallResponse; the order of
// events of an outgoing call; HeldEvent naming the other party; DivertedEvent naming the new destination in
// calledDevice; empty snapshots; the leg of a consultation, whose callID is the first one's with "-att"
// appended; the hub's method names and the spelling of JSON members that its examples show.
//
// From the standards (ECMA-269, 323, 354): StopApplicationSession, ResetApplicationSessionTimer and
// ApplicationSessionTerminated; the refusal of a login; MonitorStop; CSTAErrorCode and its values; FailedEvent,
// RetrievedEvent; filled snapshots; the types of forwarding that the vendor does not show, and the cause of an
// attended transfer; AlternateCall, ConferenceCall with its ConferencedEvent, SnapshotCall and SystemStatus.
// The hub's records are those of the SignalR specification.
//
// Inferred, and likely to differ: what happens at a busy number and when nobody answers, with the cause texts
// "User busy", "No user responding" and "Call Rejected"; the events of a queue, whose own leg is cleared when a
// member answers; a retrieved call shown by EstablishedEvent; the cause "redirected" of a deflected call; that
// a phone puts its call on hold when it takes another; the requestID in a CSTAErrorCode; the text of an error
// on the hub; the order of events of an attended transfer and of a pickup, and their linkage; which leg
// survives in a conference, and that its last two parties learn of each other by EstablishedEvent; that setting
// a value to what it already is causes no event; what forwarding to the word "busy" does; the cross references
// of QueueAddedEvent (the trunk's) and QueueRemovedEvent (the queue's); when a QueueStatisticsEvent is sent;
// the members of a queue that sign out; spelling of JSON members that no example shows. Most of these are
// switches of [Behaviour].
package pbxsim
