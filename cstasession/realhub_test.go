//go:build realhub

package cstasession

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"calltray/cstasession/csta"
)

// realHub is a process of internal/realhub.
type realHub struct {
	t       *testing.T
	address string // host:port
	env     []string
	process *exec.Cmd
}

// startRealHub starts the command that CALLTRAY_REAL_HUB holds. It fails without one: these tests are not
// skipped.
func startRealHub(t *testing.T, env ...string) *realHub {
	t.Helper()
	h := &realHub{t: t, address: freePort(t), env: env}
	h.start()
	t.Cleanup(h.kill)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	return h
}

func (h *realHub) start() {
	h.t.Helper()
	words := strings.Fields(os.Getenv("CALLTRAY_REAL_HUB"))
	if len(words) == 0 {
		h.t.Fatal("CALLTRAY_REAL_HUB does not say how to start the hub: see internal/realhub/README.md")
	}
	h.process = exec.Command(words[0], append(words[1:], "--urls", "http://"+h.address)...)
	h.process.Env = append(os.Environ(), h.env...)
	run(h.t, h.process, func() bool {
		answer, err := http.Get("http://" + h.address + "/log")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return true
	})
}

// run starts a server, and waits until it is there.
func run(t *testing.T, process *exec.Cmd, there func() bool) {
	t.Helper()
	var said strings.Builder
	process.Stdout, process.Stderr = &said, &said
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	for limit := time.Now().Add(time.Minute); !there(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(limit) {
			_ = process.Process.Kill()
			_ = process.Wait()
			t.Fatalf("%v did not start: %s", process.Args, said.String())
		}
	}
}

func (h *realHub) kill() {
	_ = h.process.Process.Kill()
	_ = h.process.Wait()
}

// post asks the hub to do something.
func (h *realHub) post(path string, query ...string) {
	h.t.Helper()
	values := url.Values{}
	for i := 0; i < len(query); i += 2 {
		values.Set(query[i], query[i+1])
	}
	answer, err := http.Post("http://"+h.address+path+"?"+values.Encode(), "", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	answer.Body.Close()
}

func (h *realHub) play(what, call string) {
	h.t.Helper()
	h.post("/play", "what", what, "call", call, "link", "l-"+call, "from", "22334455", "name", "Ærø Bageri")
}

// log is what clients asked for.
func (h *realHub) log() (lines []string) {
	answer, err := http.Get("http://" + h.address + "/log")
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&lines); err != nil {
		h.t.Fatal(err)
	}
	return lines
}

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// server runs a server of Debian's with a configuration, in which %s is its folder.
func server(t *testing.T, address, configuration string, command ...string) {
	t.Helper()
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "server.conf")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(configuration, "FOLDER", folder)), 0o644); err != nil {
		t.Fatal(err)
	}
	process := exec.Command(command[0], append(command[1:], file)...)
	run(t, process, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	t.Cleanup(func() {
		_ = process.Process.Signal(os.Interrupt)
		time.AfterFunc(3*time.Second, func() { _ = process.Process.Kill() })
		_ = process.Wait()
	})
}

// nginx is a reverse proxy before a hub, which forwards upgrades or does not.
func nginx(t *testing.T, hub string, more string) (address string) {
	address = freePort(t)
	server(t, address, fmt.Sprintf(`daemon off; master_process off; pid FOLDER/pid; error_log FOLDER/error.log;
events {}
http {
	access_log off;
	client_body_temp_path FOLDER/body; proxy_temp_path FOLDER/proxy; fastcgi_temp_path FOLDER/f; uwsgi_temp_path FOLDER/u; scgi_temp_path FOLDER/s;
	server { listen %s; location / { proxy_pass http://%s; proxy_http_version 1.1; proxy_set_header Host $host; %s } }
}`, address, hub, more), "nginx", "-c")
	return address
}

const nginxUpgrades = `proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";`

// The core stories over each transport of the real hub, straight and behind nginx.
func TestRealHub(t *testing.T) {
	for _, test := range []struct {
		name  string
		env   []string
		nginx string // its configuration; "" for none
		want  csta.Transport
	}{
		{"WebSockets", nil, "", csta.WebSockets},
		{"server-sent events", []string{"NOWS=1"}, "", csta.ServerSentEvents},
		{"long polling", []string{"LONGPOLLING=1"}, "", csta.LongPolling},
		{"nginx that forwards upgrades", nil, nginxUpgrades, csta.WebSockets},
		{"nginx that does not", nil, " ", csta.ServerSentEvents}, // the hub asks it not to buffer
		{"nginx that does not, but streams", nil, "proxy_buffering off;", csta.ServerSentEvents},
		{"nginx that cuts long polls at 5 s", []string{"LONGPOLLING=1", "KEEPALIVE=40"}, "proxy_read_timeout 5s;", csta.LongPolling},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := startRealHub(t, test.env...)
			address := h.address
			if test.nginx != "" {
				address = nginx(t, h.address, test.nginx)
			}
			c := start(t, config("http://"+address+"/csta"))
			st := c.await("online", online)
			if st.Path.Transport != test.want {
				t.Errorf("it goes by %v, want %s", st.Path, test.want)
			}
			stories(h, c)
			if strings.Contains(test.nginx, "timeout") {
				time.Sleep(12 * time.Second) // two cuts, were it not for renewal
				stories(h, c)
			}
			h.post("/abort")
			c.await("the loss", func(st csta.State) bool { return st.Status == csta.Offline })
			c.await("online again", online)
			stories(h, c)
			h.kill()
			c.await("the end of the hub", func(st csta.State) bool { return st.Status == csta.Offline })
			h.start()
			c.await("online after the restart", online)
			stories(h, c)
			c.stop()
			<-c.result
			for limit := time.Now().Add(patience); !strings.Contains(strings.Join(h.log(), "\n"), "disconnected in form"); time.Sleep(50 * time.Millisecond) {
				if time.Now().After(limit) {
					t.Errorf("the hub was not left in form: %q", h.log())
					break
				}
			}
		})
	}
}

// stories are a call that is answered, one that is missed, and one that is made.
func stories(h *realHub, c *client) {
	h.t.Helper()
	ringing := func(st csta.State) bool { return len(st.Calls) == 1 && st.Calls[0].Phase == csta.Ringing }
	none := func(st csta.State) bool { return len(st.Calls) == 0 }
	h.play("Delivered", "SIP/hpbx-1")
	if st := c.await("a call that rings", ringing); st.Calls[0].Remote.Name != "Ærø Bageri" || st.Calls[0].Remote.Number != "22334455" {
		h.t.Errorf("it is of %+v", st.Calls[0].Remote)
	}
	h.play("Established", "SIP/hpbx-1")
	c.phase(csta.Active)
	h.play("ConnectionCleared", "SIP/hpbx-1")
	c.await("its end", none)
	h.play("Delivered", "SIP/hpbx-2")
	c.await("another call", ringing)
	h.play("ConnectionCleared", "SIP/hpbx-2")
	if ended := c.phase(csta.Ended); ended.Outcome != csta.Missed {
		h.t.Errorf("the second call was %v, want missed", ended.Outcome)
	}
	c.await("its end", none)
	id, err := c.MakeCall(within(h.t), "33445566")
	if err != nil {
		h.t.Fatalf("dial: %v", err)
	}
	c.phase(csta.Active)
	if err := c.ClearConnection(within(h.t), id); err != nil {
		h.t.Errorf("hang up: %v", err)
	}
	c.await("its end", none)
}

// A wrong password is refused over each transport, in the hub's words, once.
func TestRealHubRefuses(t *testing.T) {
	for _, env := range [][]string{nil, {"NOWS=1"}, {"LONGPOLLING=1"}} {
		h := startRealHub(t, env...)
		cfg := config("http://" + h.address + "/csta")
		cfg.Password = csta.NewPassword("wrong")
		s, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Run(within(t)); !errors.Is(err, csta.ErrLoginRefused) {
			t.Errorf("%v: got %v", env, err)
		}
		if n := strings.Count(strings.Join(h.log(), "\n"), "password wrong"); n != 1 {
			t.Errorf("%v: %d logins", env, n)
		}
	}
}

// Two hubs behind a load balancer that knows its node by a cookie: each login succeeds at the first try.
func TestRealHubsBehindALoadBalancer(t *testing.T) {
	for _, env := range [][]string{nil, {"NOWS=1"}, {"LONGPOLLING=1"}} {
		hubs := []*realHub{startRealHub(t, env...), startRealHub(t, env...)}
		balancer := balance(t, hubs[0].address, hubs[1].address)
		for range 8 {
			cfg := config("http://" + balancer + "/csta")
			if err := Try(within(t), cfg); err != nil {
				t.Errorf("%v: %v", env, err)
			}
		}
	}
}

// balance is a load balancer of nodes in turn, with an affinity cookie. It is none of Debian's since nginx's has
// no cookies without a licence.
func balance(t *testing.T, nodes ...string) (address string) {
	var mu sync.Mutex
	next := 0
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		node := nodes[next%len(nodes)]
		if cookie, err := r.Cookie("node"); err == nil {
			node = cookie.Value
		} else {
			next++
			http.SetCookie(w, &http.Cookie{Name: "node", Value: node, Path: "/"})
		}
		mu.Unlock()
		httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: node}).ServeHTTP(w, r)
	})}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	return l.Addr().String()
}

// The real hub through squid, by CONNECT, under a name that squid alone knows.
func TestRealHubThroughSquid(t *testing.T) {
	h := startRealHub(t)
	_, port, _ := net.SplitHostPort(h.address)
	hosts := filepath.Join(t.TempDir(), "hosts")
	if err := os.Chmod(filepath.Dir(filepath.Dir(hosts)), 0o755); err != nil { // squid gives up the rights of root
		t.Fatal(err)
	}
	if err := os.WriteFile(hosts, []byte("127.0.0.1 pbx.test\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	address := freePort(t)
	server(t, address, fmt.Sprintf("http_port %s\nhosts_file %s\nacl hub port %s\nhttp_access allow CONNECT hub\nhttp_access deny all\n"+
		"pid_filename none\ncache deny all\naccess_log none\ncache_log FOLDER/cache.log\ncoredump_dir FOLDER\nshutdown_lifetime 0 seconds\n", address, hosts, port), "squid", "-N", "-f")
	t.Setenv("HTTP_PROXY", "http://"+address)
	t.Setenv("NO_PROXY", "")
	c := start(t, config("http://pbx.test:"+port+"/csta"))
	if st := c.await("online", online); st.Path.Proxy != address {
		t.Errorf("it goes through %q, want %s", st.Path.Proxy, address)
	}
	stories(h, c)
}
