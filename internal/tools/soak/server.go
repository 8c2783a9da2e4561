package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"regexp"
	"sync"
	"sync/atomic"
	"time"
)

// server is a PBX that answers what a client needs, and then whatever the scene sends.
type server struct {
	listener   net.Listener
	monitoring chan struct{} // closed when our device is monitored

	mu       sync.Mutex
	conn     net.Conn
	asked    map[string]int
	grants   string // actualSessionDuration
	snapshot string // the items that it lists
}

func newServer() (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{listener: l, monitoring: make(chan struct{}), asked: map[string]int{}, grants: "120"}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conn = conn
			s.mu.Unlock()
			go s.serve(conn)
		}
	}()
	return s, nil
}

func (s *server) close() {
	s.listener.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		s.conn.Close()
	}
}

var requestRoot, requestID = regexp.MustCompile(`<([A-Za-z]+)`), regexp.MustCompile(`<requestID>[^<]*</requestID>`)

func (s *server) serve(conn net.Conn) {
	for in := bufio.NewReader(conn); ; {
		doc, err := in.ReadBytes(0)
		if err != nil {
			return
		}
		found := requestRoot.FindSubmatch(doc)
		if found == nil {
			continue
		}
		name, id := string(found[1]), "<privateData>"+string(requestID.Find(doc))+"</privateData>"
		s.mu.Lock()
		s.asked[name]++
		first, grants, snapshot := s.asked[name] == 1, s.grants, s.snapshot
		s.mu.Unlock()
		var answer string
		switch name {
		case "StartApplicationSession":
			answer = "<StartApplicationSessionPosResponse><sessionID>1</sessionID><actualSessionDuration>" + grants + "</actualSessionDuration></StartApplicationSessionPosResponse>"
		case "ResetApplicationSessionTimer":
			answer = "<ResetApplicationSessionTimerPosResponse><actualSessionDuration>" + grants + "</actualSessionDuration>" + id + "</ResetApplicationSessionTimerPosResponse>"
		case "MonitorStart":
			answer = "<MonitorStartResponse><monitorCrossRefID>u-" + hostileTrunk + "-" + ourDevice + "</monitorCrossRefID>" + id + "</MonitorStartResponse>"
		case "MonitorTrunk":
			answer = "<MonitorStartResponse><monitorCrossRefID>" + hostileTrunk + "</monitorCrossRefID>" + id + "</MonitorStartResponse>"
		case "SnapShotDevice":
			answer = "<SnapShotDeviceResponse><serviceCrossRefID>u-" + hostileTrunk + "-" + ourDevice + "</serviceCrossRefID><snapshotData>" + cmp.Or(snapshot, "<snapshotDeviceResponseInfo/>") + "</snapshotData>" + id + "</SnapShotDeviceResponse>"
		case "GetDoNotDisturb":
			answer = "<GetDoNotDisturbResponse><doNotDisturbOn>false</doNotDisturbOn>" + id + "</GetDoNotDisturbResponse>"
		case "SnapshotCall":
			answer = "<CSTAErrorCode><operation>serviceNotSupported</operation>" + id + "</CSTAErrorCode>"
		default:
			answer = "<" + name + "Response>" + id + "</" + name + "Response>"
		}
		s.send(answer)
		if name == "MonitorStart" && first {
			close(s.monitoring)
		}
	}
}

// send writes documents to the newest link, and gives up after half a minute.
func (s *server) send(docs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return
	}
	var b bytes.Buffer
	for _, doc := range docs {
		b.WriteString(doc)
		b.WriteByte(0)
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(nextLimit))
	_, _ = s.conn.Write(b.Bytes()) // a program that has ended is seen elsewhere
}

func (s *server) count(service string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[service]
}

// refusing is a web server that answers with a status, and counts requests.
func refusing(status int, retryAfter string) (url string, asked *atomic.Int64, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, nil, err
	}
	asked = &atomic.Int64{}
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Retry-After", retryAfter)
		w.WriteHeader(status)
	})}
	go func() {
		if err := web.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	return "http://" + l.Addr().String() + "/csta", asked, func() { _ = web.Shutdown(context.Background()) }, nil
}
