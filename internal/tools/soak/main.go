// Command soak simulates office life in compressed time over real sockets on loopback, both gateways at once,
// and breaks the links in every way that networks know. It prints a table of what was lost, doubled or wrong,
// how long recovery took, and what it cost. It is not part of the test run.
//
//	go run ./internal/tools/soak -duration 30m -calls 20000 -losses 500
//	go run ./internal/tools/soak -cuts 100
//	go run ./internal/tools/soak -lost-ends -duration 30m
//	go run ./internal/tools/soak -hostile all -program out/calltray
//
// With -lost-ends it plays calls whose ends are lost and whose callIDs are used again, and fails if one does
// not ring, or is shown for long after its end. -hostile measures what a built program makes of servers that do
// harm.
//
// The PBX and the networks run in the same process: its figures hold them as well.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"calltray/pbxsim"
)

func main() {
	duration := flag.Duration("duration", 30*time.Minute, "how long")
	calls := flag.Int("calls", 20000, "how many calls")
	losses := flag.Int("losses", 500, "how many times a link is lost")
	cuts := flag.Int("cuts", 0, "measure this many cuts of each kind, and nothing else")
	ends := flag.Bool("lost-ends", false, "play calls whose ends are lost and whose callIDs are used again, and nothing else")
	hostile := flag.String("hostile", "", "measure what -program makes of harm of this kind, or of all: "+lineNames())
	binary := flag.String("program", "out/calltray", "the program for -hostile")
	flag.Parse()
	var err error
	switch {
	case *hostile != "":
		err = measureHarm(*binary, *hostile)
	case *cuts > 0:
		err = measureCuts(*cuts)
	case *ends:
		err = soakLostEnds(*duration)
	default:
		err = soak(*duration, *calls, *losses)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func newPBX() (pbx *pbxsim.PBX, tcp, hub string, err error) {
	pbx = pbxsim.New(pbxsim.Config{
		Behaviour: pbxsim.Behaviour{Snapshot: "vendor", Timer: "terminate", NoAnswer: 10 * time.Second},
		Queues:    []pbxsim.Queue{{Number: "400", Name: "Reception", Members: []string{"200", "201", "203"}}},
		Outside:   func(string) pbxsim.Reply { return pbxsim.Reply{Answers: true, After: 60 * time.Millisecond} },
	})
	if tcp, err = pbx.ListenTCP("127.0.0.1:0"); err != nil {
		return nil, "", "", err
	}
	hub, err = pbx.ListenHTTP("127.0.0.1:0")
	return pbx, tcp, hub, err
}

// cost is the process's use of resources.
type cost struct {
	goroutines, files int
	resident          float64 // MB
	heap              float64
}

func measure() cost {
	runtime.GC()
	debug.FreeOSMemory()
	c := cost{goroutines: runtime.NumGoroutine()}
	if entries, err := os.ReadDir("/proc/self/fd"); err == nil {
		c.files = len(entries) - 1 // the folder itself
	}
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		for line := range strings.Lines(string(status)) {
			var kb float64
			if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &kb); err == nil {
				c.resident = kb / 1024
			}
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	c.heap = float64(m.HeapAlloc) / (1 << 20)
	return c
}

// lossKinds are the ways to lose a link, with the percentage of times that each is chosen.
var lossKinds = []struct {
	name  string
	often int
}{
	{"reset", 30}, {"closed", 25}, {"cut within a frame", 20}, {"the PBX hangs up", 10}, {"restart of the gateways", 10}, {"black hole", 5},
}

func someLoss() string {
	n := rand.IntN(100)
	for _, w := range lossKinds {
		if n -= w.often; n < 0 {
			return w.name
		}
	}
	return lossKinds[0].name
}

// lossTimes are the times for one kind: to notice, counted from the cut; to be back, counted from when that was
// possible.
type lossTimes struct{ notice, back []time.Duration }

func soak(duration time.Duration, wanted, losses int) error {
	pbx, tcp, hub, err := newPBX()
	if err != nil {
		return err
	}
	defer pbx.Close()
	var clients []*client
	for i, address := range []string{tcp, hub} {
		s, err := newClient(pbx, []string{"tcp", "signalr"}[i], address, []string{"200", "201"}[i])
		if err != nil {
			return err
		}
		clients = append(clients, s)
		defer pbx.Watch(s.watch)()
		if !s.await(10*time.Second, s.online) {
			return fmt.Errorf("%s does not come online", s.gateway)
		}
		s.linkIsBack()
	}
	var begun atomic.Int64
	stage := func(target int64, d time.Duration, lossy int) map[string]*lossTimes {
		ctx, stop := context.WithTimeout(context.Background(), d)
		defer stop()
		var group sync.WaitGroup
		for _, s := range clients {
			pace := time.Duration(float64(d) * 0.95 * float64(len(clients)) / float64(max(target-begun.Load(), 1)))
			group.Go(func() {
				s.work(ctx, pace, func() bool { return begun.Add(1) <= target || begun.Add(-1) < 0 })
			})
			group.Go(func() {
				for ctx.Err() == nil {
					time.Sleep(3 * time.Second)
					s.compare()
					s.judge(3 * time.Second)
				}
			})
		}
		times := cutting(ctx, pbx, clients, lossy, d)
		group.Wait()
		waitIdle(pbx)
		for _, s := range clients {
			s.compare()
			s.judge(0)
		}
		return times
	}
	warm := min(duration/20, 30*time.Second)
	stage(int64(wanted/100), warm, 0) // one-time allocations are done
	start := measure()
	began := time.Now()
	times := stage(int64(wanted), duration-warm, losses)
	end := measure()
	report(clients, begun.Load(), times, time.Since(began), start, end)
	for _, s := range clients {
		s.close()
	}
	pbx.Close()
	time.Sleep(100 * time.Millisecond)
	fmt.Printf("\nAfter closing: %d goroutines.\n", runtime.NumGoroutine())
	for _, s := range clients {
		for _, n := range s.notes {
			fmt.Println(n)
		}
	}
	return nil
}

// waitIdle waits until no call is left.
func waitIdle(pbx *pbxsim.PBX) {
	for deadline := time.Now().Add(30 * time.Second); len(pbx.Calls()) > 0 && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	time.Sleep(time.Second)
}

// linkGoes records that the link is about to be lost. What the PBX has sent until now arrives.
func (s *client) linkGoes() {
	s.mu.Lock()
	s.epoch += 1 - s.epoch%2
	s.mu.Unlock()
}

// linkIsBack records that the session is back.
func (s *client) linkIsBack() {
	s.mu.Lock()
	s.epoch += s.epoch % 2
	s.mu.Unlock()
}

const settling = 250 * time.Millisecond // for messages in transit, before a cut

// cutting breaks links, spread evenly over d, and returns the times to notice and to be back.
func cutting(ctx context.Context, pbx *pbxsim.PBX, clients []*client, losses int, d time.Duration) map[string]*lossTimes {
	times := map[string]*lossTimes{}
	for _, w := range lossKinds {
		times[w.name] = &lossTimes{}
	}
	var mu sync.Mutex
	var left atomic.Int64
	left.Store(int64(losses))
	var group sync.WaitGroup
	for _, s := range clients {
		group.Go(func() {
			began, mine := time.Now(), 0
			each := time.Duration(float64(d) * 0.95 * float64(len(clients)) / float64(max(losses, 1)))
			for ctx.Err() == nil && left.Add(-1) >= 0 {
				select {
				case <-time.After(time.Until(began.Add(time.Duration(mine) * each))): // at once where it is behind
				case <-ctx.Done():
					return
				}
				mine++
				kind := someLoss()
				notice, back := s.lose(pbx, clients, kind)
				mu.Lock()
				t := times[kind]
				t.notice, t.back = append(t.notice, notice), append(t.back, back)
				mu.Unlock()
				time.Sleep(500 * time.Millisecond) // up, for a moment
			}
		})
	}
	group.Wait()
	return times
}

// lose breaks the link of a client in one way, and waits until the session is back.
func (s *client) lose(pbx *pbxsim.PBX, clients []*client, kind string) (notice, back time.Duration) {
	hit := []*client{s}
	if kind == "restart of the gateways" || kind == "the PBX hangs up" {
		hit = clients
	}
	for _, h := range hit {
		h.losing.Lock()
		defer h.losing.Unlock()
		h.linkGoes()
	}
	time.Sleep(settling)
	cut := time.Now()
	free := cut
	switch kind {
	case "reset":
		s.net.cut(true)
	case "closed":
		s.net.cut(false)
	case "cut within a frame":
		s.net.set(func(r *relay) { r.cutNext = true })
		pbx.InjectUnknown()
	case "the PBX hangs up":
		pbx.Drop()
	case "restart of the gateways":
		_ = pbx.Restart(context.Background(), 300*time.Millisecond)
		free = time.Now()
	case "black hole":
		s.net.set(func(r *relay) { r.blackHole = true })
	}
	notice = s.noticed(cut)
	if kind == "black hole" {
		time.Sleep(time.Duration(rand.IntN(3000)) * time.Millisecond)
		s.net.set(func(r *relay) { r.blackHole = false })
		s.net.cut(true)
		free = time.Now()
	}
	back = s.returned(cut, free)
	for _, h := range hit {
		h.returned(cut, free)
		h.linkIsBack()
	}
	return notice, back
}

func percentiles(list []time.Duration) string {
	if len(list) == 0 {
		return "| | | "
	}
	slices.Sort(list)
	at := func(p float64) string {
		return fmt.Sprintf("%.2f s", list[min(int(p*float64(len(list))), len(list)-1)].Seconds())
	}
	return fmt.Sprintf("| %s | %s | %s ", at(0.5), at(0.99), at(1))
}

func report(clients []*client, begun int64, times map[string]*lossTimes, took time.Duration, start, end cost) {
	fmt.Printf("%s, %s, %d CPUs, %v, %d calls\n\n", runtime.Version(), runtime.GOOS, runtime.NumCPU(), took.Round(time.Second), begun)
	fmt.Println("| gateway | calls told | wholly while up | lost | doubled | comparisons | wrong states |\n|---|---|---|---|---|---|---|")
	for _, s := range clients {
		fmt.Printf("| %s | %d | %d | %d | %d | %d | %d |\n", s.gateway, s.told, s.covered, s.lost, s.doubled, s.compared, s.wrong)
	}
	fmt.Println("\n| link lost by | times | noticed: median | p99 | longest | back: median | p99 | longest |\n|---|---|---|---|---|---|---|---|")
	var all lossTimes
	for _, w := range lossKinds {
		t := times[w.name]
		fmt.Printf("| %s | %d %s%s|\n", w.name, len(t.back), percentiles(t.notice), percentiles(t.back))
		all.notice, all.back = append(all.notice, t.notice...), append(all.back, t.back...)
	}
	fmt.Printf("| all | %d %s%s|\n", len(all.back), percentiles(all.notice), percentiles(all.back))
	fmt.Println("\n| | start | end |\n|---|---|---|")
	fmt.Printf("| goroutines | %d | %d |\n| open files | %d | %d |\n| resident memory | %.1f MB | %.1f MB |\n| Go heap in use | %.1f MB | %.1f MB |\n",
		start.goroutines, end.goroutines, start.files, end.files, start.resident, end.resident, start.heap, end.heap)
}
