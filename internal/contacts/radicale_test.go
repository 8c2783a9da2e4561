//go:build linux

package contacts

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
