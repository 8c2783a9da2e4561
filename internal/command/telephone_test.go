package command

import (
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/text"
)

// TestForwardingIs: every type of the standard, and the vendor's word for a busy tone, is told in the user's
// language; what nobody knows is quoted. (ECMA-323 ForwardingType; vendor page getForwarding)
func TestForwardingIs(t *testing.T) {
	defer text.Use(text.Language())
	party := func(number string) csta.Party {
		return csta.Party{Number: number, Name: map[string]string{"202": "Bo"}[number]}
	}
	for _, c := range []struct {
		rule            csta.Forwarding
		english, danish string
	}{
		{csta.Forwarding{Type: "forwardImmediate", To: "busy"}, "All calls are forwarded to the busy tone.", "Alle opkald viderestilles til optagettonen."},
		{csta.Forwarding{Type: "forwardImmInt", To: "202"}, "All internal calls are forwarded to Bo (202).", "Alle interne opkald viderestilles til Bo (202)."},
		{csta.Forwarding{Type: "forwardImmExt", To: "22334455"}, "All external calls are forwarded to 22 33 44 55.", "Alle eksterne opkald viderestilles til 22 33 44 55."},
		{csta.Forwarding{Type: "forwardBusy", To: "voicemail"}, "When you are busy, calls are forwarded to “voicemail”.", "Når du er optaget, viderestilles opkald til “voicemail”."},
		{csta.Forwarding{Type: "forwardBusyInt", To: "202"}, "When you are busy, internal calls are forwarded to Bo (202).", "Når du er optaget, viderestilles interne opkald til Bo (202)."},
		{csta.Forwarding{Type: "FORWARDBUSYEXT", To: "202"}, "When you are busy, external calls are forwarded to Bo (202).", "Når du er optaget, viderestilles eksterne opkald til Bo (202)."},
		{csta.Forwarding{Type: "forwardNoAns", To: "202"}, "Unanswered calls are forwarded to Bo (202).", "Ubesvarede opkald viderestilles til Bo (202)."},
		{csta.Forwarding{Type: "forwardNoAnsInt", To: "Busy", After: 20 * time.Second}, "Unanswered internal calls are forwarded to the busy tone after 20 seconds.", "Ubesvarede interne opkald viderestilles til optagettonen efter 20 sekunder."},
		{csta.Forwarding{Type: "forwardNoAnsExt", To: "202"}, "Unanswered external calls are forwarded to Bo (202).", "Ubesvarede eksterne opkald viderestilles til Bo (202)."},
		{csta.Forwarding{Type: "forwardDND", To: "202"}, "During do-not-disturb, calls are forwarded to Bo (202).", "Ved “Forstyr ikke” viderestilles opkald til Bo (202)."},
		{csta.Forwarding{Type: "forwardDNDInt", To: "202"}, "During do-not-disturb, internal calls are forwarded to Bo (202).", "Ved “Forstyr ikke” viderestilles interne opkald til Bo (202)."},
		{csta.Forwarding{Type: "forwardDNDExt", To: ""}, "During do-not-disturb, external calls are forwarded to an unknown number.", "Ved “Forstyr ikke” viderestilles eksterne opkald til et ukendt nummer."},
		{csta.Forwarding{Type: "forwardAtNight", To: "202"}, "Some calls (“forwardAtNight”) are forwarded to Bo (202).", "Nogle opkald (“forwardAtNight”) viderestilles til Bo (202)."},
	} {
		c.rule.Active = true
		m := ForwardingIs([]csta.Forwarding{c.rule}, party)
		if got := m.InEnglish(); got != c.english {
			t.Errorf("%s: it says %q, want %q", c.rule.Type, got, c.english)
		}
		text.Use(text.Danish)
		if got := m.String(); got != c.danish {
			t.Errorf("%s: it says %q, want %q", c.rule.Type, got, c.danish)
		}
	}
}
