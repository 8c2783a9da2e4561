package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"calltray/account"
	"calltray/pbxsim"
	"calltray/ui/native"
)

// The demonstration's one caller, and how long after the login he calls.
const (
	demoCaller = "22334455"
	demoName   = "Ærø Bageri"
	demoDevice = "200"
	demoAfter  = 3 * time.Second
)

func demoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the application with a simulated PBX, without an account",
		Long: `Demo starts a simulated PBX inside the program and the application logged in to it, over real
sockets on this machine only. After three seconds somebody calls. Every number that you dial is
answered after two seconds, but for 999, which is busy, and 998, which nobody answers.

Your settings and your keyring are not touched.`,
		Args: wordless,
	}
	gateway := cmd.Flags().String("gateway", "tcp", "how the application talks to the PBX: tcp (XML) or signalr (JSON)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *gateway != "tcp" && *gateway != "signalr" {
			return usageError{fmt.Errorf("the gateway is tcp or signalr, not %q", *gateway)}
		}
		return runDemo(cmd, *gateway)
	}
	return cmd
}

func runDemo(cmd *cobra.Command, gateway string) error {
	log := logger(cmd)
	if err := native.New(log).Display(); err != nil {
		return sentence(err.Error()) // before there is an exchange
	}
	user := pbxsim.User{UserID: "demo@example.dk", Password: "demo"}
	pbx := pbxsim.New(pbxsim.Config{Users: []pbxsim.User{user}, Outside: pbxsim.Demo, Logger: log})
	defer pbx.Close()
	listen := pbx.ListenTCP
	if gateway == "signalr" {
		listen = pbx.ListenHTTP
	}
	url, err := listen("127.0.0.1:0")
	if err != nil {
		return sentence(fmt.Sprintf("The simulated PBX cannot listen on this machine: %v.", err))
	}
	cmd.Printf("A simulated PBX listens at %s; you are extension %s. %s calls in a moment.\n", url, demoDevice, demoName)
	var once sync.Once
	defer pbx.Watch(func(line string) {
		cmd.Printf("pbx: %s\n", line)
		if strings.Contains(line, " monitor ") {
			once.Do(func() {
				time.AfterFunc(demoAfter, func() {
					if _, err := pbx.Call(demoCaller, demoDevice, demoName); err != nil {
						log.Warn("the demonstration's caller", "err", err)
					}
				})
			})
		}
	})()

	settings := account.Settings{URL: url, UserID: user.UserID, PBXDomain: pbx.Domain(), Device: demoDevice}
	a := newApp(settings, true, log)
	a.memory.keep(settings, user.Password)
	return a.run(cmd.Context())
}
