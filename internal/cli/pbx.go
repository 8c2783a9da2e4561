package cli

import (
	"context"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"calltray/internal/text"
	"calltray/pbxsim"
)

func (c *console) pbxCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pbx",
		Short: text.Say("Run a simulated PBX, to develop and test against"),
		Long: text.Say(`Pbx runs a simulated PBX with the two CSTA gateways, so that a program can be developed against it without an
account. It has extensions 200 to 203, queue 400 and a trunk, or with --extensions an office of any size: its
extensions are 200 to 399 and then 5000, 5001, ..., and its queues begin at 400. It reads commands at its prompt
(“help” lists them) or from a script, and prints what its clients do (“watch off” ends that).

With --life people call each other, answer, hold and transfer at random, as often as you say. Extension 200, and
extensions that a client monitors, are only called, through the queues that they are in.

A script holds the commands of the prompt, one to a line. After the script, or the end of its input, the PBX runs
until Ctrl-C.`),
		Example: `  calltray pbx --tcp :7000 --http :7080
  calltray pbx --extensions 500 --life 2/s
  echo 'call 22334455 200 "Ærø Bageri"' | calltray pbx --tcp 127.0.0.1:7000`,
		Args: noArguments,
	}
	var o pbxOptions
	cmd.Flags().StringVar(&o.tcp, "tcp", "", text.Say("listen for XML over TCP at this address, for example :7000"))
	cmd.Flags().StringVar(&o.http, "http", "", text.Say("listen for JSON over SignalR at this address, for example :7080"))
	cmd.Flags().IntVar(&o.extensions, "extensions", 0, text.Say("how many extensions the office has; 0 is the small one, 200 to 203"))
	cmd.Flags().StringVar(&o.transports, "transports", "", text.Say("what the hub offers, of WebSockets, ServerSentEvents and LongPolling; the default is all"))
	cmd.Flags().StringVar(&o.life, "life", "", text.Say("random office life, so often, for example 2/s or 30/m"))
	cmd.Flags().StringVar(&o.script, "script", "", text.Say("a file of commands to run first"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if o.tcp == "" && o.http == "" {
			o.tcp, o.http = "127.0.0.1:7000", "127.0.0.1:7080"
		}
		return c.pbx(cmd, o)
	}
	return cmd
}

// pbxOptions are the flags of the command.
type pbxOptions struct {
	tcp, http, script, life, transports string
	extensions                          int
}

// mostExtensions is more than any office has, and less than a machine can hold.
const mostExtensions = 50_000

func (c *console) pbx(cmd *cobra.Command, o pbxOptions) error {
	if o.extensions < 0 || o.extensions > mostExtensions {
		return &usageError{text.New("usage", "An office has between 1 and {{.Most}} extensions, not {{.Count}}.", "Most", strconv.Itoa(mostExtensions), "Count", strconv.Itoa(o.extensions))}
	}
	rate := 0.0
	if o.life != "" {
		var err error
		if rate, err = pbxsim.Rate(o.life); err != nil {
			return &usageError{text.New("usage", "{{.Rate}} is not a rate: write it like 2/s or 30/m.", "Rate", text.Quote(o.life))}
		}
	}
	for name := range strings.SplitSeq(o.transports, ",") {
		if o.transports != "" && !slices.Contains(pbxsim.Transports, name) {
			return &usageError{text.New("usage", "{{.Name}} is not a transport of a hub: choose from {{.Names}}.", "Name", text.Quote(name), "Names", strings.Join(pbxsim.Transports, ", "))}
		}
	}
	ctx := cmd.Context()
	var file *os.File
	if o.script != "" {
		var err error
		if file, err = os.Open(o.script); err != nil {
			return &text.Error{Err: err, Message: text.New("script-unreadable", "The script cannot be read ({{.Cause}}).", "Cause", text.Plain(err.Error(), text.MaxWords))}
		}
		defer file.Close()
	}
	user := pbxsim.User{UserID: "user@example.dk", Password: "secret"}
	var cfg pbxsim.Config
	if o.extensions > 0 {
		cfg = pbxsim.Office(o.extensions)
	}
	cfg.Behaviour.Transports = o.transports
	cfg.Users, cfg.Outside, cfg.Logger = []pbxsim.User{user}, pbxsim.Demo, c.logger(cmd)
	pbx := pbxsim.New(cfg)
	defer pbx.Close()
	for _, gateway := range []struct {
		addr, name string
		listen     func(string) (string, error)
	}{
		{o.tcp, "XML over TCP     ", pbx.ListenTCP},
		{o.http, "JSON over SignalR", pbx.ListenHTTP},
	} {
		if gateway.addr == "" {
			continue
		}
		url, err := gateway.listen(gateway.addr)
		if err != nil {
			return cannotListen(gateway.addr, err)
		}
		if err := c.line(gateway.name + "  " + url); err != nil {
			return err
		}
	}
	err := c.say(text.New("pbx", "user {{.User}}, password {{.Password}}, PBX domain {{.Domain}}, {{.Numbers}}",
		"User", user.UserID, "Password", user.Password, "Domain", pbx.Domain(), "Numbers", inhabitants(pbx)))
	if err != nil {
		return err
	}
	if rate > 0 {
		go pbx.Life(ctx, rate, "200") // it ends when the PBX closes
	}
	if file != nil {
		if err := pbx.Run(ctx, file, c.out); err != nil && ctx.Err() == nil {
			return stopped(err)
		}
	}
	in := &ending{Reader: c.in}
	if typed(in.Reader) {
		err := pbx.Run(ctx, in.Reader, c.out) // the terminal itself, so that there is a prompt
		return ignoreEnd(ctx, err)
	}
	if err := pbx.Run(ctx, in, c.out); err != nil || !in.reached.Load() {
		return ignoreEnd(ctx, err) // a mistake, "quit", or Ctrl-C
	}
	defer pbx.Watch(func(line string) { _ = c.line(line) })()
	<-ctx.Done()
	return nil
}

// inhabitants lists the extensions and queues of a PBX: "extensions 200-399, 5000-5299, queues 400-409".
func inhabitants(pbx *pbxsim.PBX) string {
	var extensions, queues []string
	for _, p := range pbx.Phones() {
		extensions = append(extensions, p.Number)
	}
	for _, q := range pbx.Queues() {
		queues = append(queues, q.Number)
	}
	if len(queues) == 0 {
		return text.Say("extensions {{.Extensions}}", "Extensions", spans(extensions))
	}
	return text.Say("extensions {{.Extensions}}, queues {{.Queues}}", "Extensions", spans(extensions), "Queues", spans(queues))
}

// spans formats sorted numbers, consecutive ones as a range.
func spans(numbers []string) string {
	var parts []string
	for i := 0; i < len(numbers); {
		first, _ := strconv.Atoi(numbers[i]) // they are all digits
		n := 1
		for i+n < len(numbers) && numbers[i+n] == strconv.Itoa(first+n) {
			n++
		}
		if n == 1 {
			parts = append(parts, numbers[i])
		} else {
			parts = append(parts, numbers[i]+"-"+numbers[i+n-1])
		}
		i += n
	}
	return strings.Join(parts, ", ")
}

func cannotListen(address string, err error) error {
	return &text.Error{Err: err, Message: text.New("cannot-listen", "The simulated PBX cannot listen at {{.Address}} ({{.Cause}}).", "Address", text.Plain(address, text.MaxName), "Cause", text.Plain(err.Error(), text.MaxWords))}
}

// stopped says at which line of its input the simulated PBX stopped.
func stopped(err error) error {
	return &text.Error{Err: err, Message: text.New("input-stopped", "The input stopped: {{.Cause}}.", "Cause", text.Plain(err.Error(), 2*text.MaxWords))}
}

// ignoreEnd turns a mistake at the prompt into a sentence; ending by Ctrl-C is not one.
func ignoreEnd(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return nil
	}
	return stopped(err)
}

// typed reports whether a person types at the other end.
func typed(in io.Reader) bool {
	f, ok := in.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// ending records whether the end of the input was reached, as opposed to "quit".
type ending struct {
	io.Reader
	reached atomic.Bool
}

func (e *ending) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	if err == io.EOF {
		e.reached.Store(true)
	}
	return n, err
}
