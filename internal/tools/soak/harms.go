package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// What a harm sends: documents in the form of the vendor's pages.

func ref(kind, object string) string {
	return "<monitorCrossRefID>" + kind + "-" + hostileTrunk + object + "</monitorCrossRefID>"
}

func legEvent(name, connection, callID, linkage, number, info, status string) string {
	return "<" + name + ">" + ref("u", "-"+ourDevice) + "<" + connection + "><callID>" + callID + "</callID><deviceID>" + ourDevice + "</deviceID></" + connection + ">" +
		"<callingDevice><deviceIdentifier>" + number + "</deviceIdentifier></callingDevice><calledDevice><deviceIdentifier>" + ourDevice + "</deviceIdentifier></calledDevice>" +
		"<localConnectionInfo>" + info + "</localConnectionInfo><cause>newCall</cause>" +
		"<callLinkageData><globalCallData><globalCallLinkageId>" + linkage + "</globalCallLinkageId></globalCallData></callLinkageData>" +
		"<privateData><callDirection>Inbound</callDirection><localStatus>" + status + "</localStatus><remoteUser>" + number + "</remoteUser></privateData></" + name + ">"
}

func ringing(callID, linkage, number string) string {
	return legEvent("DeliveredEvent", "connection", callID, linkage, number, "alerting", "Alerting")
}

func answered(callID, linkage, number string) string {
	return legEvent("EstablishedEvent", "establishedConnection", callID, linkage, number, "connected", "Active")
}

func cleared(callID, linkage, number string) string {
	return "<ConnectionClearedEvent>" + ref("u", "-"+ourDevice) + "<droppedConnection><callID>" + callID + "</callID><deviceID>" + ourDevice + "</deviceID></droppedConnection>" +
		"<releasingDevice><deviceIdentifier>" + number + "</deviceIdentifier></releasingDevice><localConnectionInfo>null</localConnectionInfo><cause>Normal Clearing</cause>" +
		"<callLinkageData><globalCallData><globalCallLinkageId>" + linkage + "</globalCallLinkageId></globalCallData></callLinkageData></ConnectionClearedEvent>"
}

// item is our device's call in a snapshot.
func item(callID, linkage, number, state string) string {
	return "<snapshotDeviceResponseInfo><connectionIdentifier><callID>" + callID + "</callID><deviceID>" + ourDevice + "</deviceID></connectionIdentifier>" +
		"<endpointDevice><deviceIdentifier>" + number + "</deviceIdentifier></endpointDevice><localCallState><compoundCallState><localConnectionState>" + state + "</localConnectionState></compoundCallState></localCallState>" +
		"<callLinkageData><globalCallData><globalCallLinkageId>" + linkage + "</globalCallLinkageId></globalCallData></callLinkageData></snapshotDeviceResponseInfo>"
}

func started(number, kind string) string {
	prefix := map[string]string{"sip": "u-", "queue": "q-"}[kind]
	return "<MonitorStartedEvent>" + ref("t", "") + "<monitoredConnection><deviceID>" + number + "</deviceID><monitorCrossRefID>" + prefix + hostileTrunk + "-" + number +
		"</monitorCrossRefID></monitoredConnection><numberType>" + kind + "</numberType></MonitorStartedEvent>"
}

func members(n int) string {
	var b strings.Builder
	b.WriteString("<QueueMemberEvent>" + ref("q", "-400") + "<memberList>")
	for i := range n {
		fmt.Fprintf(&b, "<memberListItem><agentDN>%d</agentDN></memberListItem>", 10000+i)
	}
	b.WriteString("</memberList></QueueMemberEvent>")
	return b.String()
}

// many sends n documents in batches.
func (s *scene) many(n int, doc func(i int) string) {
	for from := 0; from < n; from += 1000 {
		var docs []string
		for i := from; i < min(from+1000, n); i++ {
			docs = append(docs, doc(i))
		}
		s.send(docs...)
	}
}

// flood sends documents for a while, and returns how many megabytes it sent.
func (s *scene) flood(d time.Duration, doc func(i int) string) float64 {
	size := 0
	for began, i := time.Now(), 0; time.Since(began) < d; i++ {
		docs := make([]string, 100)
		for k := range docs {
			docs[k] = doc(100*i + k)
			size += len(docs[k]) + 1
		}
		s.send(docs...)
	}
	return float64(size) / (1 << 20)
}

// settingsHarm runs the program with a settings file and nothing in the environment.
func settingsHarm(write func(path string) error) func(*scene) {
	return func(s *scene) {
		var env []string
		for _, v := range s.env {
			if !strings.HasPrefix(v, "CALLTRAY_") {
				env = append(env, v)
			}
			if folder, ok := strings.CutPrefix(v, "XDG_CONFIG_HOME="); ok {
				path := filepath.Join(folder, "calltray", "settings.toml")
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					s.note("%v", err)
				}
				if err := write(path); err != nil {
					s.note("%v", err)
				}
			}
		}
		began := time.Now()
		if err := s.program.start(env, s.args, false); err != nil {
			s.note("%v", err)
			return
		}
		select {
		case <-s.program.ended:
			s.note("ends by itself after %.2f s, %d bytes on standard error", time.Since(began).Seconds(), s.program.errs.Load())
		case <-time.After(5 * time.Second):
			s.note("does not end by itself")
		}
	}
}

var harms = []harm{
	{line: "H1", what: "a callID again, with another linkage, the end lost", play: func(s *scene) {
		s.begin()
		s.send(ringing("SIP/real-1", "first", "11111111"), answered("SIP/real-1", "first", "11111111"))
		time.Sleep(time.Second)
	}},
	{line: "H2", what: "the end of a ringing call lost, a colleague's event every second", play: func(s *scene) {
		s.mu.Lock()
		s.snapshot = item("SIP/ghost", "ghost", "66778899", "alerting") // it is listed once, so that later snapshots are believed
		s.mu.Unlock()
		s.begin()
		s.mu.Lock()
		s.snapshot = ""
		s.mu.Unlock()
		if _, seen := s.await(nextLimit, func(line string) bool { return strings.Contains(line, `"linkage":"ghost"`) }); !seen {
			s.note("the call was not shown")
		}
		stop := make(chan struct{})
		go func() {
			for on := true; ; on = !on {
				select {
				case <-stop:
					return
				case <-time.After(time.Second):
					s.send(fmt.Sprintf("<DoNotDisturbEvent>%s<device><deviceIdentifier>201</deviceIdentifier></device><doNotDisturbOn>%v</doNotDisturbOn></DoNotDisturbEvent>", ref("u", "-201"), on))
				}
			}
		}()
		after, gone := s.await(2*time.Minute, func(line string) bool {
			return strings.Contains(line, `"status"`) && (!strings.Contains(line, `"linkage":"ghost"`) || strings.Contains(line, `"phase":"ended"`))
		})
		close(stop)
		if gone {
			s.note("the ghost was gone after %.0f s", after.Seconds())
		} else {
			s.note("the ghost still rang after 2 minutes")
		}
	}},
	{line: "H3", what: "a queue of 20,000 members", play: func(s *scene) { s.begin(); s.send(members(20000)) }},
	{line: "H3", what: "a queue of 70,000 members, the most that one document holds", play: func(s *scene) { s.begin(); s.send(members(70000)) }},
	{line: "H4", what: "20,000 ForwardingEvents of ever new types (5.6 MB)", play: func(s *scene) {
		s.begin()
		s.many(20000, func(i int) string {
			return fmt.Sprintf("<ForwardingEvent>%s<device><deviceIdentifier>%s</deviceIdentifier></device><forwardStatus>true</forwardStatus><forwardingType>type%d</forwardingType><forwardTo>202</forwardTo><ringDuration>25</ringDuration></ForwardingEvent>",
				ref("u", "-"+ourDevice), ourDevice, i)
		})
	}},
	{line: "H5", what: "a proxy that answers CONNECT with endless headers, 24 s", noCall: true, play: func(s *scene) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.note("%v", err)
			return
		}
		defer l.Close()
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer conn.Close()
					header := []byte(strings.Repeat("X-Filler: "+strings.Repeat("a", 1000)+"\r\n", 64))
					_, err := conn.Write([]byte("HTTP/1.1 200 Connection established\r\n"))
					for err == nil {
						_, err = conn.Write(header)
					}
				}()
			}
		}()
		s.env = append(s.env, "HTTPS_PROXY=http://"+l.Addr().String())
		if err := s.program.start(append(s.env, "CALLTRAY_URL=tls://pbx.example.com:7000"), s.args, false); err != nil {
			s.note("%v", err)
			return
		}
		select {
		case <-s.program.ended:
		case <-time.After(24 * time.Second):
		}
	}},
	{line: "H8", what: "actualSessionDuration of 9300000000", play: func(s *scene) {
		s.grants = "9300000000"
		s.begin()
		before := s.count("ResetApplicationSessionTimer")
		time.Sleep(5 * time.Second)
		s.note("%.1f renewals a second", float64(s.count("ResetApplicationSessionTimer")-before)/5)
	}},
	{line: "H9", what: "300,000 colleagues", play: func(s *scene) {
		s.begin()
		s.many(300000, func(i int) string { return started(fmt.Sprint(100000+i), "sip") })
	}},
	{line: "H9", what: "300,000 queues", play: func(s *scene) {
		s.begin()
		s.many(300000, func(i int) string { return started(fmt.Sprint(100000+i), "queue") })
	}},
	{line: "H9", what: "a conference of 45,000 parties", play: func(s *scene) {
		s.begin()
		s.send(ringing("SIP/conf", "conf", "11111111"), answered("SIP/conf", "conf", "11111111"))
		var b strings.Builder
		b.WriteString("<ConferencedEvent>" + ref("u", "-"+ourDevice) + "<primaryOldCall><callID>SIP/conf</callID><deviceID>" + ourDevice + "</deviceID></primaryOldCall><conferenceConnections>")
		for i := range 45000 {
			fmt.Fprintf(&b, "<connectionListItem><endpoint><deviceID>%d</deviceID></endpoint></connectionListItem>", 100000+i)
		}
		b.WriteString("</conferenceConnections><localConnectionInfo>connected</localConnectionInfo><cause>conference</cause></ConferencedEvent>")
		s.send(b.String())
	}},
	{line: "H9", what: "a snapshot of 20,000 calls", play: func(s *scene) {
		var b strings.Builder
		for i := range 20000 {
			fmt.Fprintf(&b, "<snapshotDeviceResponseInfo><connectionIdentifier><callID>s-%d</callID></connectionIdentifier></snapshotDeviceResponseInfo>", i)
		}
		s.snapshot = b.String()
		s.begin()
	}},
	{line: "H9", what: "1,500 live calls", play: func(s *scene) {
		s.begin()
		s.many(1500, func(i int) string {
			return ringing(fmt.Sprint("SIP/l-", i), fmt.Sprint("l-", i), fmt.Sprint(30000000+i))
		})
	}},
	{line: "H12", what: "settings.toml is a FIFO", noCall: true, play: settingsHarm(func(path string) error { return exec.Command("mkfifo", path).Run() })},
	{line: "H12", what: "settings.toml with 90,000 unknown keys", noCall: true, play: settingsHarm(func(path string) error {
		var b strings.Builder
		for i := range 90000 {
			fmt.Fprintf(&b, "key%d = %d\n", i, i)
		}
		return os.WriteFile(path, []byte(b.String()), 0o600)
	})},
	{line: "H12", what: "settings.toml of 1 MB of [", noCall: true, play: settingsHarm(func(path string) error {
		return os.WriteFile(path, []byte("a = "+strings.Repeat("[", 1<<20)), 0o600)
	})},
	{line: "H13", what: "503 with Retry-After: 60, for 15 s", noCall: true, play: func(s *scene) {
		url, asked, stop, err := refusing(503, "60")
		if err != nil {
			s.note("%v", err)
			return
		}
		defer stop()
		if err := s.program.start(append(s.env, "CALLTRAY_URL="+url), s.args, false); err != nil {
			s.note("%v", err)
			return
		}
		select {
		case <-s.program.ended: // as it was before
		case <-time.After(15 * time.Second):
		}
		s.note("asked %d times", asked.Load())
	}},
	{line: "H13", what: "unreadable documents for 10 s", play: func(s *scene) {
		s.begin()
		mb := s.flood(10*time.Second, func(int) string { return "<DeliveredEvent><monitorCrossRefID>u-1</DeliveredEvent>" })
		s.note("%.0f MB sent, %.2f MB on standard error", mb, float64(s.program.errs.Load())/(1<<20))
	}},
	{line: "H13", what: "the reader of its output has stopped, calls for 15 s", noCall: true, play: func(s *scene) {
		s.deaf = true
		s.begin()
		mb := s.flood(15*time.Second, func(i int) string {
			id := fmt.Sprint(i / 2)
			if i%2 == 1 {
				return cleared("SIP/f-"+id, "f-"+id, "11111111")
			}
			return ringing("SIP/f-"+id, "f-"+id, "11111111")
		})
		s.note("%.0f MB sent", mb)
	}},
}
