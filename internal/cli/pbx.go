package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"calltray/pbxsim"
)

func pbxCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pbx",
		Short: "Run a simulated PBX, to develop and test against",
		Long: `Pbx runs a simulated PBX with the two CSTA gateways, so that a program can be developed against it
without an account. It has extensions 200 to 203, queue 400 and a trunk, or with --extensions an office
of any size: the first extension is 200, from the 201st on they are 5000, 5001, ..., and the queues begin
at 400. It takes commands at its prompt ("help" lists them) or from a script, and prints what its clients
do ("watch off" ends that).

With --life people call each other, answer, hold and transfer at random, so often; 200, and extensions
that a client monitors, are only called, by the queues that they are in.

A script holds the commands of the prompt, one to a line. After the script, or the end of its input,
the PBX runs on until Ctrl-C.`,
		Example: `  calltray pbx --tcp :7000 --http :7080
  calltray pbx --extensions 500 --life 2/s
  echo 'call 22334455 200 "Ærø Bageri"' | calltray pbx --tcp 127.0.0.1:7000`,
		Args: wordless,
	}
	var o pbxOptions
	cmd.Flags().StringVar(&o.tcp, "tcp", "", "listen for XML over TCP at this address, as :7000")
	cmd.Flags().StringVar(&o.http, "http", "", "listen for JSON over SignalR at this address, as :7080")
	cmd.Flags().IntVar(&o.extensions, "extensions", 0, "how many extensions the office has; 0 is the small one, 200 to 203")
	cmd.Flags().StringVar(&o.life, "life", "", "random office life, so often, as 2/s or 30/m")
	cmd.Flags().StringVar(&o.script, "script", "", "a file of commands to carry out first")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if o.tcp == "" && o.http == "" {
			o.tcp, o.http = "127.0.0.1:7000", "127.0.0.1:7080"
		}
		return runPBX(cmd, o)
	}
	return cmd
}

// pbxOptions are the flags of the command.
type pbxOptions struct {
	tcp, http, script, life string
	extensions              int
}

// mostExtensions is more than any office has, and less than a machine can hold.
const mostExtensions = 50_000

func runPBX(cmd *cobra.Command, o pbxOptions) error {
	if o.extensions < 0 || o.extensions > mostExtensions {
		return usageError{fmt.Errorf("an office has between 1 and %d extensions, not %d", mostExtensions, o.extensions)}
	}
	rate := 0.0
	if o.life != "" {
		var err error
		if rate, err = pbxsim.Rate(o.life); err != nil {
			return usageError{err}
		}
	}
	ctx, out := cmd.Context(), cmd.OutOrStdout()
	var file *os.File
	if o.script != "" {
		var err error
		if file, err = os.Open(o.script); err != nil {
			return sentence(fmt.Sprintf("The script cannot be read: %v.", err))
		}
		defer file.Close()
	}
	user := pbxsim.User{UserID: "user@example.dk", Password: "secret"}
	var cfg pbxsim.Config
	if o.extensions > 0 {
		cfg = pbxsim.Office(o.extensions)
	}
	cfg.Users, cfg.Outside, cfg.Logger = []pbxsim.User{user}, pbxsim.Demo, logger(cmd)
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
			return sentence(fmt.Sprintf("The PBX cannot listen at %s: %v.", gateway.addr, errors.Unwrap(err)))
		}
		fmt.Fprintf(out, "%s  %s\n", gateway.name, url)
	}
	fmt.Fprintf(out, "user %s, password %s, PBX domain %s, %s\n", user.UserID, user.Password, pbx.Domain(), inhabitants(pbx))
	if rate > 0 {
		go pbx.Life(ctx, rate, "200") // it ends with the PBX
	}
	if file != nil {
		if err := pbx.Run(ctx, file, out); err != nil && ctx.Err() == nil {
			return sentence(fmt.Sprintf("The script stopped at %v.", err))
		}
	}
	in := &ending{Reader: cmd.InOrStdin()}
	if typed(in.Reader) {
		err := pbx.Run(ctx, in.Reader, out) // the terminal itself, so that there is a prompt
		return ignoreEnd(ctx, err)
	}
	if err := pbx.Run(ctx, in, out); err != nil || !in.reached.Load() {
		return ignoreEnd(ctx, err) // a mistake, "quit", or Ctrl-C
	}
	defer pbx.Watch(func(line string) { fmt.Fprintln(out, line) })()
	<-ctx.Done()
	return nil
}

// inhabitants are the extensions and queues of an exchange: "extensions 200 to 399 and 5000 to 5299,
// queues 400 to 409".
func inhabitants(pbx *pbxsim.PBX) string {
	var extensions, queues []string
	for _, p := range pbx.Phones() {
		extensions = append(extensions, p.Number)
	}
	for _, q := range pbx.Queues() {
		queues = append(queues, q.Number)
	}
	return spans("extension", extensions) + ", " + spans("queue", queues)
}

// spans names numbers in order, those that follow each other by the first and the last.
func spans(what string, numbers []string) string {
	if len(numbers) != 1 {
		what += "s"
	}
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
			parts = append(parts, numbers[i]+" to "+numbers[i+n-1])
		}
		i += n
	}
	return what + " " + strings.Join(parts, " and ")
}

// ignoreEnd makes a sentence of a mistake at the prompt; the end by Ctrl-C is none.
func ignoreEnd(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return nil
	}
	return sentence(fmt.Sprintf("The input stopped at %v.", err))
}

// typed reports whether somebody sits at the other end.
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

// ending remembers whether the end of the input was reached, as opposed to "quit".
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
