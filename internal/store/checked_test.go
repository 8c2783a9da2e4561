package store

import (
	"os"
	"testing"
)

// A file that was closed in order is not read as a whole when it is opened; one that was changed since, or that was not
// closed, is. What is damaged is set aside whenever it happened, and nothing of it is lost.
func TestCheckedWhenClosed(t *testing.T) {
	path := filled(t)
	trusted := func() bool { _, err := os.Stat(path + ".checked"); return err == nil }
	if !trusted() {
		t.Fatal("a file that was closed in order is not trusted")
	}
	s := Open(t.Context(), path)
	if trusted() {
		t.Error("a file that is open is trusted: it would be after a crash")
	}
	if had := works(t, s); had != "b" || s.Trouble() != nil {
		t.Errorf("it holds %q, %v", had, s.Trouble())
	}
	if err := s.Close(); err != nil || !trusted() {
		t.Fatalf("closed: %v, trusted %v", err, trusted())
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	for at := int64(4096); at < info.Size(); at += 4096 { // the size stays
		if _, err := f.WriteAt([]byte("nonsense, and more nonsense than a page can be"), at); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	s = Open(t.Context(), path)
	trouble, _ := s.Trouble().(*Error)
	if trouble == nil || trouble.Kind != Damaged {
		t.Fatalf("damaged since it was closed: %v", s.Trouble())
	}
	if aside, err := os.Stat(trouble.Aside); err != nil || aside.Size() != info.Size() {
		t.Errorf("set aside: %v", err)
	}
	if err := s.Close(); err != nil || !trusted() {
		t.Errorf("the new one: %v, trusted %v", err, trusted())
	}
}

// What was damaged while it was open is found when it is closed, and set aside at the next start.
func TestDamagedWhileOpen(t *testing.T) {
	path := filled(t)
	s := Open(t.Context(), path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB().Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB().Exec("PRAGMA shrink_memory"); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	for at := int64(4096); at < info.Size(); at += 4096 {
		if _, err := f.WriteAt([]byte("nonsense, and more nonsense than a page can be"), at); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	if _, err := os.Stat(path + ".checked"); err == nil {
		t.Error("it is trusted")
	}
	s = Open(t.Context(), path)
	defer s.Close()
	if trouble, _ := s.Trouble().(*Error); trouble == nil || trouble.Kind != Damaged {
		t.Errorf("at the next start: %v", s.Trouble())
	}
}
