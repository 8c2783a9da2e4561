package cstasession

import (
	"calltray/cstasession/csta"
	"strings"
)

// readConnection reads a ConnectionID; the vendor's placeholders are read as absent.
func readConnection(e *element) csta.ConnectionID {
	return csta.ConnectionID{CallID: csta.Identifier(printable(e.value("callID"))), DeviceID: readDevice(e.child("deviceID"))}
}

// readDevice reads a device: text, a deviceIdentifier around it, or one of the standard's words for a
// device that is not told, which read as "".
func readDevice(e *element) csta.DeviceID {
	if e == nil {
		return ""
	}
	for len(e.children) > 0 {
		inner := e.child("deviceIdentifier")
		if inner == nil {
			inner = e.child("numberDialed") // RedirectionDevice
		}
		if inner == nil {
			return ""
		}
		e = inner
	}
	switch id := csta.Identifier(printable(e.text)); strings.ToLower(id) {
	case "notknown", "restricted", "anonymous", "unknown", "notrequired", "notspecified":
		return ""
	default:
		return csta.DeviceID(id)
	}
}

// readLinkage reads the call's linkage: the vendor writes globalCallLinkageId with text, the standard
// globalCallLinkageID with one of two children, and where calls were joined it tells the old one too.
func readLinkage(b *element) string {
	if joined := b.child("callLinkageDataList").child("newCallLinkageData"); joined != nil {
		b = joined
	}
	id := b.find("globalCallLinkageID")
	for id != nil && len(id.children) > 0 {
		id = &id.children[0]
	}
	if id == nil {
		return ""
	}
	return csta.Identifier(printable(id.text))
}
