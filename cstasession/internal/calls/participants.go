package calls

import (
	"strings"

	"calltray/cstasession/csta"
	"calltray/cstasession/internal/wire"
)

// ReadTestimony reads a SnapshotCallResponse.
func ReadTestimony(m wire.Message) Testimony {
	return Testimony{Participants: ReadParticipants(m), Caller: wire.ReadDevice(m.Body.Child("callingDevice"))}
}

// ReadParticipants reads a SnapshotCallResponse. It returns nil if that names nobody, as a PBX that has the
// service in name only may answer. (ECMA-323 §14.1)
func ReadParticipants(m wire.Message) (list []csta.Participant) {
	data := m.Body.Find("snapshotData")
	if data == nil {
		return nil
	}
	for i := range data.Children {
		info := &data.Children[i]
		p := csta.Participant{Device: wire.ReadDevice(info.Child("deviceOnCall")), ID: wire.ReadConnection(info.Child("callIdentifier"))}
		if !strings.EqualFold(info.Name, "snapshotCallResponseInfo") || p.Device == "" && p.ID.IsZero() {
			continue
		}
		item := wire.SnapshotItem{}
		if state := info.Value("localConnectionInfo"); state != "" {
			item.States = []string{strings.ToLower(state)}
		}
		if list == nil {
			list = []csta.Participant{}
		}
		if phase, lives := snapshotPhase(item); lives {
			p.Phase = phase
			list = append(list, p)
		}
	}
	return list
}
