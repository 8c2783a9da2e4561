package notify

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// toast is a notification in Windows' terms (learn.microsoft.com, "Toast content").
type toast struct {
	XMLName  xml.Name      `xml:"toast"`
	Scenario string        `xml:"scenario,attr,omitempty"`
	Launch   string        `xml:"launch,attr"` // what Windows returns when the notification itself is clicked
	Visual   toastBinding  `xml:"visual>binding"`
	Actions  []toastAction `xml:"actions>action"`
	Audio    toastAudio    `xml:"audio"`
}

type toastBinding struct {
	Template string   `xml:"template,attr"`
	Text     []string `xml:"text"`
}

type toastAction struct {
	Content   string `xml:"content,attr"`
	Arguments string `xml:"arguments,attr"` // what Windows returns when the button is clicked
}

type toastAudio struct {
	Silent bool `xml:"silent,attr"`
}

// toast returns a notice as the XML that Windows accepts. All text is cleaned here, and escaped by the encoder.
// id identifies the notification in this run of the program, which token identifies: a notification may outlive
// the run.
func (cfg Config) toast(n notice, token string, id uint32) (string, error) {
	says := func(action string) string { return strings.Join([]string{token, strconv.Itoa(int(id)), action}, " ") }
	t := toast{
		Launch: says(actionOpen),
		Visual: toastBinding{Template: "ToastGeneric", Text: []string{sentence(n.title, maxText), sentence(n.body, maxBody)}},
		Audio:  toastAudio{Silent: true}, // the telephone rings
	}
	add := func(action, label string, wanted bool) {
		if wanted {
			t.Actions = append(t.Actions, toastAction{sentence(label, maxText), says(action)})
		}
	}
	switch n.kind {
	case noticeRinging:
		t.Scenario = "incomingCall" // stays until it is taken down
		add(actionAnswer, cfg.Say("Answer"), cfg.OnAnswer != nil)
		add(actionHangUp, cfg.Say("Decline"), cfg.OnHangUp != nil)
	case noticeMissed:
		add(actionCallBack, cfg.Say("Call back"), n.number != "" && cfg.OnCallBack != nil)
	}
	text, err := xml.Marshal(t)
	return string(text), err
}

// toastAnswer parses what Windows returns. ours is false for a notification left by an earlier run.
func toastAnswer(said, token string) (id uint32, action string, ours bool) {
	words := strings.Fields(said)
	if len(words) != 3 || words[0] != token {
		return 0, "", false
	}
	n, err := strconv.ParseUint(words[1], 10, 32)
	return uint32(n), words[2], err == nil
}
