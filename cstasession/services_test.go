package cstasession

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

// Credentials that worked in this run are tried again, slowly, after a refusal.
func TestRefusalAfterGoodService(t *testing.T) {
	inFakeTime(t, "tcp", pbxsim.Config{}, nil, func(b *bubble) {
		time.Sleep(time.Hour)
		b.pbx.Set(func(w *pbxsim.Behaviour) { w.RefuseLogins, w.RefuseAs = 2, "error" })
		b.pbx.Drop()
		time.Sleep(2 * time.Minute)
		before := b.dials.Load()
		if st := b.c.now(); st.Status == csta.Online || !errors.Is(st.Err, csta.ErrLoginRefused) {
			b.t.Errorf("after the refusal: %v (%v), want %v", st.Status, st.Err, csta.ErrLoginRefused)
		}
		b.c.Wake()
		time.Sleep(time.Minute)
		if n := b.dials.Load() - before; n > 0 {
			b.t.Errorf("%d logins within three minutes of a refusal, want none", n)
		}
		time.Sleep(time.Hour)
		b.agree("an hour later")
	})
}

// A service for a call that ended a moment ago is over at once.
func TestServicesForACallThatHasEnded(t *testing.T) {
	inFakeTime(t, "tcp", pbxsim.Config{Behaviour: pbxsim.Behaviour{NoEffect: "ClearConnection,AnswerCall,HoldCall,DeflectCall"}}, nil, func(b *bubble) {
		call := b.call("22334455", "200")
		id := b.c.now().Calls[0].ID
		must(b.t, "Clear", call.Clear("22334455"))
		synctest.Wait()
		for name, service := range map[string]func() error{
			"AnswerCall":  func() error { return b.c.AnswerCall(b.t.Context(), id) },
			"HoldCall":    func() error { return b.c.HoldCall(b.t.Context(), id) },
			"DeflectCall": func() error { return b.c.DeflectCall(b.t.Context(), id, "201") },
		} {
			began := time.Now()
			if err := service(); !errors.Is(err, csta.ErrCallEnded) || time.Since(began) > 0 {
				b.t.Errorf("%s: got %v after %v, want %v at once", name, err, time.Since(began), csta.ErrCallEnded)
			}
		}
		began := time.Now()
		if err := b.c.ClearConnection(b.t.Context(), id); err != nil || time.Since(began) > 0 {
			b.t.Errorf("ClearConnection: got %v after %v, want nil at once", err, time.Since(began))
		}
	})
}

// MakeCall knows its call by what says that it is ours, where the PBX shows another number than was dialled.
func TestMakeCallOfAShortCode(t *testing.T) {
	inFakeTime(t, "tcp", pbxsim.Config{Behaviour: pbxsim.Behaviour{NoEffect: "MakeCall"}}, nil, func(b *bubble) {
		time.AfterFunc(time.Second, func() {
			b.pbx.Inject([]byte("<DeliveredEvent><monitorCrossRefID>u-12345678-200</monitorCrossRefID>" +
				"<connection><callID>SIP/hpbx-77</callID><deviceID>200</deviceID></connection>" +
				"<alertingDevice><deviceIdentifier>22334455</deviceIdentifier></alertingDevice>" +
				"<callingDevice><deviceIdentifier>200</deviceIdentifier></callingDevice>" +
				"<calledDevice><deviceIdentifier>22334455</deviceIdentifier></calledDevice><localConnectionInfo>connected</localConnectionInfo>" +
				"<privateData><cstaCallRequestType>MakeCall</cstaCallRequestType><callDirection>Outbound</callDirection>" +
				"<localStatus>Ringing</localStatus><remoteUser>22334455</remoteUser></privateData></DeliveredEvent>\x00"))
		})
		began := time.Now()
		id, err := b.c.MakeCall(b.t.Context(), "#12")
		if err != nil || id.CallID != "SIP/hpbx-77" || time.Since(began) > 2*time.Second {
			b.t.Errorf("got %v %v after %v", id, err, time.Since(began))
		}
	})
}
