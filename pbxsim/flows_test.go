package pbxsim

import "testing"

func TestIncomingCall(t *testing.T) {
	both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
		c := dial()
		login(t, c, "u-12345678-200")
		call, err := p.Call("22334455", "200", "Ærø Bageri")
		if err != nil {
			t.Fatal(err)
		}
		m := c.next()
		if got, want := m.say("privatedata.localstatus", "privatedata.callername", "callingdevice.deviceidentifier", "localconnectioninfo"), "Delivered Alerting Ærø Bageri 22334455 alerting"; got != want {
			t.Errorf("got %q, want %q: %v", got, want, m)
		}
		id := m.leaf["connection.callid"]
		c.request("AnswerCall", "callToBeAnswered.callID="+id, "callToBeAnswered.deviceID=200", "privateData.requestID=8")
		if got := c.next().say("answeredconnection.deviceid"); got != "AnswerCallResponse 200" {
			t.Error(got)
		}
		if got := c.next().say("localconnectioninfo"); got != "Established connected" {
			t.Error(got)
		}
		if err := call.Clear("22334455"); err != nil {
			t.Error(err)
		}
		m = c.next()
		if got := m.say("localconnectioninfo", "cause", "releasingdevice.deviceidentifier"); got != "ConnectionCleared null Normal Clearing 22334455" {
			t.Error(got, m)
		}
		if len(p.Calls()) != 0 {
			t.Error(p.Calls())
		}
	})
}
