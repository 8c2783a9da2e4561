package pbxsim_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"strings"

	"calltray/pbxsim"
)

// A client of the TCP gateway logs in and monitors extension 200; then somebody calls.
func Example() {
	p := pbxsim.New(pbxsim.Config{})
	defer p.Close()
	url, err := p.ListenTCP("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}

	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "tcp://"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	next := func() string {
		doc, _ := in.ReadString(0)
		root, _, _ := strings.Cut(strings.TrimPrefix(doc, "<"), " ")
		return root
	}
	fmt.Fprint(conn, `<StartApplicationSession><applicationInfo><applicationSpecificInfo>`+
		`<vendorData:userID>user@example.dk</vendorData:userID>`+
		`<vendorData:password>secret</vendorData:password>`+
		`<vendorData:pbxDomain>`+p.Domain()+`</vendorData:pbxDomain>`+
		`</applicationSpecificInfo></applicationInfo></StartApplicationSession>`+"\x00")
	fmt.Println(next())
	fmt.Fprint(conn, `<MonitorStart><monitorObject><deviceObject>u-12345678-200</deviceObject></monitorObject></MonitorStart>`+"\x00")
	fmt.Println(next())

	call, err := p.Call("22334455", "200", "Ærø Bageri")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(next())
	if err := call.Answer("200"); err != nil {
		fmt.Println(err)
	}
	fmt.Println(next())

	// Output:
	// StartApplicationSessionPosResponse
	// MonitorStartResponse
	// DeliveredEvent
	// EstablishedEvent
}

// A script plays people: here a caller gives up before anybody answers.
func ExamplePBX_Run() {
	p := pbxsim.New(pbxsim.Config{Seed: 1})
	defer p.Close()
	script := strings.NewReader(`
		call 22334455 200 "Ærø Bageri"
		calls
		clear
		calls`)
	if err := p.Run(context.Background(), script, os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// event Delivered 22334455 SIP/hpbx-00000233
	// event Delivered 200 SIP/hpbx-00000234
	// call 0329edab-29a1-4799-9653-604a8c07d016
	// leg 0329edab-29a1-4799-9653-604a8c07d016 SIP/hpbx-00000233 22334455 Ringing out 200 200 "Ærø Bageri"
	// leg 0329edab-29a1-4799-9653-604a8c07d016 SIP/hpbx-00000234 200 Alerting in 22334455 200 "Ærø Bageri"
	// calls 1
	// event ConnectionCleared 22334455 SIP/hpbx-00000233
	// event ConnectionCleared 200 SIP/hpbx-00000234
	// calls 0
}
