package text

import (
	"strings"

	"calltray/cstasession/csta"
)

// TransportWord names a link's transport, if it is not WebSockets; otherwise it is empty.
func TransportWord(p csta.Path) string {
	switch p.Transport {
	case csta.ServerSentEvents:
		return Say("by server-sent events")
	case csta.LongPolling:
		return Say("by long polling")
	}
	return ""
}

// Way describes how a link reaches the gateway and, if it does not use WebSockets, why, and who can change
// that. It is empty for a link over TCP without a proxy.
func Way(p csta.Path) string {
	var said []string
	if p.Transport == csta.WebSockets {
		said = append(said, Say("The connection is a WebSocket."))
	}
	if word := TransportWord(p); word != "" {
		said = append(said, substitute(p.Obstacle, word))
	}
	if p.Proxy != "" {
		said = append(said, Say("It goes through the proxy {{.Proxy}}.", "Proxy", Plain(p.Proxy, maxHost)))
	}
	return strings.Join(said, " ")
}

// substitute says why a link does not use WebSockets.
func substitute(o csta.Obstacle, by string) string {
	switch o {
	case csta.TransportNotOffered:
		return Say("The connection goes {{.By}}, since the PBX does not offer WebSockets: its administrator can turn them on.", "By", by)
	case csta.TransportRefused:
		return Say("The connection goes {{.By}}, since the web server in front of the PBX does not let WebSockets through: its administrator can have it forward the header “Upgrade”.", "By", by)
	case csta.TransportUnanswered:
		return Say("The connection goes {{.By}}, since something in this network leaves WebSockets without an answer: its administrator can let them through to the PBX.", "By", by)
	case csta.TransportBroken:
		return Say("The connection goes {{.By}}, since something in this network breaks WebSockets off: its administrator can let them through to the PBX.", "By", by)
	case csta.TransportHeldBack:
		return Say("The connection goes {{.By}}, since something in this network holds back what comes over WebSockets: its administrator can let them through to the PBX.", "By", by)
	}
	return Say("The connection goes {{.By}}.", "By", by)
}
