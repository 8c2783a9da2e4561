//go:build linux

package contacts

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The tests of this file talk to Radicale and slapd as Debian packages them, each started once, on a port of its own of
// 127.0.0.1. scripts/install.sh installs both.

const (
	entries  = 300 // contacts of Radicale
	people   = 3 * ldapPage / 2
	password = "hemmelig æ:ø"
)

// start starts a server, waits until it listens, and ends it with the test.
func start(t testing.TB, port int, name string, args ...string) *server {
	t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		program = filepath.Join("/usr/sbin", name) // not in the path of users
	}
	said, err := os.Create(filepath.Join(t.TempDir(), "said"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: scripts/install.sh installs it", err)
	}
	s := &server{cmd: cmd}
	t.Cleanup(s.kill)
	for limit := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port))
		if err == nil {
			_ = c.Close()
			return s
		}
		if time.Now().After(limit) {
			why, _ := os.ReadFile(said.Name())
			t.Fatalf("%s does not listen: %s", name, why)
		}
	}
}

// server is a server that was started.
type server struct {
	cmd    *exec.Cmd
	ending sync.Once
	killed atomic.Bool
}

// kill ends the server as a power failure does.
func (s *server) kill() {
	s.ending.Do(func() {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.killed.Store(true)
	})
}

// freePort returns a port that nobody listens on.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// certificates are a certificate authority that this process trusts as it trusts those of the system, and the
// certificate and the key of 127.0.0.1, in PEM.
var certificates = sync.OnceValue(func() (c struct{ authority, certificate, key []byte }) {
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	make := func(template, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey, []byte) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		must(err)
		if signer == nil {
			signer = key
		}
		template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
		must(err)
		made, err := x509.ParseCertificate(der)
		must(err)
		return made, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	root := &x509.Certificate{Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	root, rootKey, authority := make(root, root, nil)
	_, key, certificate := make(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, root, rootKey)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	must(err)
	c.authority, c.certificate, c.key = authority, certificate, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return c
})

// secured writes the certificates into a folder. It must be called before the first connection with TLS: the
// authorities of the system are read once.
func secured(t testing.TB, dir string) (authority, certificate, key string) {
	t.Helper()
	c := certificates()
	authority, certificate, key = filepath.Join(dir, "ca.pem"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write(t, authority, string(c.authority))
	write(t, certificate, string(c.certificate))
	write(t, key, string(c.key))
	t.Setenv("SSL_CERT_FILE", authority)
	return authority, certificate, key
}

// withPassword is a book that has a password for every server.
func withPassword(t testing.TB, word string) *Book {
	b := newBook(t)
	b.Servers.Password = func(context.Context, string, string) (string, error) { return word, nil }
	return b
}

// is fails unless a number belongs to somebody.
func (b *Book) is(t *testing.T, number, name string) {
	t.Helper()
	if k, err := b.Lookup(t.Context(), number); k.Name != name || err != nil {
		t.Errorf("%s is %q, %v, want %q", number, k.Name, err, name)
	}
}

// adds adds a source that has so many contacts.
func (b *Book) adds(t *testing.T, address string, want int) {
	t.Helper()
	if report, err := b.AddSource(t.Context(), address, nil); err != nil || report.Kept != want {
		t.Fatalf("%s: %+v, %v, want %d", address, report, err, want)
	}
}

// fails fails unless an address gives a trouble, and no source.
func (b *Book) fails(t *testing.T, address string, want Trouble) {
	t.Helper()
	_, err := b.AddSource(t.Context(), address, nil)
	var failed *SourceError
	if !errors.As(err, &failed) || failed.Trouble != want {
		t.Errorf("%s: %v, want %s", address, err, want)
	}
	if err != nil && strings.Contains(err.Error(), password) {
		t.Errorf("%s: the error holds the password: %v", address, err)
	}
	if sources, err := b.Sources(t.Context()); err != nil || len(sources) != 0 {
		t.Errorf("%s: %+v, %v", address, sources, err)
	}
}

// refreshes fails unless a refresh finds what is wanted: whether anything is new, and the trouble of the one source.
func (b *Book) refreshes(t *testing.T, all, changed bool, want Trouble) {
	t.Helper()
	if got, err := b.Refresh(t.Context(), all); got != changed || err != nil {
		t.Errorf("changed %v, %v, want %v", got, err, changed)
	}
	sources, err := b.Sources(t.Context())
	if err != nil || len(sources) != 1 || sources[0].Refreshed.IsZero() || sources[0].Count == 0 {
		t.Fatalf("%+v, %v", sources, err)
	}
	trouble := Trouble("")
	if sources[0].Err != nil {
		trouble = sources[0].Err.Trouble
	}
	if trouble != want {
		t.Errorf("the trouble is %q, %v, want %q", trouble, sources[0].Err, want)
	}
}
