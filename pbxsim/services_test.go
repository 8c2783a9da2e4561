package pbxsim

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestOneService: some faults are for the services that they name.
func TestOneService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPBX(t, Config{})
		c := pipe(t, p)
		login(t, c)
		run(t, p, "set wrong-answers MonitorStart\nset delayed MakeCall\nset answer-delay 5s")
		start := time.Now()
		c.request("MakeCall", "callingDevice=200", "calledDirectoryNumber=201", "privateData.requestID=1")
		c.request("MonitorStart", "monitorObject.deviceObject=200", "privateData.requestID=2")
		c.request("SnapShotDevice", "snapshotObject=200", "privateData.requestID=3")
		for _, want := range []string{"GetCallProfileResponse 2 0s", "SnapShotDeviceResponse 3 0s", "MakeCallResponse 1 5s"} {
			if got := c.next().say("privatedata.requestid") + " " + time.Since(start).String(); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	})
}

func TestErrorsAsResults(t *testing.T) {
	p := newPBX(t, Config{Behaviour: Behaviour{JSONErrors: "result"}})
	url, err := p.ListenHTTP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := dialHub(t, url)
	login(t, c)
	c.request("GetQueue", "device=200", "privateData.requestID=7")
	if got := c.next().say("operation", "privatedata.requestid"); got != "GetQueueResponse invalidDeviceID 7" {
		t.Errorf("got %q", got)
	}
}

func TestServicesRefused(t *testing.T) {
	const ringing = "callToBeAnswered.callID=SIP/hpbx-00000234"
	for _, c := range []struct {
		request string
		args    []string
		want    string
	}{
		{"MakeCall", []string{"callingDevice=299", "calledDirectoryNumber=22334455"}, "operation invalidCallingDeviceID"},
		{"MakeCall", []string{"calledDirectoryNumber=22334455"}, "operation invalidCallingDeviceID"},
		{"MakeCall", []string{"callingDevice=200", "calledDirectoryNumber=bager"}, "operation invalidCalledDeviceID"},
		{"MakeCall", []string{"callingDevice=200", "calledDirectoryNumber=200"}, "operation invalidCalledDeviceID"},
		{"MakeCall", []string{"callingDevice=200"}, "operation invalidCalledDeviceID"},
		{"AnswerCall", []string{"callToBeAnswered.callID=SIP/hpbx-ffff", "callToBeAnswered.deviceID=200"}, "operation invalidConnectionID"},
		{"AnswerCall", []string{ringing, "callToBeAnswered.deviceID=201"}, "operation invalidConnectionID"},
		{"AnswerCall", nil, "operation invalidConnectionID"},
		{"HoldCall", []string{strings.Replace(ringing, "Answered", "Held", 1)}, "stateIncompatibility invalidConnectionState"},
		{"RetrieveCall", []string{strings.Replace(ringing, "Answered", "Retrieved", 1)}, "stateIncompatibility noHeldCall"},
		{"AnswerCall", []string{"callToBeAnswered.deviceID=22334455"}, "stateIncompatibility noCallToAnswer"},
		{"DeflectCall", []string{strings.Replace(ringing, "Answered", "Diverted", 1), "newDestination=bager"}, "operation invalidDestination"},
		{"DeflectCall", []string{"callToBeDiverted.deviceID=22334455", "newDestination=202"}, "stateIncompatibility invalidConnectionState"},
		{"SingleStepTransferCall", []string{"activeCall.deviceID=200", "transferredTo=202"}, "stateIncompatibility invalidConnectionState"},
		{"SingleStepTransferCall", []string{"activeCall.deviceID=200", "transferredTo=200"}, "operation invalidDestination"},
		{"MonitorTrunk", []string{"monitorObject.deviceObject=2"}, "operation invalidMonitorObject"},
		{"SnapShotDevice", []string{"snapshotObject=u-12345678-299"}, "operation invalidDeviceID"},
		{"ConsultationCall", []string{"existingCall.deviceID=200", "consultedDevice=202"}, "stateIncompatibility invalidConnectionState"},
		{"ConsultationCall", []string{"existingCall.deviceID=200", "consultedDevice=200"}, "operation invalidDestination"},
		{"ReconnectCall", []string{"activeCall.deviceID=200", "heldCall.deviceID=200"}, "stateIncompatibility invalidConnectionState"},
		{"TransferCall", []string{"activeCall.deviceID=200", "heldCall.callID=SIP/hpbx-ffff"}, "operation invalidConnectionID"},
		{"DirectedPickupCall", []string{"callToBePickedUp.deviceID=200", "requestingDevice.deviceID=299"}, "operation invalidDeviceID"},
		{"DirectedPickupCall", []string{"callToBePickedUp.deviceID=22334455", "requestingDevice.deviceID=201"}, "stateIncompatibility noCallToAnswer"},
		{"GenerateDigits", []string{"connectionToSendDigits.deviceID=200", "charactersToSend=12"}, "stateIncompatibility invalidConnectionState"},
		{"GenerateDigits", []string{"connectionToSendDigits.deviceID=200", "charactersToSend=æ"}, "operation invalidParameterValue"},
		{"GetForwarding", []string{"device=400"}, "operation invalidDeviceID"},
		{"SetDoNotDisturb", []string{"device=200"}, "operation invalidParameterValue"},
		{"SetForwarding", []string{"device=200", "forwardingType=forwardNever", "activateForward=true", "forwardDN=202"}, "operation invalidParameterValue"},
		{"SetForwarding", []string{"device=200", "forwardingType=forwardImmediate", "activateForward=true", "forwardDN=200"}, "operation invalidForwardingDestination"},
		{"SetForwarding", []string{"device=200", "forwardingType=forwardImmediate", "activateForward=true", "forwardDN=hjem"}, "operation invalidForwardingDestination"},
		{"SetForwarding", []string{"device=200", "forwardingType=forwardNoAns", "activateForward=true", "forwardDN=202", "ringDuration=-1"}, "operation valueOutOfRange"},
		{"SetCallProfile", []string{"device=200", "callProfile.routeHandling=Somehow"}, "operation invalidParameterValue"},
		{"GetQueue", []string{"device=200"}, "operation invalidDeviceID"},
		{"SetQueueMember", []string{"device=400", "agentDN=200"}, "operation invalidParameterValue"},
		{"SetQueueMember", []string{"device=400", "agentDN=201", "activateAgent=perhaps"}, "operation invalidParameterValue"},
	} {
		t.Run(c.request+" "+strings.Join(c.args, " "), func(t *testing.T) {
			both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
				cl := dial()
				login(t, cl, "200")
				run(t, p, "call 22334455 200")
				cl.next()
				cl.request(c.request, append(c.args, "privateData.requestID=7")...)
				m := cl.next()
				category, value, _ := strings.Cut(c.want, " ")
				got := m.leaf[strings.ToLower(category)] == value && m.leaf["privatedata.requestid"] == "7"
				if m.failed {
					got = strings.HasSuffix(m.leaf["error"], "HubException: "+c.want)
				}
				if m.root != "CSTAErrorCode" || !got {
					t.Errorf("got %s, want %s", m, c.want)
				}
			})
		})
	}
	t.Run("every documented request is known", func(t *testing.T) {
		both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
			cl := dial()
			for _, name := range strings.Fields(`MonitorStart MonitorTrunk MakeCall AnswerCall ClearConnection HoldCall RetrieveCall
				ConsultationCall ReconnectCall TransferCall SingleStepTransferCall DeflectCall DirectedPickupCall GenerateDigits
				SnapShotDevice GetDoNotDisturb GetForwarding GetCallProfile GetQueueMember GetQueue
				SetDoNotDisturb SetForwarding SetCallProfile SetQueueMember`) {
				login(t, cl)
				cl.request(name)
				if m := cl.next(); strings.Contains(m.raw, "Unknown") || m.root != "CSTAErrorCode" {
					t.Errorf("%s: got %s", name, m)
				}
			}
		})
	})
	t.Run("a request that nobody knows", func(t *testing.T) {
		both(t, Config{}, func(t *testing.T, p *PBX, dial func() client) {
			cl := dial()
			login(t, cl)
			cl.request("OrderPizza", "topping=æg")
			m := cl.next()
			if m.leaf["operation"] != "serviceNotSupported" && m.leaf["error"] != "Unknown hub method 'OrderPizza'" {
				t.Errorf("got %s", m)
			}
		})
	})
}
