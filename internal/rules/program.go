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

// maxValue is how many characters of a name reach a program or a server.
const maxValue = 500

// plain is a text of the network as one line, without what cannot be seen.
func plain(value string) string { return foreign.Line(value, maxValue) }

// lookalikes become quotes, dashes and slashes when Windows hands a command line to a program of an older code page.
const lookalikes = "ʺ̎″‶〃＂ʹʼ′＇＼∖⧵¥₩￥￦／∕⁄－﹣‐‑‒–—―−＠﹫"

// argument is a text of the network as a program gets it.
func argument(value string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(lookalikes, r) {
			return '_'
		}
		return r
	}, plain(value))
}

// arguments are a program's. One that begins with the call's values does not begin with what makes an option of it:
// dashes, slashes and @ in front are left out.
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

// environment is the user's, with the call in it: CALLTRAY_NUMBER, CALLTRAY_NAME.
func environment(h Happening) []string {
	list := append(os.Environ(), "CALLTRAY_EVENT="+string(h.Event))
	for word, value := range h.Call.Values() {
		list = append(list, "CALLTRAY_"+strings.ToUpper(word)+"="+argument(value))
	}
	return list
}

// run starts the program of a rule without any shell, and waits until it ends, or ctx does: then it is ended.
func run(ctx context.Context, rule Rule, h Happening) error {
	args, err := rule.arguments(h.Call)
	if err != nil {
		return err
	}
	program := rule.target
	if real, err := filepath.EvalSymlinks(program); err == nil && (base(real) != "busybox" || strings.HasPrefix(base(program), "busybox")) { // it goes by the name of the link
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
