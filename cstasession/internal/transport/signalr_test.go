package transport

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/hubtest"
	"calltray/cstasession/internal/wire"
)

// What the signalr package does when it is used as documented, and the tests that fail when the guard
// against it is taken out (the numbers are those of the design's table):
//
//	 1 events out of order             TestEventsOfOneMessageStayInOrder
//	 2 answers to what asks for none   TestServerCallsAreNeverAnswered
//	 3 a dead connection is used on    TestFreshLinkAfterAFailedHandshake
//	 4 empty answers, and a panic      TestNoEmptyAnswers, TestLeavingManyTimes
//	 5 invocation ids that come twice  TestInvocationIDsAreUnique, TestGivenUpRequestsKeepTheirNames
//	 6 sockets left open               TestNoSocketIsLeftOpen, TestNoSocketIsLeftOpenAfterSilence
//	 7 requests before the login       TestNothingRunsBeforeTheLogin
//	 8 a state that is not so          TestNothingRunsBeforeTheLogin, TestHandshakeWithoutAnAnswer
//	 9 a peer that stops reading       TestPeerThatStopsReading
//	10 records behind the handshake    TestRecordsBehindTheHandshake
//	11 messages over 32 KiB            TestLargeMessages
//	12 frames on standard error        TestNothingOnStandardError
//	13 an end of trying                TestKeepsTryingForHours
//	14 its server                      not used: TestImports
//	15 events taken for silence        TestHubThatSendsOnlyEventsIsAlive, TestSilentHubIsNoticed

// dialBare makes one link to a hub, without a session on it.
func dialBare(t *testing.T, server *httptest.Server) *hubConn {
	t.Helper()
	l, err := Dial(within(t), optionsFor(server.URL+"/csta"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l.(*hubConn)
}

// optionsFor returns the options of a transport.
func optionsFor(url string) *Options {
	return &Options{URL: url, Secret: wire.NewScrubber(csta.NewPassword("secret")), Logger: slog.New(slog.DiscardHandler)}
}

// pipeHub is a link to a hub through net.Pipe, for a synctest bubble.
func pipeHub(ctx context.Context, opts *Options, hub *hubtest.Hub) (Conn, error) {
	opts.Dial = hub.Dial
	return Dial(ctx, opts)
}

// bubbleLink is pipeHub that must come up, with a link function for the hub.
func bubbleLink(t *testing.T, serve func(*hubtest.Peer)) *hubConn {
	t.Helper()
	l, err := pipeHub(t.Context(), optionsFor("http://hub/csta"), &hubtest.Hub{T: t, Link: serve})
	if err != nil {
		t.Fatal(err)
	}
	return l.(*hubConn)
}

// receive is the next item of a link's inbox.
func receive(t *testing.T, l Conn) Inbound {
	t.Helper()
	select {
	case in := <-l.Inbox():
		return in
	case <-time.After(patience):
		t.Fatal("nothing came")
		return Inbound{}
	}
}

// ask sends a request over a bare link and returns its answer.
func ask(t *testing.T, l Conn, id, service string) wire.Message {
	t.Helper()
	sent := make(chan error, 1)
	go func() {
		sent <- l.Send(within(t), wire.Request{ID: id, Body: wire.Node(service, wire.Leaf("number", id))})
	}()
	in := receive(t, l)
	if err := <-sent; err != nil || in.Err != nil {
		t.Fatalf("%s %s: send says %v, the inbox %v", service, id, err, in.Err)
	}
	return in.Msg
}
