package cli

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"calltray/internal/account"
	"calltray/internal/app"
	"calltray/internal/text"
	"calltray/pbxsim"
)

// The demonstration's one caller, and how long after the login that call comes; and how often something happens
// in the office.
const (
	demoCaller = "22334455"
	demoName   = "Ærø Bageri"
	demoDevice = "200"
	demoAfter  = 3 * time.Second
	demoRate   = 0.5 // a second
)

// demoOffice has the user and ten colleagues. The user is a member of one queue, and signed out of it: its
// calls would interfere.
var demoOffice = pbxsim.Config{
	Users: []pbxsim.User{{UserID: "demo@example.dk", Password: "demo"}},
	Extensions: []pbxsim.Extension{
		{Number: demoDevice, Name: "Astrid Lund", AutoAnswer: true},
		{Number: "201", Name: "Bo Østergaard", AutoAnswer: true},
		{Number: "202", Name: "Cecilie Holm", AutoAnswer: true},
		{Number: "203", Name: "Søren Kjær", AutoAnswer: true},
		{Number: "204", Name: "Åse Vestergaard", AutoAnswer: true},
		{Number: "205", Name: "Jørgen Dahl", AutoAnswer: true},
		{Number: "206", Name: "Mette Ågård", AutoAnswer: true},
		{Number: "207", Name: "Øjvind Møller", AutoAnswer: true},
		{Number: "208", Name: "Lars Brandt", AutoAnswer: true},
		{Number: "209", Name: "Freja Bækgaard", AutoAnswer: true},
		{Number: "210", Name: "Ida Nørgaard", AutoAnswer: true},
	},
	Queues: []pbxsim.Queue{
		{Number: "400", Name: "Reception", Members: []string{"201", "202", "203"}},
		{Number: "410", Name: "Salg", Members: []string{"204", "205", "206", demoDevice}},
	},
	Outside: pbxsim.Demo,
}

func (c *console) demoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: text.Say("Show the application with a simulated PBX, without an account"),
		Long: text.Say(`Demo starts a simulated PBX inside the program, and the application logged in to it over real sockets on this
computer only. After three seconds somebody calls. Every outside number that you dial is answered after two
seconds, except 999, which is busy, and 998, which nobody answers. Meanwhile ten colleagues and two queues go
about their work.

Your settings and your keyring are not touched.`),
		Args: noArguments,
	}
	gateway := cmd.Flags().String("gateway", "tcp", text.Say("how the application talks to the PBX: tcp (XML) or signalr (JSON)"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *gateway != "tcp" && *gateway != "signalr" {
			return &usageError{text.New("usage", "The gateway is tcp or signalr, not {{.Gateway}}.", "Gateway", text.Quote(*gateway))}
		}
		return c.demo(cmd, *gateway)
	}
	return cmd
}

func (c *console) demo(cmd *cobra.Command, gateway string) error {
	log := c.logger(cmd)
	if err := c.platform.Display(); err != nil {
		return err // the PBX does not exist yet
	}
	office := demoOffice
	office.Logger = log
	pbx := newDemoPBX(office)
	defer pbx.Close()
	listen := pbx.ListenTCP
	if gateway == "signalr" {
		listen = pbx.ListenHTTP
	}
	url, err := listen("127.0.0.1:0")
	if err != nil {
		return cannotListen("127.0.0.1", err)
	}
	err = c.say(text.New("demo", "A simulated PBX listens at {{.Address}}; you are extension {{.Extension}}. {{.Name}} calls in a moment.",
		"Address", url, "Extension", demoDevice, "Name", demoName))
	if err != nil {
		return err
	}
	play := &demoPlay{pbx: pbx, log: log}
	defer pbx.Watch(func(line string) {
		if words := strings.Fields(line); words[0] != "event" || words[2] == demoDevice {
			_ = c.line("pbx: " + line) // the window shows what the colleagues do
		}
		play.watch(cmd.Context(), line)
	})()

	user := office.Users[0]
	settings := account.Settings{URL: url, UserID: user.UserID, PBXDomain: pbx.Domain(), Device: demoDevice}
	return app.New(app.Config{Platform: c.platform, Settings: settings, Password: user.Password, Demo: true, Names: demoNames(office), Logger: log}).Run(cmd.Context())
}

// newDemoPBX returns the PBX of the demonstration, with its user signed out of the queue.
func newDemoPBX(office pbxsim.Config) *pbxsim.PBX {
	pbx := pbxsim.New(office)
	_ = pbx.SignIn("410", demoDevice, false) // this does not fail: the user is a member
	return pbx
}

// demoNames are the colleagues' names, as the user's own: the vendor's PBX sends a name only with a call of its
// owner's, so most would stay unknown for the length of a demonstration.
func demoNames(office pbxsim.Config) account.Names {
	names := account.Names{}
	for _, e := range office.Extensions {
		names[e.Number] = e.Name
	}
	return names
}

// demoPlay is what happens in the demonstration by itself, once each, when the application is ready.
type demoPlay struct {
	pbx            *pbxsim.PBX
	log            *slog.Logger
	caller, office sync.Once
}

// watch receives the lines of PBX.Watch.
func (d *demoPlay) watch(ctx context.Context, line string) {
	switch {
	case strings.Contains(line, " monitor u-"):
		d.caller.Do(func() { time.AfterFunc(demoAfter, d.call) })
	case strings.Contains(line, " monitor t-"):
		d.office.Do(func() { go d.live(ctx) })
	}
}

func (d *demoPlay) call() {
	if _, err := d.pbx.Call(demoCaller, demoDevice, demoName); err != nil {
		d.log.Warn("the demonstration's caller", "err", err)
	}
}

// live makes the colleagues work until the PBX closes. Two of them are away from the start, one is in a call,
// and somebody waits in a queue, so that every state can be seen.
func (d *demoPlay) live(ctx context.Context) {
	talk, err := d.pbx.Call("33557799", "207", "Gunnar Ø. Juul")
	if err == nil {
		err = talk.Answer("207")
	}
	_, waits := d.pbx.Call("44668800", "400", "Åkirke & Søn")
	if err := errors.Join(err, waits, d.pbx.DoNotDisturb("206", true), d.pbx.Forward("209", "201")); err != nil {
		d.log.Warn("the demonstration's colleagues", "err", err)
	}
	d.pbx.Life(ctx, demoRate, demoDevice)
}
