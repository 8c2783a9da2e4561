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
	"io"
	"math/big"
	"net"
	"net/http"
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

// relay passes on what comes over the network to a server, until it is cut: after some more bytes of the server's.
type relay struct {
	net.Listener
	left atomic.Int64 // bytes until the cut; below zero there is none
	cut  func()
}

func newRelay(t testing.TB, to int, cut func()) (*relay, int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: l, cut: cut}
	r.left.Store(-1)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", to))
			if err != nil {
				_ = client.Close()
				continue
			}
			go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
			go func() { r.pass(client, server); _ = client.Close(); _ = server.Close() }()
		}
	}()
	return r, l.Addr().(*net.TCPAddr).Port
}

func (r *relay) pass(client, server net.Conn) {
	buf := make([]byte, 1024)
	for {
		n, err := server.Read(buf)
		if _, failed := client.Write(buf[:n]); err != nil || failed != nil {
			return
		}
		if left := r.left.Load(); left >= 0 && r.left.Add(int64(-n)) < 0 {
			r.cut()
			return
		}
	}
}

func card(i int, name string) string {
	return fmt.Sprintf("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:%d\r\nFN:%s\r\nN:%d;;;;\r\nTEL;TYPE=CELL:%d\r\nEND:VCARD\r\n", i, name, i, 20000000+i)
}

// radicale starts a CardDAV server over TLS with a book of contacts, and returns its port and the book's folder.
func radicale(t testing.TB, count int) (port int, folder string, s *server) {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "calltray") // in memory: it has every card written to the disk at once
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	port = freePort(t)
	_, certificate, key := secured(t, dir)
	folder = filepath.Join(dir, "collection-root", "anna", "kontakter")
	write(t, filepath.Join(folder, ".Radicale.props"), `{"tag": "VADDRESSBOOK", "D:displayname": "Kontakter"}`)
	for i := range count {
		write(t, filepath.Join(folder, fmt.Sprint(i, ".vcf")), card(i, fmt.Sprint("Person ", i)))
	}
	users, config := filepath.Join(dir, "users"), filepath.Join(dir, "config")
	write(t, users, "anna:"+password+"\n")
	write(t, config, fmt.Sprintf("[server]\nhosts = 127.0.0.1:%d\nssl = True\ncertificate = %s\nkey = %s\n[auth]\ntype = htpasswd\nhtpasswd_filename = %s\nhtpasswd_encryption = plain\ndelay = 0\n"+
		"[storage]\nfilesystem_folder = %s\n[logging]\nlevel = warning\n", port, certificate, key, users, dir))
	return port, folder, start(t, port, "radicale", "--config", config)
}

func TestRadicale(t *testing.T) {
	port, folder, server := radicale(t, entries)
	relay, through := newRelay(t, port, server.kill)
	address := fmt.Sprintf("https://anna@127.0.0.1:%d/", through)
	book := fmt.Sprintf("https://anna@127.0.0.1:%d/anna/kontakter/", through)

	withPassword(t, "wrong").fails(t, address, Denied)
	withPassword(t, password).fails(t, strings.Replace(book, "kontakter", "nobody", 1), NotFound)
	withPassword(t, password).fails(t, strings.Replace(address, "127.0.0.1", "localhost", 1), Untrusted)
	withPassword(t, password).fails(t, fmt.Sprintf("https://anna@127.0.0.1:%d/", freePort(t)), Unreachable)
	newBook(t).fails(t, address, NoPassword)
	withPassword(t, password).adds(t, book, entries)
	b := withPassword(t, password)
	b.adds(t, address, entries)
	b.is(t, "20000007", "Person 7")
	b.refreshes(t, false, false, "")

	put := func(i int, content string) { // as a program of the server's users does, which is how its tokens move on
		t.Helper()
		request, err := http.NewRequest(http.MethodPut, fmt.Sprintf("https://127.0.0.1:%d/anna/kontakter/%d.vcf", port, i), strings.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth("anna", password)
		request.Header.Set("Content-Type", "text/vcard")
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode >= 300 {
			t.Fatal(answer.Status)
		}
	}
	defer http.DefaultClient.CloseIdleConnections()
	put(7, card(7, `<b>Anna</b> & Søn\, (mail=*)`))
	picture := "PHOTO;ENCODING=b;TYPE=JPEG:" + strings.Repeat("A", 200<<10) + "\r\nEND:VCARD"
	put(8, strings.Replace(card(8, "Bo med billede"), "END:VCARD", picture, 1))
	b.refreshes(t, false, true, "")
	b.is(t, "20000007", "<b>Anna</b> & Søn, (mail=*)")
	b.is(t, "20000008", "Bo med billede")
	b.is(t, "20000009", "Person 9")

	for i := range entries {
		if err := os.Remove(filepath.Join(folder, fmt.Sprint(i, ".vcf"))); err != nil {
			t.Fatal(err)
		}
	}
	b.refreshes(t, true, false, Emptied)
	b.is(t, "20000009", "Person 9")
	for i := range entries {
		long := make([]byte, 100) // so long that the answer is not over at once, also when it is compressed
		_, _ = rand.Read(long)
		write(t, filepath.Join(folder, fmt.Sprint(i, ".vcf")), card(i, fmt.Sprintf("Ny %d\r\nNOTE:%x", i, long)))
	}
	relay.left.Store(20 << 10) // in the middle of the cards
	b.refreshes(t, true, false, Unreachable)
	if !server.killed.Load() {
		t.Error("the server was not killed")
	}
	b.is(t, "20000000", "Person 0")
	b.is(t, "20000299", "Person 299")
	b.refreshes(t, true, false, Unreachable)
	b.is(t, "20000007", "<b>Anna</b> & Søn, (mail=*)")
}

// slapd starts a directory with so many people, and returns the ports of ldap and ldaps.
func slapd(t testing.TB, count int) (plain, secure int, s *server) {
	t.Helper()
	dir := t.TempDir()
	plain, secure = freePort(t), freePort(t)
	_, certificate, key := secured(t, dir)
	config, content := filepath.Join(dir, "slapd.conf"), filepath.Join(dir, "people.ldif")
	write(t, filepath.Join(dir, "db", ".keep"), "")
	write(t, config, fmt.Sprintf(`include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile %[1]s/pid
TLSCertificateFile %[2]s
TLSCertificateKeyFile %[3]s
security tls=1
sizelimit size.soft=500 size.hard=500 size.pr=500 size.prtotal=unlimited
database mdb
maxsize 1073741824
suffix "dc=example"
rootdn "cn=admin,dc=example"
rootpw "%[4]s"
access to * by users read by anonymous auth
directory %[1]s/db
`, dir, certificate, key, password))
	var ldif strings.Builder
	ldif.WriteString("dn: dc=example\nobjectClass: dcObject\nobjectClass: organization\no: Ærø Bageri\ndc: example\n\n")
	person := func(cn, more string, i int) {
		fmt.Fprintf(&ldif, "dn: cn=p%d,dc=example\nobjectClass: inetOrgPerson\ncn: p%d\nsn: x\ndisplayName: %s\no: Firma\nmobile: %d\n%s\n", i, i, cn, 20000000+i, more)
	}
	for i := range count {
		person(fmt.Sprint("Person ", i), fmt.Sprintf("telephoneNumber: +45 62 %02d %02d %02d\n", i/10000, i/100%100, i%100), i)
	}
	person("*)(mail=*", "", count) // a filter in a name
	person("<b>Anna</b> & Søn", "", count+1)
	ldif.WriteString("dn: cn=nobody,dc=example\nobjectClass: inetOrgPerson\ncn: nobody\nsn: x\nmail: a@example.dk\n\n")
	write(t, content, ldif.String())
	if out, err := exec.Command("/usr/sbin/slapadd", "-q", "-f", config, "-l", content).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return plain, secure, start(t, secure, "slapd", "-d", "0", "-f", config, "-h", fmt.Sprintf("ldap://127.0.0.1:%d ldaps://127.0.0.1:%d", plain, secure))
}

func TestDirectory(t *testing.T) {
	plain, secure, server := slapd(t, people)
	relay, through := newRelay(t, secure, server.kill)
	const user = "cn=admin%2Cdc=example@"
	address := fmt.Sprintf("ldaps://%s127.0.0.1:%d/dc=example", user, through)
	startTLS := fmt.Sprintf("ldap://%s127.0.0.1:%d/dc=example", user, plain)

	withPassword(t, "wrong").fails(t, address, Denied)
	withPassword(t, "").fails(t, address, NoPassword)
	withPassword(t, password).fails(t, strings.Replace(address, "/dc=example", "/dc=nobody", 1), NotFound)
	withPassword(t, password).fails(t, strings.Replace(address, "127.0.0.1", "localhost", 1), Untrusted)
	withPassword(t, password).fails(t, strings.Replace(startTLS, "127.0.0.1", "localhost", 1), Untrusted)
	withPassword(t, password).fails(t, fmt.Sprintf("ldaps://%s127.0.0.1:%d/dc=example", user, freePort(t)), Unreachable)
	withPassword(t, password).fails(t, fmt.Sprintf("ldaps://%s127.0.0.1:%d/dc=example", user, plain), Unreachable)
	withPassword(t, password).adds(t, startTLS, people+2)
	b := withPassword(t, password)
	b.adds(t, address, people+2)
	b.is(t, "20000700", "Person 700")
	b.is(t, "62000700", "Person 700")
	b.is(t, fmt.Sprint(20000000+people), "*)(mail=*")
	b.is(t, fmt.Sprint(20000000+people+1), "<b>Anna</b> & Søn")
	for text, want := range map[string]int{"*)(mail=*": 1, "(objectClass=*)": 0, "*": 1, "person 700": 1} {
		if found, err := b.Find(t.Context(), text, 10); err != nil || len(found) != want {
			t.Errorf("%q finds %+v, %v, want %d", text, found, err, want)
		}
	}
	b.refreshes(t, false, true, "")

	relay.left.Store(20 << 10)
	b.refreshes(t, true, false, Unreachable)
	if !server.killed.Load() {
		t.Error("the server was not killed")
	}
	b.is(t, "20000000", "Person 0")
	b.is(t, "20000700", "Person 700")
	b.refreshes(t, true, false, Unreachable)
}
