package cstasession

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

// onlyWay is a proxy that alone knows where pbx.test is: at place.
func onlyWay(t *testing.T, place string) (address string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				r, err := http.ReadRequest(bufio.NewReader(conn))
				if err != nil || r.Method != http.MethodConnect || r.Host != "pbx.test:7000" {
					fmt.Fprint(conn, "HTTP/1.1 403 Forbidden\r\n\r\n")
					return
				}
				host, err := net.Dial("tcp", place)
				if err != nil {
					return
				}
				defer host.Close()
				fmt.Fprint(conn, "HTTP/1.1 200 OK\r\n\r\n")
				all.Go(func() { _, _ = io.Copy(conn, host); conn.Close() })
				_, _ = io.Copy(host, conn)
			})
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return l.Addr().String()
}

// A check and a session go the same way: where only a proxy knows the name, both go through it.
func TestCheckGoesTheWayOfTheSession(t *testing.T) {
	pbx := pbxsim.New(pbxsim.Config{})
	t.Cleanup(func() { pbx.Close() })
	cert := selfSigned(t)
	addresses := secured(t, pbx, cert)
	for _, listen := range []func(string) (string, error){pbx.ListenTCP, pbx.ListenHTTP} {
		address, err := listen("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addresses = append(addresses, address)
	}
	for _, address := range addresses {
		scheme, place, _ := strings.Cut(address, "://")
		place, path, _ := strings.Cut(place, "/")
		t.Run(scheme, func(t *testing.T) {
			t.Setenv("HTTP_PROXY", "http://"+onlyWay(t, place))
			t.Setenv("HTTPS_PROXY", "http://"+onlyWay(t, place))
			cfg := config(scheme + "://pbx.test:7000/" + path)
			cfg.Pin = csta.Fingerprint(cert.Leaf)
			var steps []string
			if err := Check(within(t), cfg, "", func(s Step) { steps = append(steps, fmt.Sprintf("%s %q %v", s.Name, s.Detail, s.Err)) }); err != nil {
				t.Errorf("Check: %v after %v", err, steps)
			}
			if err := Try(within(t), cfg); err != nil {
				t.Errorf("Try: %v", err)
			}
		})
	}
}
