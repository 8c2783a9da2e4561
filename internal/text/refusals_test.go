package text

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"calltray/cstasession"
	"calltray/cstasession/csta"
)

// What the user reads for each service that is agreed to, and has no effect.
func TestEveryServiceWithoutEffectHasItsSentence(t *testing.T) {
	test.NewTempApp(t)
	seen, general := map[string]string{}, Explain(csta.ErrNoEffect)
	for _, service := range phoneServices() {
		err := fmt.Errorf("wrapped: %w", &csta.RequestError{Service: service, Err: csta.ErrNoEffect})
		got := Explain(err)
		if (got == general) != (service == "GenerateDigits" || strings.HasPrefix(service, "Get")) {
			t.Errorf("%s without effect: %q", service, got)
		}
		if other, ok := seen[got]; ok && got != general {
			t.Errorf("%s and %s have one sentence: %q", service, other, got)
		}
		seen[got] = service
		checkSentence(t, got)
	}
}

// phoneServices lists what people ask a session for: its methods that take a context. SnapshotCall is asked
// for by programs.
func phoneServices() (list []string) {
	session, ctx := reflect.TypeFor[*cstasession.Session](), reflect.TypeFor[context.Context]()
	for i := range session.NumMethod() {
		if m := session.Method(i); m.Name != "Run" && m.Name != "SnapshotCall" && m.Type.NumIn() > 1 && m.Type.In(1) == ctx {
			list = append(list, m.Name)
		}
	}
	return list
}

func checkSentence(t *testing.T, s string) {
	t.Helper()
	if n := len([]rune(s)); n < 20 || n > 180 || !strings.HasSuffix(s, ".") || strings.Count(s, ". ") > 0 || !strings.Contains(s, ":") || strings.ContainsAny(s, "\n\x00\x1b\u202e") {
		t.Errorf("%q (%d characters) is not one sentence of what happened and what to do next", s, n)
	}
}

func TestServicesThatWereNotAnswered(t *testing.T) {
	test.NewTempApp(t)
	for service, want := range map[string]string{
		"HoldCall": "look at the telephone whether it was done", "SetDoNotDisturb": "look at the telephone whether it was done",
		"MakeCall": "look at the telephone whether it was done", "GetCallProfile": "try again in a moment", "MonitorStart": "tries again by itself",
	} {
		got := Explain(&csta.RequestError{Service: service, Err: csta.ErrNoAnswer})
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q in it", service, got, want)
		}
	}
}

// The values that the standard has for such services, as far as a user can do something about them.
func TestExplainRefusals(t *testing.T) {
	test.NewTempApp(t)
	for _, c := range []struct{ service, category, value, want string }{
		{"SingleStepTransferCall", "operation", "invalidDestination", "does not know this number"},
		{"DeflectCall", "operation", "invalidDestinationDeviceID", "does not know this number"},
		{"SetForwarding", "operation", "invalidForwardingDestination", "does not know this number"},
		{"SetForwarding", "operation", "featureAlreadySet", "so already"},
		{"ConsultationCall", "operation", "notDifferentDevices", "another number"},
		{"HoldCall", "operation", "privilegeViolationSpecifiedDevice", "may not use that extension"},
		{"DirectedPickupCall", "operation", "privilegeViolationPickUpDevice", "may not use that extension"},
		{"DeflectCall", "operation", "privilegeViolationDestinationDevice", "may not call that number"},
		{"DirectedPickupCall", "operation", "noCallToPickup", "not there any more"},
		{"AnswerCall", "stateIncompatibility", "noCallToAnswer", "not there any more"},
		{"TransferCall", "stateIncompatibility", "noHeldCall", "not there any more"},
		{"HoldCall", "operation", "invalidCallID", "not there any more"},
		{"RetrieveCall", "stateIncompatibility", "connectedCallExists", "in the way"},
		{"TransferCall", "stateIncompatibility", "invalidHeldConnectionState", "look at the telephone"},
		{"HoldCall", "stateIncompatibility", "generic", "look at the telephone"},
		{"ConsultationCall", "systemResourceAvailability", "resourceBusy", "busy"},
		{"ConferenceCall", "systemResourceAvailability", "conferenceMemberLimitExceeded", "conference is full"},
		{"SetQueueMember", "operation", "invalidAgentIdentifier", "agent of this queue"},
		{"HoldCall", "operation", "requestIncompatibleWithDevice", "its own keys"},
		{"HoldCall", "operation", "serviceNotSupported", "does not offer hold (serviceNotSupported): use the telephone's own keys"},
		{"SetQueueMember", "operation", "serviceNotSupported", "does not offer signing in and out of queues (serviceNotSupported): ask its administrator"},
		{"HoldCall", "", "Failed to invoke 'HoldCall' because the Method does not exist.", "does not offer hold (Failed to invoke 'HoldCall'"},
		{"HoldCall", "", "nej,\x00 \u202eikke\n nu", "refused this (nej, ikke nu)"},
		{"HoldCall", "operation", "generic", "refused this (generic)"},
	} {
		got := Explain(&csta.ServiceError{Service: c.service, Category: c.category, Value: c.value})
		if !strings.Contains(got, c.want) {
			t.Errorf("%s %s %s: %q, want %q in it", c.service, c.category, c.value, got, c.want)
		}
		if !strings.Contains(got, "not there any more") {
			checkSentence(t, got)
		}
	}
}

// A greyed button says why; a reason that a hostile server makes up stays words in brackets.
func TestRefusedWords(t *testing.T) {
	test.NewTempApp(t)
	for _, service := range append(phoneServices(), "MonitorTrunk", "GetQueue", "GetForwarding", "NoSuchService") {
		for _, reason := range []string{"serviceNotSupported", "", strings.Repeat("x", 5000), "a\n\x1b[31m\u202eb {{.Words}} <b>"} {
			checkSentence(t, RefusedWords(service, reason))
		}
		if got, general := RefusedWords(service, "no"), strings.Contains(RefusedWords(service, "no"), "offer this"); general != (service == "NoSuchService") {
			t.Errorf("%s: %q", service, got)
		}
	}
}

// The values are those of the standard, folded: a misspelt one would never be met.
func TestRefusalsAreFolded(t *testing.T) {
	var all []string
	for _, r := range refusals {
		for _, v := range strings.Fields(r.values) {
			if folded(v) != v {
				t.Errorf("%q is not folded", v)
			}
			if slices.Contains(all, v) {
				t.Errorf("%q is there twice", v)
			}
			all = append(all, v)
		}
	}
	if len(all) < 80 {
		t.Errorf("only %d values", len(all))
	}
}

// The tables name services that exist: those that cstasession sends.
func TestTablesNameServices(t *testing.T) {
	var sources strings.Builder
	err := filepath.WalkDir("../../cstasession", func(name string, e fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		source, err := os.ReadFile(name)
		sources.Write(source)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []map[string]string{noEffects, offered, offeredElsewhere} {
		for service := range table {
			if !strings.Contains(sources.String(), strconv.Quote(service)) {
				t.Errorf("%q is no service", service)
			}
		}
	}
}
