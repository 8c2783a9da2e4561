package cstasession

import (
	"calltray/cstasession/csta"
	"strings"
)

// snapshotItem is one call of a SnapShotDeviceResponse.
type snapshotItem struct {
	leg     csta.ConnectionID
	remote  csta.DeviceID
	linkage string
	states  []string // localCallState, in lower case, as the standard has them
}

// readSnapshot reads the calls of a device: in the vendor's shape, of which only the empty one is
// published, and in the standard's. Items without a connection are no calls. (ECMA-323 §14.2)
func readSnapshot(m message) []snapshotItem {
	data := m.body.find("snapshotData")
	if data == nil {
		return nil
	}
	var items []snapshotItem
	for i := range data.children {
		info := &data.children[i]
		leg := readConnection(info.child("connectionIdentifier"))
		if leg.IsZero() {
			leg = readConnection(info)
		}
		if !strings.EqualFold(info.name, "snapshotDeviceResponseInfo") || leg.IsZero() {
			continue
		}
		item := snapshotItem{leg: leg, remote: readDevice(info.child("endpointDevice")), linkage: readLinkage(info)}
		if state := info.child("localCallState"); state != nil {
			item.states = append(item.states, leaves(state)...)
		}
		if state := info.value("localConnectionInfo"); state != "" {
			item.states = append(item.states, strings.ToLower(state))
		}
		items = append(items, item)
	}
	return items
}
