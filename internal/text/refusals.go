package text

import (
	"errors"
	"slices"
	"strings"

	"calltray/cstasession/csta"
)

// refusals are the values of a negative answer that a user can do something about: ECMA-323's UniversalFailure,
// and inferred values of the vendor's, in lower case. Values that mean the same to the user share a sentence.
var refusals = []struct{ code, sentence, values string }{
	{"unknown-extension", "The PBX does not know this extension: look at the extension in the settings.",
		`invaliddeviceid invaliddeviceidentifier invalidmonitorobject invalidcallingdeviceid objectnotknown`},
	{"unknown-number", "The PBX does not know this number: look at it and try again.",
		`invalidcalleddeviceid invalidcalleddevice invaliddestination invaliddestinationdeviceid
		invaliddestinationdeviceobject invalidcalleddeviceobjecttype invalidforwardingdestination`},
	{"same-device", "A telephone cannot be connected with itself: choose another number.", `notdifferentdevices`},
	{"call-gone", "The call is not there any more.",
		`invalidconnectionid invalidactiveconnectionid invalidheldconnectionid invalidconnectionidforactivecall
		invalidcallid invalidactivecallid invalidheldcallid invalidconnection invalidactivecallobject
		invalidheldcallobject nocalltoanswer nocalltoclear nocalltocomplete nocalltopickup noactivecall noheldcall
		noconnectiontoclear invalidcalltobepickedupobjecttype invalidcalltodivertobjecttype`},
	{"call-in-the-way", "Another call is in the way: hold it or hang it up first.", `connectedcallexists`},
	{"wrong-call-state", "The call is not in a state in which that can be done: look at the telephone.",
		`invalidconnectionstate invalidactiveconnectionstate invalidheldconnectionstate invalidstate invalidobjectstate
		invaliddevicestate invalidactivedevicestate invalidcalleddevicestate invalidcallingdevicestate
		invaliddestinationdevicestate invaliddivertingdevicestate invalidhelddevicestate stateincompatibility
		requestincompatiblewithconnection requestincompatiblewithactiveconnection
		requestincompatiblewithheldconnection requestincompatiblewithobject`},
	{"already-set", "It is so already: there is nothing to do.", `featurealreadyset`},
	{"telephone-out-of-service", "The telephone is out of service or not connected: look at its plug and network.",
		`deviceoutofservice activedeviceoutofservice callingdeviceoutofservice divertingdeviceoutofservice
		helddeviceoutofservice resourceoutofservice otherresourceoutofservice`},
	{"called-out-of-service", "The telephone that was called is out of service: try again later.",
		`destdeviceoutofservice destinationdeviceoutofservice calleddeviceoutofservice pickupdeviceoutofservice`},
	{"line-busy", "The line is busy: try again when it is free.",
		`resourcebusy internalresourcebusy nomediachannelsavailable`},
	{"network-busy", "The telephone network is busy: try again in a minute.", `networkbusy`},
	{"network-out-of-service", "The telephone network is out of service: try again later.", `networkoutofservice`},
	{"pbx-busy", "The PBX has too much to do: try again in a minute.",
		`outstandingrequestslimitexceeded outstandingreqlimitexceeded performancelimitexceeded resourcelimitexceeded
		systemresourceavailability subscribedresourceavailability performancemanagement`},
	{"monitor-limit", "The PBX watches as many extensions as it can: ask its administrator.",
		`overallmonitorlimitexceeded objectmonitorlimitexceeded`},
	{"conference-full", "The conference is full: somebody has to leave it first.", `conferencememberlimitexceeded conferenceresourcecannotbesatisfied maxdevicesexceeded`},
	{"extension-forbidden", "This account may not use that extension: ask the administrator of the PBX.",
		`privilegeviolation privilegeviolationspecifieddevice privilegeviolationonspecifieddevice
		privilegeviolationcallingdevice privilegeviolationactivedevice privilegeviolationhelddevice
		privilegeviolationondivertingdevice privilegeviolationpickupdevice securityviolation`},
	{"number-forbidden", "This account may not call that number: ask the administrator of the PBX.",
		`privilegeviolationcalleddevice privilegeviolationdestinationdevice`},
	{"not-an-agent", "The PBX does not know you as an agent of this queue: ask its administrator.",
		`invalidagentidentifier invalidagentgroup invalidagentstate invalidagentpassword`},
	{"telephone-cannot", "The telephone cannot do this: use its own keys.",
		`requestincompatiblewithdevice requestincompatiblewithcallingdevice requestincompatiblewithcalleddevice
		requestincompatiblewithsubjectdevice requestincompatiblewithactivedevice requestincompatiblewithhelddevice
		requestincompatiblewithdivertingdevice requestincompatiblewithdestinationdevice
		requestincompatiblewithpickupdevice requestincompatiblewithmedia`},
}

// noEffects says what to check when a service was accepted but had no effect: a positive answer means no more
// than "registered" (vendor page answerCall, and others). If the window already says what failed, that is not
// repeated.
var noEffects = map[string]string{
	"MakeCall":               "The PBX agreed, but no call began: lift the handset when the telephone rings, and look whether it is connected.",
	"AnswerCall":             "The telephone did not answer: pick up the handset; only a telephone that allows auto-answer can be answered from here.",
	"ClearConnection":        "The telephone did not hang up: put the handset down.",
	"HoldCall":               "The call was not put on hold: use the telephone's own key.",
	"RetrieveCall":           "The call was not resumed: use the telephone's own key.",
	"AlternateCall":          "The calls were not swapped: use the telephone's own keys.",
	"ConferenceCall":         "The calls were not joined: use the telephone's own keys.",
	"ConsultationCall":       "The PBX agreed, but no call began: look at the number and at the telephone, and try again.",
	"ReconnectCall":          "The caller is still on hold: hang up the other call, and resume this one.",
	"TransferCall":           "The PBX agreed, but nothing happened: look at the telephone whether both calls are still there, and try again.",
	"SingleStepTransferCall": "The PBX agreed, but nothing happened: look at the number, and try again, or ask there first.",
	"DeflectCall":            "The PBX agreed, but nothing happened: look at the number, or answer the call and transfer it.",
	"DirectedPickupCall":     "The PBX agreed, but nothing happened: look whether the call still rings, and try again.",
	"SetDoNotDisturb":        "The PBX agreed, but nothing happened: switch do-not-disturb at the telephone.",
	"SetForwarding":          "The PBX agreed, but nothing happened: look at the number, or set the forwarding at the telephone.",
	"SetCallProfile":         "The PBX agreed, but nothing happened: look at the call profile on the web page of the PBX.",
	"SetQueueMember":         "The PBX agreed, but nothing happened: ask its administrator whether you are an agent of that queue.",
}

// offered are the names of services, for a sentence that begins with "The PBX does not offer".
var offered = map[string]string{
	"MakeCall":               "dialling from here",
	"AnswerCall":             "answering from here",
	"ClearConnection":        "hanging up from here",
	"HoldCall":               "hold",
	"RetrieveCall":           "resuming a call from here",
	"AlternateCall":          "swapping calls",
	"ConferenceCall":         "conferences",
	"ConsultationCall":       "asking first",
	"ReconnectCall":          "going back to the caller",
	"TransferCall":           "connecting two calls",
	"SingleStepTransferCall": "transfer at once",
	"DeflectCall":            "transferring a ringing call",
	"DirectedPickupCall":     "picking up a colleague's call",
	"GenerateDigits":         "digits from here",
	"SetDoNotDisturb":        "do-not-disturb",
	"GetDoNotDisturb":        "do-not-disturb",
	"SetForwarding":          "forwarding",
	"GetForwarding":          "forwarding",
}

// offeredElsewhere are the services for which no telephone has a key.
var offeredElsewhere = map[string]string{
	"GetCallProfile": "call profiles",
	"SetCallProfile": "call profiles",
	"GetQueue":       "queues",
	"GetQueueMember": "queues",
	"SetQueueMember": "signing in and out of queues",
	"MonitorTrunk":   "watching colleagues",
}

// RefusedWords says, for a disabled button, that the PBX does not have a service; reason is the PBX's own text.
func RefusedWords(service, reason string) string { return notOffered(service, reason).String() }

func notOffered(service, reason string) Message {
	words := Plain(reason, maxReason)
	if words == "" {
		words = service
	}
	if what, ok := offeredElsewhere[service]; ok {
		return New("not-offered", "The PBX does not offer {{.What}} ({{.Words}}): ask its administrator.", "Words", words).Word("What", what)
	}
	if what, ok := offered[service]; ok {
		return New("not-offered", "The PBX does not offer {{.What}} ({{.Words}}): use the telephone's own keys.", "Words", words).Word("What", what)
	}
	return New("not-offered", "The PBX does not offer this ({{.Words}}): use the telephone.", "Words", words)
}

// maxReason is how much of the server's text is quoted within a sentence.
const maxReason = 60

// unoffered reports whether a value says that the PBX does not have a service: the standard's values, and
// ASP.NET Core's for a method that a hub does not have.
func unoffered(value string) bool {
	fold := folded(value)
	return slices.Contains([]string{"servicenotsupported", "featurenotavailable"}, fold) ||
		strings.Contains(fold, "methoddoesnotexist") || strings.Contains(fold, "unknownhubmethod")
}

// folded returns a value without case, spaces and punctuation: the vendor is not consistent about them.
func folded(value string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(value))
}

// explainService explains what the PBX refused.
func explainService(err error) Message {
	var e *csta.ServiceError
	if !errors.As(err, &e) {
		if errors.Is(err, csta.ErrLoginRefused) {
			return New("login-refused", "The PBX refused the login: look at the user ID, the password and the PBX domain in the settings.")
		}
		return Message{}
	}
	words := Plain(e.Value, MaxWords)
	switch {
	case errors.Is(err, csta.ErrLoginRefused) && words == "":
		return New("login-refused", "The PBX refused the login: look at the user ID, the password and the PBX domain in the settings.")
	case errors.Is(err, csta.ErrLoginRefused):
		return New("login-refused", "The PBX refused the login ({{.Words}}): look at the user ID, the password and the PBX domain in the settings.", "Words", words)
	}
	known := refusal(e)
	switch {
	case e.Service == "MonitorStart" && known.English == "": // without the monitor, no calls are seen
		return New("monitor-refused", "The PBX does not tell this account of calls ({{.Words}}): ask its administrator to allow monitoring.", "Words", words)
	case known.English != "":
		return known
	case unoffered(e.Value):
		return notOffered(e.Service, e.Value)
	case words == "":
		return New("refused", "The PBX refused this and did not say why: try again, or use the telephone.")
	}
	return New("refused", "The PBX refused this ({{.Words}}): try again, or use the telephone.", "Words", words)
}

// refusal returns the sentence for a known value; the zero Message for an unknown one.
func refusal(e *csta.ServiceError) Message {
	fold := folded(e.Value)
	if fold == "generic" || fold == "" { // only a category: "stateIncompatibility"
		fold = folded(e.Category)
	}
	for _, r := range refusals {
		if slices.Contains(strings.Fields(r.values), fold) {
			return Message{Code: r.code, English: r.sentence}
		}
	}
	return Message{}
}

// explainRequest explains what happened to a service that was not refused, and is not known to have succeeded.
func explainRequest(err error) Message {
	var request *csta.RequestError
	if !errors.As(err, &request) {
		return Message{}
	}
	s, known := noEffects[request.Service]
	switch {
	case errors.Is(err, csta.ErrNoEffect) && known:
		return Message{Code: "no-effect", English: s}
	case errors.Is(err, csta.ErrNoAnswer) && known: // it may have succeeded
		return New("not-confirmed", "The PBX did not answer: look at the telephone whether it was done, before you try again.")
	}
	return Message{}
}
