package pbxsim

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestLoginForms logs in with what clients write: the vendor's literal prefix, a declared one, none.
func TestLoginForms(t *testing.T) {
	const inside = `<PFuserID>user@example.dk</PFuserID><PFpassword>s&amp;cret</PFpassword><PFpbxDomain>12345678.pbx.one-connect.dk</PFpbxDomain>`
	login := func(prolog, attr, prefix string) string {
		return prolog + `<StartApplicationSession><applicationInfo><applicationSpecificInfo` + attr + `>` +
			strings.ReplaceAll(inside, "PF", prefix) +
			`</applicationSpecificInfo></applicationInfo><requestedSessionDuration>120</requestedSessionDuration></StartApplicationSession>` + "\x00"
	}
	p := newPBX(t, Config{Users: []User{{"user@example.dk", "s&cret"}}})
	url, err := p.ListenTCP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for name, doc := range map[string]string{
		"undeclared":          login("", "", "vendorData:"),
		"declared":            login("", ` xmlns:vendorData="urn:example:vendor"`, "vendorData:"),
		"other":               login("", ` xmlns:v="urn:example:vendor"`, "v:"),
		"none":                login("", "", ""),
		"utf-16":              login(`<?xml version="1.0" encoding="utf-16"?>`, "", "vendorData:"),
		"empty frames before": "\x00 \r\n\x00" + login("", "", "vendorData:"),
	} {
		t.Run(name, func(t *testing.T) {
			c := dialTCP(t, url)
			c.write(doc)
			if m := c.next(); m.root != "StartApplicationSessionPosResponse" || m.leaf["actualsessionduration"] != "120" {
				t.Errorf("got %s", m)
			}
		})
	}
	t.Run("the vendor's unclosed sample is refused, and the link goes on", func(t *testing.T) {
		c := dialTCP(t, url)
		c.write(`<StartApplicationSession><vendorData:password>secret<vendorData:password></StartApplicationSession>` + "\x00")
		if m := c.next(); m.root != "CSTAErrorCode" || strings.Contains(m.raw, "secret") {
			t.Errorf("got %s", m)
		}
		c.write(login("", "", "vendorData:"))
		if m := c.next(); m.root != "StartApplicationSessionPosResponse" {
			t.Errorf("got %s", m)
		}
	})
}

func TestLoginRefused(t *testing.T) {
	const user, password, domain = "user@example.dk", "secret", "12345678.pbx.one-connect.dk"
	for _, bad := range []struct{ name, user, password, domain string }{
		{"password", user, "Secret", domain},
		{"no password", user, "", domain},
		{"user", "nobody@example.dk", password, domain},
		{"domain", user, password, "87654321.pbx.one-connect.dk"},
	} {
		t.Run(bad.name, func(t *testing.T) {
			both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
				c := dial()
				c.request("StartApplicationSession", loginArgs(bad.user, bad.password, bad.domain)...)
				if got := c.next().say("errorcode.definederror"); got != "StartApplicationSessionNegResponse invalidApplicationInfo" {
					t.Errorf("got %s", got)
				}
				c.request("MonitorStart", "monitorObject.deviceObject=200")
				if m := c.next(); m.root != "CSTAErrorCode" || !strings.Contains(m.raw, "security") {
					t.Errorf("a request without a session: got %s", m)
				}
			})
		})
	}
	t.Run("as CSTAErrorCode", func(t *testing.T) {
		both(t, Config{Behaviour: Behaviour{RefuseAs: "error", RefuseLogins: 1}}, func(t *testing.T, p *PBX, dial func() client) {
			c := dial()
			c.request("StartApplicationSession", loginArgs(user, password, domain)...)
			if m := c.next(); m.root != "CSTAErrorCode" || !strings.Contains(m.raw, "security") {
				t.Errorf("got %s", m)
			}
			login(t, c, "200") // once refused, then not
		})
	})
	t.Run("as a closed link", func(t *testing.T) {
		both(t, Config{Behaviour: Behaviour{RefuseAs: "close", RefuseLogins: 1}}, func(t *testing.T, p *PBX, dial func() client) {
			c := dial()
			c.request("StartApplicationSession", loginArgs(user, password, domain)...)
			ended(t, c)
		})
	})
	t.Run("as silence", func(t *testing.T) {
		both(t, Config{Behaviour: Behaviour{RefuseAs: "silence", RefuseLogins: 1}}, func(t *testing.T, p *PBX, dial func() client) {
			c := dial()
			c.request("StartApplicationSession", loginArgs(user, password, domain)...)
			login(t, c) // its answer is the next message
		})
	})
}

// ended checks that the PBX ends the link, and writes nothing before.
func ended(t *testing.T, c client) {
	t.Helper()
	var got string
	var err error
	switch c := c.(type) {
	case *tcpClient:
		got, err = c.frame()
	case *hubClient:
		got, err = c.read()
	}
	var timeout net.Error
	if err == nil || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		t.Fatalf("the link goes on: %q, %v", got, err)
	}
}

// pipe is a TCP link without a network, for synctest bubbles.
func pipe(t *testing.T, p *PBX) *tcpClient {
	ours, theirs := net.Pipe()
	go p.ServeTCP(theirs)
	return newTCPClient(t, ours)
}

func TestSessionTimer(t *testing.T) {
	const d = 120 * time.Second
	for _, c := range []struct {
		timer string
		want  string // what comes at the end of the session's time
	}{
		{"", "timeout"},
		{"terminate", "ApplicationSessionTerminated sessionTimerExpired"},
		{"close", "EOF"},
	} {
		t.Run("timer "+c.timer, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPBX(t, Config{Behaviour: Behaviour{Timer: c.timer}})
				cl := pipe(t, p)
				login(t, cl, "200")
				start := time.Now()
				_ = cl.conn.SetReadDeadline(start.Add(10 * d))
				s, err := cl.in.ReadString(0)
				got := ""
				switch {
				case err == nil:
					m := parseXML(t, strings.TrimSuffix(s, "\x00"))
					got = m.say("sessiontermreason.definedtermreason")
				case errors.Is(err, io.EOF):
					got = "EOF"
				default:
					got = "timeout"
				}
				if got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
				if after := time.Since(start); c.timer != "" && after != d {
					t.Errorf("after %v, want %v", after, d)
				}
				if c.timer != "terminate" {
					return
				}
				// The link is up, the session and its monitors are not.
				if _, err := p.Call("22334455", "200", ""); err != nil {
					t.Error(err)
				}
				cl.request("MonitorStart", "monitorObject.deviceObject=200", "privateData.requestID=9")
				if got := cl.next().say("security", "privatedata.requestid"); got != "CSTAErrorCode generic 9" {
					t.Errorf("got %q", got)
				}
				login(t, cl, "200")
			})
		})
	}
}

func TestResetSessionTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPBX(t, Config{Behaviour: Behaviour{Timer: "close", MaxSession: 60 * time.Second}})
		c := pipe(t, p)
		c.request("StartApplicationSession", loginArgs("user@example.dk", "secret", p.Domain())...)
		session := c.next()
		if session.leaf["actualsessionduration"] != "60" {
			t.Errorf("granted %s", session)
		}
		for range 5 { // renewed at half time, it lives on
			time.Sleep(30 * time.Second)
			c.request("ResetApplicationSessionTimer", "sessionID="+session.leaf["sessionid"], "requestedSessionDuration=120")
			if got := c.next().say("actualsessionduration"); got != "ResetApplicationSessionTimerPosResponse 60" {
				t.Fatalf("got %q", got)
			}
		}
		c.request("ResetApplicationSessionTimer", "sessionID=another")
		if got := c.next().say("errorcode.definederror"); got != "ResetApplicationSessionTimerNegResponse invalidSessionID" {
			t.Errorf("got %q", got)
		}
		p.Set(func(b *Behaviour) { b.Reset = "error" })
		c.request("ResetApplicationSessionTimer", "sessionID="+session.leaf["sessionid"], "privateData.requestID=4")
		if got := c.next().say("operation", "privatedata.requestid"); got != "CSTAErrorCode serviceNotSupported 4" {
			t.Errorf("got %q", got)
		}
		p.Set(func(b *Behaviour) { b.Reset = "silence" })
		start := time.Now()
		c.request("ResetApplicationSessionTimer", "sessionID="+session.leaf["sessionid"])
		_ = c.conn.SetReadDeadline(start.Add(time.Hour))
		if s, err := c.in.ReadString(0); !errors.Is(err, io.EOF) || s != "" || time.Since(start) != 60*time.Second {
			t.Errorf("got %q, %v after %v", s, err, time.Since(start))
		}
	})
}

// TestLoginAgain: a second login on a link renews the session, and keeps the monitors.
func TestLoginAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPBX(t, Config{Behaviour: Behaviour{Timer: "close"}})
		c := pipe(t, p)
		login(t, c, "200")
		time.Sleep(100 * time.Second)
		login(t, c)
		time.Sleep(100 * time.Second)
		run(t, p, "call 22334455 200")
		if m := c.next(); m.root != "Delivered" {
			t.Errorf("got %s", m)
		}
	})
}

func TestStopSession(t *testing.T) {
	both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
		c := dial()
		login(t, c, "200")
		c.request("StopApplicationSession", "sessionID=another", "sessionEndReason.definedEndReason=normal")
		if m := c.next(); m.root != "StopApplicationSessionNegResponse" {
			t.Errorf("got %s", m)
		}
		c.request("StopApplicationSession", "sessionEndReason.definedEndReason=normal")
		if m := c.next(); m.root != "StopApplicationSessionPosResponse" {
			t.Errorf("got %s", m)
		}
		run(t, p, "call 22334455 200") // not heard: the answer below is next
		c.request("SnapShotDevice", "snapshotObject=200")
		if m := c.next(); m.root != "CSTAErrorCode" {
			t.Errorf("got %s", m)
		}
	})
}

func TestMonitors(t *testing.T) {
	for _, c := range []struct{ object, want string }{
		{"200", "MonitorStartResponse u-12345678-200 200 0"},
		{"u-12345678-200", "MonitorStartResponse u-12345678-200 200 0"},
		{"q-12345678-400", "MonitorStartResponse q-12345678-400 400 0"},
		{"400", "MonitorStartResponse q-12345678-400 400 0"},
		{"299", "invalidMonitorObject"},
		{"u-12345678-299", "invalidMonitorObject"},
		{"u-12345678-400", "invalidMonitorObject"},
		{"q-12345678-200", "invalidMonitorObject"},
		{"u-87654321-200", "invalidMonitorObject"},
		{"t-12345678", "invalidMonitorObject"},
		{"", "invalidDeviceID"},
	} {
		t.Run(c.object, func(t *testing.T) {
			both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
				cl := dial()
				login(t, cl)
				cl.request("MonitorStart", "monitorObject.deviceObject="+c.object, "privateData.requestID=7")
				m := cl.next()
				if m.root == "CSTAErrorCode" {
					if !strings.Contains(m.raw, c.want) || !m.failed && m.leaf["privatedata.requestid"] != "7" {
						t.Errorf("got %s, want %s", m, c.want)
					}
					return
				}
				if got := m.say("monitorcrossrefid", "privatedata.monitoredconnection.deviceid", "privatedata.monitorcount"); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
				// It hears until it is stopped.
				run(t, p, "call 22334455 "+strings.TrimLeft(c.object[strings.LastIndex(c.object, "-")+1:], "-"))
				if m := cl.next(); m.root != "Delivered" {
					t.Errorf("got %s", m)
				}
				if strings.HasSuffix(c.object, "400") {
					if m := cl.next(); m.root != "QueueStatistics" {
						t.Errorf("got %s", m)
					}
				}
				cl.request("MonitorStop", "monitorCrossRefID="+m.leaf["monitorcrossrefid"])
				if m := cl.next(); m.root != "MonitorStopResponse" {
					t.Errorf("got %s", m)
				}
				run(t, p, "clear")
				cl.request("MonitorStop", "monitorCrossRefID="+m.leaf["monitorcrossrefid"])
				if m := cl.next(); !strings.Contains(m.raw, "invalidCrossRefID") {
					t.Errorf("got %s", m)
				}
			})
		})
	}
}

func TestMonitorTrunk(t *testing.T) {
	both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
		c := dial()
		login(t, c)
		c.request("MonitorTrunk", "monitorObject.deviceObject=1", "privateData.requestID=7")
		if got := c.next().say("monitorcrossrefid", "privatedata.monitoredconnection.deviceid", "privatedata.monitorcount"); got != "MonitorStartResponse 12345678 12345678 5" {
			t.Errorf("got %q", got)
		}
		for _, want := range []string{"200 u-12345678-200 sip", "201 u-12345678-201 sip", "202 u-12345678-202 sip", "203 u-12345678-203 sip", "400 q-12345678-400 queue"} {
			m := c.next()
			if got := m.say("monitorcrossrefid", "monitoredconnection.deviceid", "monitoredconnection.monitorcrossrefid", "numbertype"); got != "MonitorStarted t-12345678 "+want {
				t.Errorf("got %q, want %q", got, want)
			}
			if m.leaf["privatedata.connectionid"] == "" {
				t.Errorf("no connectionId: %s", m)
			}
		}
		c.request("MonitorStop", "monitorCrossRefID=12345678")
		c.next()
		run(t, p, "call 22334455 200")
		c.request("SnapShotDevice", "snapshotObject=t-12345678", "privateData.requestID=8")
		if got := c.next().say("servicecrossrefid"); got != "SnapShotDeviceResponse u-12345678-t-12345678" {
			t.Errorf("got %q", got)
		}
		if got := c.next().say("outgoingnumbers.outgoingnumber.number", "outgoingnumbers.number"); got != "OutgoingNumbers 12345678 " && got != "OutgoingNumbers  12345678" {
			t.Errorf("got %q", got)
		}
	})
}

// TestNoPasswordInLogs logs in, well and badly, readable and not, and looks for the password in all
// that the PBX says.
func TestNoPasswordInLogs(t *testing.T) {
	const canary = "kanariefugl-7"
	var log bytes.Buffer // written under the PBX's lock, read when that is closed
	both(t, Config{
		Users:  []User{{"user@example.dk", canary}},
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}, func(t *testing.T, p *PBX, dial func() client) {
		defer p.Watch(func(line string) { _, _ = log.Write([]byte(line)) })()
		c := dial()
		c.request("StartApplicationSession", loginArgs("user@example.dk", canary, p.Domain())...)
		c.next()
		c.request("StartApplicationSession", loginArgs("user@example.dk", canary, "elsewhere")...)
		c.next()
		switch c := c.(type) {
		case *tcpClient:
			c.write("<StartApplicationSession><password>" + canary + "</StartApplicationSession>\x00")
			c.next()
			c.write("<" + canary + "\x00")
			c.next()
		case *hubClient:
			c.write(`{"type":1,"target":"StartApplicationSession","arguments":[{"vendorData:password":"` + canary + `"}` + "\x1e")
			c.read()
		}
		run(t, p, "links")
	})
	if s := log.String(); strings.Contains(s, canary) || !strings.Contains(s, "login user@example.dk") {
		t.Errorf("the log has the password, or no login:\n%s", s)
	}
}
