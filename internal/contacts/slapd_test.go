//go:build linux

package contacts

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

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
