package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/spf13/cobra"

	"calltray/pbxsim"
)

func pbxCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pbx",
		Short: "Run a simulated PBX, to develop and test against",
		Long: `Pbx runs a simulated PBX with the two CSTA gateways, so that a program can be developed against it
without an account. It has extensions 200 to 203, queue 400 and a trunk, takes commands at its prompt
("help" lists them) or from a script, and prints what its clients do.

A script holds the commands of the prompt, one to a line. After the script, or the end of its input,
the PBX runs on until Ctrl-C.`,
		Example: `  calltray pbx --tcp :7000 --http :7080
  echo 'call 22334455 200 "Ærø Bageri"' | calltray pbx --tcp 127.0.0.1:7000`,
		Args: wordless,
	}
	tcp := cmd.Flags().String("tcp", "", "listen for XML over TCP at this address, as :7000")
	http := cmd.Flags().String("http", "", "listen for JSON over SignalR at this address, as :7080")
	script := cmd.Flags().String("script", "", "a file of commands to carry out first")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *tcp == "" && *http == "" {
			*tcp, *http = "127.0.0.1:7000", "127.0.0.1:7080"
		}
		return runPBX(cmd, *tcp, *http, *script)
	}
	return cmd
}

func runPBX(cmd *cobra.Command, tcp, http, script string) error {
	ctx, out := cmd.Context(), cmd.OutOrStdout()
	var file *os.File
	if script != "" {
		var err error
		if file, err = os.Open(script); err != nil {
			return sentence(fmt.Sprintf("The script cannot be read: %v.", err))
		}
		defer file.Close()
	}
	user := pbxsim.User{UserID: "user@example.dk", Password: "secret"}
	pbx := pbxsim.New(pbxsim.Config{Users: []pbxsim.User{user}, Outside: pbxsim.Demo, Logger: logger(cmd)})
	defer pbx.Close()
	for _, gateway := range []struct {
		addr, name string
		listen     func(string) (string, error)
	}{
		{tcp, "XML over TCP     ", pbx.ListenTCP},
		{http, "JSON over SignalR", pbx.ListenHTTP},
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
	fmt.Fprintf(out, "user %s, password %s, PBX domain %s, extensions 200 201 202 203, queue 400\n", user.UserID, user.Password, pbx.Domain())
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
