package cstasession_test

import (
	"context"
	"errors"
	"fmt"

	"calltray/cstasession"
	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

// A session monitors extension 200. Somebody calls; the call is answered and hung up.
func Example() {
	pbx := pbxsim.New(pbxsim.Config{}) // instead of a real one
	defer pbx.Close()
	url, err := pbx.ListenTCP("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}

	// OnChange must not block: it hands the states on.
	states := make(chan csta.State, 100)
	session, err := cstasession.New(cstasession.Config{
		URL:       url, // tls://host:port, or https://host/path
		UserID:    "user@example.dk",
		Password:  csta.NewPassword("secret"),
		PBXDomain: pbx.Domain(),
		Device:    "200",
		OnChange:  func(st csta.State) { states <- st },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- session.Run(ctx) }()

	for st := range states {
		if st.Status == csta.Online {
			break
		}
	}
	if _, err := pbx.Call("22334455", "200", "Ærø Bageri"); err != nil {
		fmt.Println(err)
	}
	var call csta.Call
	for st := range states {
		if len(st.Calls) == 1 && st.Calls[0].Phase == csta.Ringing {
			call = st.Calls[0]
			break
		}
	}
	fmt.Println(call.Direction, call.Phase, call.Remote.Number, call.Remote.Name)

	// A service returns when an event showed its effect.
	if err := session.AnswerCall(ctx, call.ID); err != nil {
		fmt.Println(err)
	}
	fmt.Println(session.State().Calls[0].Phase)
	if err := session.ClearConnection(ctx, call.ID); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(session.State().Calls))

	stop()
	fmt.Println(errors.Is(<-ended, context.Canceled))

	// Output:
	// incoming ringing 22334455 Ærø Bageri
	// active
	// 0
	// true
}
