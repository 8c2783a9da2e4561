//go:build linux

package desktoptest

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// Elsewhere is a host name that only a Squid can resolve: to this computer.
const Elsewhere = "pbx.example.test"

// Squid is a running proxy.
type Squid struct {
	Address string // host:port

	log string
}

// SquidUser and SquidPassword are the credentials for a Squid.
const (
	SquidUser     = "bo"
	SquidPassword = "canary-of-the-proxy"

	squidUsers = SquidUser + ":$apr1$calltray$O58wEoF1/xrmv93O4Qt.p0\n" // openssl passwd -apr1
)

// StartSquid starts a proxy with a rule: "signed-in" requires a user and a password, "all" admits everybody. It
// connects to any address (CONNECT), and does nothing else. Its files are in a folder.
func (d *Desktop) StartSquid(ctx context.Context, folder, rule string) (*Squid, error) {
	if err := os.Chmod(folder, 0o777); err != nil { // squid gives up the rights of root
		return nil, err
	}
	helpers, _ := filepath.Glob("/usr/lib*/squid*/basic_ncsa_auth")
	if len(helpers) == 0 {
		return nil, fmt.Errorf("squid has no basic_ncsa_auth")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Squid{Address: l.Addr().String(), log: filepath.Join(folder, "access.log")}
	l.Close()
	conf := filepath.Join(folder, "squid.conf")
	for path, text := range map[string]string{
		filepath.Join(folder, "users"): squidUsers,
		filepath.Join(folder, "hosts"): "127.0.0.1 " + Elsewhere + "\n",
		conf: fmt.Sprintf(`http_port %s
auth_param basic program %s %[3]s/users
acl signed-in proxy_auth REQUIRED
http_access allow CONNECT %[4]s
http_access deny all
hosts_file %[3]s/hosts
access_log stdio:%[5]s
pid_filename none
cache deny all
cache_log %[3]s/cache.log
coredump_dir %[3]s
shutdown_lifetime 0 seconds
`, s.Address, helpers[0], folder, rule, s.log),
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	if _, err := d.Run(d.Command("squid", "-N", "-f", conf)); err != nil {
		return nil, err
	}
	return s, d.Until(ctx, "squid", func() bool {
		conn, err := net.Dial("tcp", s.Address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
}

// Served reports whether it has connected a client to a host and port, signed in as a user, "-" for none. It
// logs that when the connection ends.
func (s *Squid) Served(host, user string) bool {
	return strings.Contains(s.Log(), "CONNECT "+host+" "+user+" ")
}

// Log returns its log.
func (s *Squid) Log() string {
	b, _ := os.ReadFile(s.log)
	return string(b)
}
