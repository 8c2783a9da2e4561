package rules

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"calltray/internal/foreign"
	"calltray/internal/webpage"
)

// maxValue is the number of characters of a name that are passed to a program or a server.
const maxValue = 500

// plain returns a text from the network as one line, without invisible characters.
func plain(value string) string { return foreign.Line(value, maxValue) }

// lookalikes are characters that turn into quotes, dashes and slashes when Windows passes a command line to a
// program with an older code page.
const lookalikes = "ʺ̎″‶〃＂ʹʼ′＇＼∖⧵¥₩￥￦／∕⁄－﹣‐‑‒–—―−＠﹫"

// argument returns a text from the network as it is passed to a program.
func argument(value string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(lookalikes, r) {
			return '_'
		}
		return r
	}, plain(value))
}

// arguments returns a program's arguments. One that begins with the call's values loses leading dashes, slashes
// and @, so that it cannot be an option.
func (r Rule) arguments(c webpage.Call) ([]string, error) {
	list := make([]string, len(r.args))
	for i, template := range r.args {
		filled, err := c.Fill(template, argument)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(template, "{") {
			filled = strings.TrimLeft(filled, "-/@ ")
		}
		list[i] = filled
	}
	return list, nil
}

// environment returns the user's environment with the call in it: CALLTRAY_NUMBER, CALLTRAY_NAME.
func environment(h Happening) []string {
	list := append(os.Environ(), "CALLTRAY_EVENT="+string(h.Event))
	for word, value := range h.Call.Values() {
		list = append(list, "CALLTRAY_"+strings.ToUpper(word)+"="+argument(value))
	}
	return list
}

// run starts the program of a rule without any shell, and waits until it ends. If ctx ends first, the program
// is killed.
func run(ctx context.Context, rule Rule, h Happening) error {
	args, err := rule.arguments(h.Call)
	if err != nil {
		return err
	}
	program := rule.target
	if real, err := filepath.EvalSymlinks(program); err == nil && (base(real) != "busybox" || strings.HasPrefix(base(program), "busybox")) { // the program behind a symbolic link is checked by its real name
		if err := rule.checkArguments(real); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = filepath.Dir(program)
	cmd.Env = environment(h)
	cmd.WaitDelay = time.Second
	alone(cmd)
	return cmd.Run()
}
