package journal

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/store"
)

// writeForEver is a process that follows one call after the other, and tells on its standard output which are on the
// disk. It ends when it is killed.
func writeForEver(path string) {
	done := make(chan struct{}, 1)
	j := New(Config{
		Open: func(ctx context.Context) *store.Store { return store.Open(ctx, path) },
		OnChange: func() {
			select {
			case done <- struct{}{}:
			default:
			}
		}})
	j.Start()
	if err := j.Trouble(); err != nil {
		fmt.Println("trouble", err)
	}
	for i := 0; ; i++ {
		c := incoming(fmt.Sprint(os.Getpid(), "-", i), fmt.Sprint(os.Getpid(), ".", i), fmt.Sprint(20000000+i), strings.Repeat("ø", 40), 0)
		c.Began = time.Now()
		j.Follow(csta.State{Status: csta.Online, Since: c.Began, Calls: []csta.Call{c}})
		c.Phase, c.Outcome, c.Since = csta.Ended, csta.Missed, time.Now()
		j.Follow(csta.State{Status: csta.Online, Since: c.Began, Calls: []csta.Call{c}})
		j.Follow(csta.State{Status: csta.Online, Since: c.Began})
		for {
			<-done
			j.mu.Lock()
			left := len(j.queue)
			j.mu.Unlock()
			if left == 0 && j.open {
				break
			}
		}
		fmt.Println(c.Linkage)
	}
}

// killed is how often the writer is killed.
var killed = 200

// A program that is killed while writing loses no row that was reported to be on the disk, and leaves a
// readable file.
func TestKilled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "calltray.db")
	acknowledged := map[string]bool{}
	for i := range killed {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "CALLTRAY_TEST_WRITES="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			line := lines.Text()
			if strings.HasPrefix(line, "trouble") {
				t.Errorf("start %d: %s", i, line)
			}
			acknowledged[line] = true
			if n == i%7 { // the rest of the pipe was acknowledged, too
				time.Sleep(time.Duration(i%11) * 300 * time.Microsecond)
				_ = cmd.Process.Kill()
			}
		}
		_ = cmd.Wait()
	}
	s := store.Open(t.Context(), path)
	defer s.Close()
	if err := s.Trouble(); err != nil {
		t.Fatal(err)
	}
	rows, err := Read(t.Context(), s, Query{Filter: Missed})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, r := range rows {
		found[r.Linkage] = true
	}
	lost := 0
	for linkage := range acknowledged {
		if !found[linkage] {
			lost++
		}
	}
	t.Logf("killed %d times: %d rows acknowledged, %d found, %d lost", killed, len(acknowledged), len(found), lost)
	if lost > 0 || len(acknowledged) < killed {
		t.Errorf("%d of %d acknowledged rows are lost", lost, len(acknowledged))
	}
}
