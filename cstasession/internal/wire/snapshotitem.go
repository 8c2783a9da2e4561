package wire

import (
	"strings"

	"calltray/cstasession/csta"
)

// SnapshotItem is one call of a SnapShotDeviceResponse.
type SnapshotItem struct {
	Leg     csta.ConnectionID
	Remote  csta.DeviceID
	Linkage string
	States  []string // localCallState, in lower case, as in the standard
}

// ReadSnapshot reads the calls of a device: in the vendor's form, of which only the empty one is published, and
// in the standard's. Items without a connection are not calls. (ECMA-323 §14.2)
func ReadSnapshot(m Message) []SnapshotItem {
	data := m.Body.Find("snapshotData")
	if data == nil {
		return nil
	}
	var items []SnapshotItem
	for i := range data.Children {
		info := &data.Children[i]
		leg := ReadConnection(info.Child("connectionIdentifier"))
		if leg.IsZero() {
			leg = ReadConnection(info)
		}
		if !strings.EqualFold(info.Name, "snapshotDeviceResponseInfo") || leg.IsZero() {
			continue
		}
		item := SnapshotItem{Leg: leg, Remote: ReadDevice(info.Child("endpointDevice")), Linkage: ReadLinkage(info)}
		if state := info.Child("localCallState"); state != nil {
			item.States = append(item.States, Leaves(state)...)
		}
		if state := info.Value("localConnectionInfo"); state != "" {
			item.States = append(item.States, strings.ToLower(state))
		}
		items = append(items, item)
	}
	return items
}
