//go:build unix

package cstasession

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"calltray/cstasession/csta"
)

// BenchmarkOfficeEvent is what an event of a colleague's telephone costs, from the socket to OnColleague, in
// offices of three sizes where everybody has a call: the figure should not grow. It is the processor time of
// the whole process, so the gateway that writes the events is counted as well; core-% is what 200 events a
// second take of one core.
func BenchmarkOfficeEvent(b *testing.B) {
	for _, size := range []int{50, 500, 5000} {
		for _, door := range doors {
			b.Run(fmt.Sprint(size, "/", door.name), func(b *testing.B) {
				// Who is reported last, before the measurement and after it. Anybody may be reported twice.
				markers := map[string]chan struct{}{}
				for i := range 2 {
					markers[fmt.Sprint(5000+size+i)] = make(chan struct{}, 1)
				}
				g := newGateway(b)
				_, send := benchSession(b, g, door.listen(b, g), func(csta.State) {}, func(cfg *Config) {
					cfg.OnColleague = func(c csta.Colleague) {
						select {
						case markers[c.Device.Number()] <- struct{}{}:
						default:
						}
					}
				})
				play := func(frames ...[]byte) {
					for _, frame := range frames {
						if err := send(frame); err != nil {
							b.Fatal(err)
						}
					}
				}
				of := func(stem string, i int) []byte {
					return renamed([]byte(strings.ReplaceAll(string(door.frame(b, stem)), "310", fmt.Sprint(5000+i))), i)
				}
				held, established := make([][]byte, size), make([][]byte, size)
				for i := range size {
					play(of("MonitorStartedEvent", i), of("DeliveredEvent.incoming", i))
					held[i], established[i] = of("HeldEvent", i), of("EstablishedEvent", i)
				}
				arrive := func(marker int) {
					play(of("MonitorStartedEvent", marker))
					<-markers[fmt.Sprint(5000+marker)]
				}
				arrive(size)
				before := processor(b)
				b.ReportAllocs()
				b.ResetTimer()
				for i := range b.N {
					play(held[i%size], established[i%size])
				}
				arrive(size + 1)
				b.StopTimer()
				each := float64(processor(b)-before) / float64(2*b.N)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(each, "cpu-ns/event")
				b.ReportMetric(each*200/float64(time.Second)*100, "core-%")
			})
		}
	}
}

// processor is the time that this process has had of the processors.
func processor(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
