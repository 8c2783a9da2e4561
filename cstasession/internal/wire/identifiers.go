package wire

import "calltray/cstasession/csta"

// ReadConnection reads a ConnectionID; the vendor's placeholders count as absent.
func ReadConnection(e *Element) csta.ConnectionID {
	return csta.ConnectionID{CallID: csta.Identifier(Printable(e.Value("callID"))), DeviceID: ReadDevice(e.Child("deviceID"))}
}

// ReadDevice reads a device: text, a deviceIdentifier around it, or one of the words for an undisclosed device,
// for which it returns "".
func ReadDevice(e *Element) csta.DeviceID {
	if e == nil {
		return ""
	}
	for len(e.Children) > 0 {
		inner := e.Child("deviceIdentifier")
		if inner == nil {
			inner = e.Child("numberDialed") // RedirectionDevice
		}
		if inner == nil {
			return ""
		}
		e = inner
	}
	id := csta.Identifier(Printable(e.Text))
	if csta.Withheld(id) {
		return ""
	}
	return csta.DeviceID(id)
}

// ReadLinkage reads the call's linkage: the vendor writes globalCallLinkageId with text, the standard
// globalCallLinkageID with one of two children and, where calls were joined, the old one too.
func ReadLinkage(b *Element) string {
	if joined := b.Child("callLinkageDataList").Child("newCallLinkageData"); joined != nil {
		b = joined
	}
	id := b.Find("globalCallLinkageID")
	for id != nil && len(id.Children) > 0 {
		id = &id.Children[0]
	}
	if id == nil {
		return ""
	}
	return csta.Identifier(Printable(id.Text))
}
