package transport

import (
	"encoding/json"

	"calltray/cstasession/internal/wire"
)

// hubRecord is the envelope of every record; a handshake's answer has its error alone.
type hubRecord struct {
	Type         int               `json:"type"`
	Target       string            `json:"target"`
	InvocationID string            `json:"invocationId"`
	Arguments    []json.RawMessage `json:"arguments"`
	Result       json.RawMessage   `json:"result"`
	Error        string            `json:"error"`
}

// event hands on what the server told.
func (h *hubConn) event(r hubRecord) {
	if r.Target == "" || len(r.Arguments) == 0 {
		h.amiss.warn("an event without name or content was skipped", "target", h.secret.Clean(r.Target))
		return
	}
	m, err := wire.HubEvent(r.Target, r.Arguments[0])
	if err != nil {
		h.amiss.warn("an unreadable event was skipped", "target", h.secret.Clean(r.Target), "err", err)
		return
	}
	h.deliver(Inbound{Msg: m})
}
