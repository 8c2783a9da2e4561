package pbxsim

import (
	"strings"
	"testing"
)

func TestSnapshots(t *testing.T) {
	const id, state = "snapshotdata.snapshotdeviceresponseinfo.connectionidentifier.callid", "snapshotdata.snapshotdeviceresponseinfo.localcallstate.compoundcallstate"
	for _, c := range []struct{ set, before, want string }{
		{"empty", "", ""},
		{"vendor", "", "SIP/hpbx-00000234 held"},
		{"ecma", "crossrefidorsnapshotdata.", "SIP/hpbx-00000234 hold"},
	} {
		t.Run(c.set, func(t *testing.T) {
			both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
				cl := dial()
				login(t, cl)
				run(t, p, "set snapshot "+c.set+"\ncall 22334455 200\nanswer\nhold")
				cl.request("SnapShotDevice", "snapshotObject=u-12345678-200", "privateData.requestID=7")
				m := cl.next()
				got := strings.TrimSpace(m.leaf[c.before+id] + " " + m.leaf[c.before+state] + m.leaf[c.before+state+".localconnectionstate"])
				if got != c.want || m.leaf["privatedata.requestid"] != "7" || m.root != "SnapShotDeviceResponse" {
					t.Errorf("got %q, want %q: %s", got, c.want, m)
				}
			})
		})
	}
	for story, want := range map[string][]string{ // what tells a call that is being set up from a conversation
		"dial 200 22334455":         {`<compoundCallState><localConnectionState>connected</localConnectionState><localConnectionState>alerting</localConnectionState></compoundCallState>`, `"compoundCallState":["connected","alerting"]`},
		"dial 200 22334455\nanswer": {`<compoundCallState><localConnectionState>connected</localConnectionState><localConnectionState>connected</localConnectionState></compoundCallState>`, `"compoundCallState":["connected","connected"]`},
		"call 22334455 200":         {`<compoundCallState><localConnectionState>alerting</localConnectionState></compoundCallState>`, `"compoundCallState":["alerting"]`},
	} {
		t.Run(story, func(t *testing.T) {
			both(t, Config{Behaviour: Behaviour{Snapshot: "vendor"}}, func(t *testing.T, p *PBX, dial func() client) {
				cl := dial()
				login(t, cl)
				run(t, p, story)
				cl.request("SnapShotDevice", "snapshotObject=200")
				m := cl.next()
				if !strings.Contains(m.raw, want[0]) && !strings.Contains(m.raw, want[1]) {
					t.Errorf("got %s", m)
				}
			})
		})
	}
	t.Run("a request without a requestID", func(t *testing.T) {
		p := newPBX(t, Config{})
		url, err := p.ListenTCP("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		cl := dialTCP(t, url)
		login(t, cl)
		cl.request("SnapShotDevice", "snapshotObject=200")
		if m := cl.next(); !strings.HasSuffix(m.raw, `<snapshotData><snapshotDeviceResponseInfo /></snapshotData><privateData /></SnapShotDeviceResponse>`) {
			t.Errorf("got %s", m)
		}
	})
	t.Run("queue", func(t *testing.T) {
		both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
			cl := dial()
			login(t, cl)
			cl.request("SnapShotDevice", "snapshotObject=q-12345678-400", "privateData.requestID=7")
			if got := cl.next().say("servicecrossrefid", "privatedata.queuename"); got != "SnapShotDeviceResponse q-12345678-400 Reception" {
				t.Errorf("got %q", got)
			}
		})
	})
}
