package pbxsim

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A flow is a story told in lines:
//
//	! a command of the prompt: what people do
//	> a request: its name, the element of the connection, device or number, and more elements as a=b.
//	  @200 stands for the connection of the only, or last seen, leg of 200.
//	< the message that comes next: see brief
type flow struct {
	name     string
	cfg      Config
	set      string // switches, as "held-device holder; retrieve-as retrieved"
	monitors string
	story    string
}

var flows = []flow{{
	name:     "an outside caller, answered by AnswerCall, hung up outside",
	monitors: "u-12345678-200",
	story: `
		! call 22334455 200 "Ærø Bageri"
		< Delivered u-200 200 alerting Alerting Inbound newCall 22334455->200 rings 200 for 200, remote 22334455 "Ærø Bageri"
		> AnswerCall callToBeAnswered @200
		< AnswerCallResponse
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 200 for 200, remote 22334455 "Ærø Bageri"
		! clear 22334455
		< ConnectionCleared u-200 200 null Normal Clearing by 22334455`,
}, {
	name:     "the caller gives up",
	monitors: "200",
	story: `
		! call 22334455 200
		< Delivered u-200 200 alerting Alerting Inbound newCall 22334455->200 rings 200 for 200, remote 22334455
		! clear
		< ConnectionCleared u-200 200 null Normal Clearing by 22334455`,
}, {
	name:     "refused by ClearConnection",
	monitors: "200",
	story: `
		! call 22334455 200
		< Delivered u-200 200 alerting Alerting Inbound newCall 22334455->200 rings 200 for 200, remote 22334455
		> ClearConnection connectionToBeCleared @200
		< ClearConnectionResponse
		< ConnectionCleared u-200 200 null Call Rejected by 200`,
}, {
	name:     "AnswerCall at a phone without auto-answer does nothing; a hand does",
	monitors: "203",
	story: `
		! call 22334455 203
		< Delivered u-203 203 alerting Alerting Inbound newCall 22334455->203 rings 203 for 203, remote 22334455
		> AnswerCall callToBeAnswered @203
		< AnswerCallResponse
		! answer
		< Established u-203 203 connected Active Inbound normal 22334455->203 answered 203 for 203, remote 22334455`,
}, {
	name:     "the vendor's documented call, case_makecall",
	monitors: "trunk",
	story: `
		> MakeCall callingDevice 200 calledDirectoryNumber=22334455 autoOriginate=doNotPrompt
		< MakeCallResponse
		< Delivered u-200 200 connected Ringing Outbound newCall 200->22334455 rings 22334455 for 22334455, remote 22334455 "Astrid" by MakeCall
		< Delivered t 22334455 alerting Alerting Inbound newCall 200->22334455 rings 22334455 for 22334455, remote 200 "Astrid"
		! answer 22334455
		< Established u-200 200 connected Active Outbound normal 200->22334455 answered 22334455 for 22334455, remote 22334455 "Astrid" by MakeCall
		< Established t 22334455 connected Active Inbound normal 200->22334455 answered 22334455 for 22334455, remote 200 "Astrid"
		! clear 22334455
		< ConnectionCleared t 22334455 null Normal Clearing by 22334455
		< ConnectionCleared u-200 200 null Normal Clearing by 22334455`,
}, {
	name:     "MakeCall without auto-answer: the own phone rings first",
	monitors: "203",
	story: `
		> MakeCall callingDevice 203 calledDirectoryNumber=22334455
		< MakeCallResponse
		< Delivered u-203 203 alerting Alerting Outbound newCall 203->22334455 rings 203 for 22334455, remote 22334455 "Søren" by MakeCall
		! answer 203
		< Delivered u-203 203 connected Ringing Outbound newCall 203->22334455 rings 22334455 for 22334455, remote 22334455 "Søren" by MakeCall
		> ClearConnection connectionToBeCleared @203
		< ClearConnectionResponse
		< ConnectionCleared u-203 203 null Normal Clearing by 203`,
}, {
	name:     "from extension to extension, dialled by hand",
	monitors: "200 201",
	story: `
		! dial 200 201
		< Delivered u-200 200 connected Ringing Outbound newCall 200->201 rings 201 for 201, remote 201 "Astrid"
		< Delivered u-201 201 alerting Alerting Inbound newCall 200->201 rings 201 for 201, remote 200 "Astrid"
		! answer 201
		< Established u-200 200 connected Active Outbound normal 200->201 answered 201 for 201, remote 201 "Astrid"
		< Established u-201 201 connected Active Inbound normal 200->201 answered 201 for 201, remote 200 "Astrid"
		! clear 200
		< ConnectionCleared u-200 200 null Normal Clearing by 200
		< ConnectionCleared u-201 201 null Normal Clearing by 200`,
}, {
	name:     "a busy number",
	cfg:      Config{Outside: Demo},
	monitors: "200",
	story: `
		> MakeCall callingDevice 200 calledDirectoryNumber=999
		< MakeCallResponse
		< Delivered u-200 200 connected Ringing Outbound newCall 200->999 rings 999 for 999, remote 999 "Astrid" by MakeCall
		< ConnectionCleared u-200 200 null User busy by 999`,
}, {
	name:     "a busy number, told by FailedEvent",
	cfg:      Config{Outside: Demo},
	set:      "busy-as failed",
	monitors: "200",
	story: `
		> MakeCall callingDevice 200 calledDirectoryNumber=999
		< MakeCallResponse
		< Delivered u-200 200 connected Ringing Outbound newCall 200->999 rings 999 for 999, remote 999 "Astrid" by MakeCall
		< Failed u-200 200 fail Ringing Outbound busy 200->999, remote 999 "Astrid" by MakeCall
		< ConnectionCleared u-200 200 null User busy by 999`,
}, {
	name:     "a busy number, told by nothing",
	cfg:      Config{Outside: Demo},
	set:      "busy-as silent",
	monitors: "200",
	story: `
		> MakeCall callingDevice 200 calledDirectoryNumber=999
		< MakeCallResponse`,
}, {
	name:     "a busy phone",
	monitors: "200 201",
	story: `
		! busy 201 on
		! dial 200 201
		< Delivered u-200 200 connected Ringing Outbound newCall 200->201 rings 201 for 201, remote 201 "Astrid"
		< ConnectionCleared u-200 200 null User busy by 201`,
}, {
	name:     "a queue: its members ring, one answers, the other is told",
	monitors: "201 202 400",
	story: `
		! call 22334455 400 "Ærø Bageri"
		< Delivered q-400 400 queued Alerting Inbound newCall 22334455->400 rings 400 for 400, remote 22334455 "Ærø Bageri"
		< Delivered u-201 201 alerting Alerting Inbound newCall 22334455->201 rings 201 for 400, remote 22334455 "Ærø Bageri"
		< Delivered u-202 202 alerting Alerting Inbound newCall 22334455->202 rings 202 for 400, remote 22334455 "Ærø Bageri"
		< QueueStatistics q-400 waiting 1 talking 0, of 1 answered 0 missed 0; 201 0/0/0 202 0/0/0
		> AnswerCall callToBeAnswered @202
		< AnswerCallResponse
		< ConnectionCleared q-400 400 null Answered elsewhere by 202
		< Diverted u-201 201 null Answered elsewhere 22334455->202 for 400
		< Established u-202 202 connected Active Inbound normal 22334455->202 answered 202 for 400, remote 22334455 "Ærø Bageri"
		< QueueStatistics q-400 waiting 0 talking 1, of 1 answered 1 missed 0; 201 0/0/0 202 1/1/0
		! clear
		< ConnectionCleared u-202 202 null Normal Clearing by 22334455
		< QueueStatistics q-400 waiting 0 talking 0, of 1 answered 1 missed 0; 201 0/0/0 202 1/1/0`,
}, {
	name:     "a queue: one member refuses, the caller gives up",
	monitors: "u-12345678-201 u-12345678-202 q-12345678-400",
	story: `
		! call 22334455 400
		< Delivered q-400 400 queued Alerting Inbound newCall 22334455->400 rings 400 for 400, remote 22334455
		< Delivered u-201 201 alerting Alerting Inbound newCall 22334455->201 rings 201 for 400, remote 22334455
		< Delivered u-202 202 alerting Alerting Inbound newCall 22334455->202 rings 202 for 400, remote 22334455
		< QueueStatistics q-400 waiting 1 talking 0, of 1 answered 0 missed 0; 201 0/0/0 202 0/0/0
		! clear 201
		< ConnectionCleared u-201 201 null Call Rejected by 201
		! clear 22334455
		< ConnectionCleared q-400 400 null Normal Clearing by 22334455
		< ConnectionCleared u-202 202 null Normal Clearing by 22334455
		< QueueStatistics q-400 waiting 0 talking 0, of 1 answered 0 missed 1; 201 0/0/0 202 1/0/1`,
}, {
	name:     "hold and retrieve, as documented",
	monitors: "200",
	story: `
		! call 22334455 200
		< Delivered u-200 200 alerting Alerting Inbound newCall 22334455->200 rings 200 for 200, remote 22334455
		! answer
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 200 for 200, remote 22334455
		> HoldCall callToBeHeld @200
		< HoldCallResponse
		< Held u-200 22334455 held Held Inbound by 200, remote 22334455 by HoldCall
		> RetrieveCall callToBeRetrieved @200
		< RetrieveCallResponse
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 200 for 200, remote 22334455 by RetrieveCall
		! hold
		< Held u-200 22334455 held Held Inbound by 200, remote 22334455
		! retrieve
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 200 for 200, remote 22334455`,
}, {
	name:     "hold and retrieve, as the standard says",
	set:      "held-device holder; retrieve-as retrieved",
	monitors: "200",
	story: `
		! call 22334455 200
		< Delivered u-200 200 alerting Alerting Inbound newCall 22334455->200 rings 200 for 200, remote 22334455
		! answer
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 200 for 200, remote 22334455
		> HoldCall callToBeHeld @200
		< HoldCallResponse
		< Held u-200 200 held Held Inbound by 200, remote 22334455 by HoldCall
		> RetrieveCall callToBeRetrieved @200
		< RetrieveCallResponse
		< Retrieved u-200 200 connected Active Inbound normal by 200, remote 22334455 by RetrieveCall`,
}, {
	name:     "a second call is answered: the first is put on hold by the phone",
	monitors: "200",
	story: `
		! call 22334455 200
		< Delivered u-200 200 alerting Alerting Inbound newCall 22334455->200 rings 200 for 200, remote 22334455
		! answer
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 200 for 200, remote 22334455
		! call 66778899 200
		< Delivered u-200 200 alerting Alerting Inbound newCall 66778899->200 rings 200 for 200, remote 66778899
		> AnswerCall callToBeAnswered @200
		< AnswerCallResponse
		< Held u-200 22334455 held Held Inbound by 200, remote 22334455
		< Established u-200 200 connected Active Inbound normal 66778899->200 answered 200 for 200, remote 66778899
		! clear 66778899
		< ConnectionCleared u-200 200 null Normal Clearing by 66778899`,
}, {
	name:     "deflect",
	monitors: "200 202",
	story: `
		! call 22334455 200
		< Delivered u-200 200 alerting Alerting Inbound newCall 22334455->200 rings 200 for 200, remote 22334455
		> DeflectCall callToBeDiverted @200 newDestination=202
		< DeflectCallResponse
		< Diverted u-200 200 null redirected 22334455->202 for 200
		< Delivered u-202 202 alerting Alerting Inbound newCall 22334455->202 rings 202 for 200, remote 22334455
		! answer 202
		< Established u-202 202 connected Active Inbound normal 22334455->202 answered 202 for 200, remote 22334455`,
}, {
	name:     "a member of a queue deflects to a busy number: it rings on at the others",
	cfg:      Config{Outside: Demo},
	monitors: "201 202",
	story: `
		! call 22334455 400
		< Delivered u-201 201 alerting Alerting Inbound newCall 22334455->201 rings 201 for 400, remote 22334455
		< Delivered u-202 202 alerting Alerting Inbound newCall 22334455->202 rings 202 for 400, remote 22334455
		! deflect 201 999
		< Diverted u-201 201 null redirected 22334455->999 for 400
		! answer
		< Established u-202 202 connected Active Inbound normal 22334455->202 answered 202 for 400, remote 22334455`,
}, {
	name:     "who waits for a transfer to be answered has nobody to transfer",
	monitors: "200",
	story: `
		! dial 200 201
		< Delivered u-200 200 connected Ringing Outbound newCall 200->201 rings 201 for 201, remote 201 "Astrid"
		! answer 201
		< Established u-200 200 connected Active Outbound normal 200->201 answered 201 for 201, remote 201 "Astrid"
		! transfer 201 202
		> SingleStepTransferCall activeCall @200 transferredTo=203
		< CSTAErrorCode
		! answer 202
		< Established u-200 200 connected Active Outbound normal 200->201 answered 202 for 201, remote 202 "Astrid"`,
}, {
	name:     "a forwarded phone does not ring",
	monitors: "200 201",
	story: `
		! forward 200 201
		< Forwarding u-200 200 forwardImmediate true 201 0
		! call 22334455 200
		< Delivered u-201 201 alerting Alerting Inbound newCall 22334455->201 rings 201 for 200, remote 22334455
		! forward 200 off
		< Forwarding u-200 200 forwardImmediate false 201 0
		! clear
		< ConnectionCleared u-201 201 null Normal Clearing by 22334455`,
}, {
	name:     "forwards in a circle are busy",
	monitors: "200",
	story: `
		! forward 201 202
		! forward 202 201
		! dial 200 201
		< Delivered u-200 200 connected Ringing Outbound newCall 200->201 rings 201 for 201, remote 201 "Astrid"
		< ConnectionCleared u-200 200 null User busy by 202`,
}, {
	name:     "blind transfer of an outside caller",
	monitors: "200 202",
	story: `
		! call 22334455 200 "Ærø Bageri"
		< Delivered u-200 200 alerting Alerting Inbound newCall 22334455->200 rings 200 for 200, remote 22334455 "Ærø Bageri"
		! answer
		< Established u-200 200 connected Active Inbound normal 22334455->200 answered 200 for 200, remote 22334455 "Ærø Bageri"
		> SingleStepTransferCall activeCall @200 transferredTo=202
		< SingleStepTransferCallResponse
		< Transfered u-200 200 singleStepTransfer by 200 to 202
		< Delivered u-202 202 alerting Alerting Inbound newCall 22334455->202 rings 202 for 200, remote 22334455 "Ærø Bageri"
		! answer 202
		< Established u-202 202 connected Active Inbound normal 22334455->202 answered 202 for 200, remote 22334455 "Ærø Bageri"
		! clear 22334455
		< ConnectionCleared u-202 202 null Normal Clearing by 22334455`,
}, {
	name:     "blind transfer by the caller: the other party learns who it talks to",
	monitors: "201 202",
	story: `
		! dial 200 201
		< Delivered u-201 201 alerting Alerting Inbound newCall 200->201 rings 201 for 201, remote 200 "Astrid"
		! answer
		< Established u-201 201 connected Active Inbound normal 200->201 answered 201 for 201, remote 200 "Astrid"
		! transfer 200 202
		< Delivered u-202 202 alerting Alerting Inbound newCall 201->202 rings 202 for 200, remote 201 "Bo"
		! answer
		< Established u-201 201 connected Active Inbound normal 200->201 answered 202 for 201, remote 202 "Astrid"
		< Established u-202 202 connected Active Inbound normal 201->202 answered 202 for 200, remote 201 "Bo"`,
}}

func TestFlows(t *testing.T) {
	for _, f := range slices.Concat(flows, officeFlows, standardFlows) {
		t.Run(f.name, func(t *testing.T) {
			both(t, f.cfg, func(t *testing.T, p *PBX, dial func() client) {
				for _, sw := range strings.FieldsFunc(f.set, func(r rune) bool { return r == ';' }) {
					run(t, p, "set "+sw)
				}
				play(t, p, dial(), f)
			})
		})
	}
}

func run(t *testing.T, p *PBX, line string) {
	t.Helper()
	var out strings.Builder
	if err := p.Run(context.Background(), strings.NewReader(line), &out); err != nil {
		t.Fatal(err)
	}
}

func play(t *testing.T, p *PBX, c client, f flow) {
	t.Helper()
	if f.monitors == "trunk" {
		login(t, c)
		c.request("MonitorTrunk", "monitorObject.deviceObject=1", "privateData.requestID=1")
		for range 1 + 5 { // the answer, and a MonitorStartedEvent for each extension and queue
			c.next()
		}
	} else {
		login(t, c, strings.Fields(f.monitors)...)
	}
	leg := make(map[string]string) // the last callID seen of a device
	linkages := make(map[string]string)
	for n, line := range strings.Split(strings.TrimSpace(f.story), "\n") {
		kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch kind {
		case "!":
			run(t, p, rest)
		case ">":
			w := strings.Fields(rest)
			args := w[3:]
			if device, ok := strings.CutPrefix(w[2], "@"); ok {
				args = append([]string{w[1] + ".callID=" + leg[device], w[1] + ".deviceID=" + device}, args...)
			} else {
				args = append([]string{w[1] + "=" + w[2]}, args...)
			}
			c.request(w[0], append(args, fmt.Sprint("privateData.requestID=", n))...)
		case "<":
			m := c.next()
			if got := brief(m); got != rest {
				t.Fatalf("line %d:\n got %s\nwant %s\nfrom %s", n+1, got, rest, m)
			}
			if strings.HasSuffix(m.root, "Response") {
				if id := m.leaf["privatedata.requestid"]; id == "" {
					t.Errorf("line %d: an answer without its requestID: %s", n+1, m)
				}
				continue
			}
			id, device := m.connection()
			if m.root == "CSTAErrorCode" || id == "" {
				continue // not about a call
			}
			if m.root == "Held" {
				device = m.leaf["holdingdevice.deviceidentifier"]
			}
			leg[device] = id
			link := m.leaf["calllinkagedata.globalcalldata.globalcalllinkageid"]
			joined := strings.Contains(f.story, "TransferCall activeCall") || strings.Contains(f.story, "! complete") || strings.Contains(f.story, "onference") // two calls become one
			if linkages[id] != "" && linkages[id] != link && !joined || link == "" {
				t.Errorf("line %d: linkage %q of %s, which was %q", n+1, link, id, linkages[id])
			}
			linkages[id] = link
		}
	}
	// Nothing more came: the answer to a last request is the next message.
	c.request("SnapShotDevice", "snapshotObject=u-12345678-200", "privateData.requestID=last")
	if m := c.next(); m.root != "SnapShotDeviceResponse" {
		t.Errorf("one message too many: %s", m)
	}
}

// connection is the event's connection, whatever its element is called.
func (m message) connection() (callID, device string) {
	for _, k := range keys(m.leaf) {
		if e, ok := strings.CutSuffix(k, ".callid"); ok && !strings.Contains(e, ".") {
			return m.leaf[k], m.leaf[e+".deviceid"]
		}
	}
	return "", ""
}

// items are the paths of an item's leaves in a list, which XML wraps and JSON does not.
func items(m message, list, item string, leaves ...string) []string {
	var paths []string
	for _, l := range leaves {
		path := list + "." + item + "." + l
		if _, wrapped := m.leaf[path]; !wrapped {
			path = list + "." + l
		}
		paths = append(paths, path)
	}
	return paths
}

var agentInRaw = regexp.MustCompile(`deviceIdentifier\W+(\d+)\D+(\d+)\D+(\d+)\D+(\d+)\D+\d+`)

// agents are the agents of a QueueStatisticsEvent, each with total, answered and missed calls.
func agents(raw string) string {
	var list []string
	for _, a := range agentInRaw.FindAllStringSubmatch(raw, -1) {
		list = append(list, a[1]+" "+strings.Join(a[2:], "/"))
	}
	return strings.Join(list, " ")
}

// brief is an event in one line: name, monitor, device, localConnectionInfo, localStatus,
// callDirection, cause, calling->called for dialled, by device to device, remote, name, request.
func brief(m message) string {
	if strings.HasSuffix(m.root, "Response") || m.root == "CSTAErrorCode" {
		return m.root
	}
	_, device := m.connection()
	ref := strings.TrimSuffix(strings.Replace(m.leaf["monitorcrossrefid"], "12345678-", "", 1), "-12345678")
	words := []string{m.root, ref, device}
	switch named := func(leaves ...string) string { return strings.TrimSpace(strings.TrimPrefix(m.say(leaves...), m.root)) }; m.root {
	case "DoNotDisturb":
		return m.root + " " + ref + " " + named("device.deviceidentifier", "donotdisturbon")
	case "Forwarding":
		return m.root + " " + ref + " " + named("device.deviceidentifier", "forwardingtype", "forwardstatus", "forwardto", "ringduration")
	case "QueueMember":
		return m.root + " " + ref + " " + named(items(m, "memberlist", "memberlistitem", "agentdn", "active", "activesip", "activemobile", "activeskype")...)
	case "OutgoingNumbers":
		return m.root + " " + ref + " " + named(items(m, "outgoingnumbers", "outgoingnumber", "number")...)
	case "QueueAdded", "QueueRemoved":
		return strings.TrimSpace(m.root + " " + ref + " " + named("localnumber", "name"))
	case "QueueStatistics":
		return fmt.Sprintf("%s %s waiting %s talking %s, of %s answered %s missed %s; %s", m.root, ref,
			m.leaf["waitingcalls"], m.leaf["servicingcalls"], m.leaf["totalnoofcalls"], m.leaf["totalansweredcalls"], m.leaf["totalmissedcalls"], agents(m.raw))
	}
	add := func(before, leaf, after string) {
		if v := m.leaf[leaf]; v != "" {
			words = append(words, before+v+after)
		}
	}
	add("", "localconnectioninfo", "")
	add("", "privatedata.localstatus", "")
	add("", "privatedata.calldirection", "")
	add("", "cause", "")
	if calling := m.leaf["callingdevice.deviceidentifier"]; calling != "" {
		words = append(words, calling+"->"+m.leaf["calleddevice.deviceidentifier"])
	}
	add("rings ", "alertingdevice.deviceidentifier", "")
	add("answered ", "answeringdevice.deviceidentifier", "")
	add("for ", "networkcalleddevice.deviceidentifier", "")
	add("by ", "releasingdevice.deviceidentifier", "")
	add("by ", "holdingdevice.deviceidentifier", "")
	add("by ", "retrievingdevice.deviceidentifier", "")
	add("by ", "transferringdevice.deviceidentifier", "")
	add("to ", "transferredtodevice.deviceidentifier", "")
	add("by ", "conferencingdevice.deviceidentifier", "")
	add("with ", "addedparty.deviceidentifier", "")
	add("and ", "secondaryoldcall.callid", "")
	if remote := m.leaf["privatedata.remoteuser"]; remote != "" {
		words[len(words)-1] += ","
		add("remote ", "privatedata.remoteuser", "")
	}
	add(`"`, "privatedata.callername", `"`)
	add("by ", "privatedata.cstacallrequesttype", "")
	return strings.Join(words, " ")
}
