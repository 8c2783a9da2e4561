package support

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/adrg/xdg"
)

// open opens a log that the test closes.
func open(t *testing.T, folder string, level slog.Leveler) (*Log, *slog.Logger) {
	t.Helper()
	l, err := OpenLog(folder, level)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l, slog.New(l.Handler())
}

func TestLogIsItsUsersAlone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "state", "calltray")
	l, log := open(t, folder, slog.LevelInfo)
	log.Info("hello", "n", 1)
	log.Debug("not wanted")
	private(t, folder, 0o700)
	private(t, l.Path(), 0o600)
	b, err := os.ReadFile(l.Path())
	if err != nil {
		t.Fatal(err)
	}
	if got := l.Recent(); len(got) != 1 || !strings.Contains(got[0], "msg=hello n=1") || string(b) != got[0]+"\n" {
		t.Errorf("in memory %q, in the file %q", got, b)
	}

	// A folder and a file that were open to others are not any more.
	if err := errors.Join(l.Close(), os.Chmod(folder, 0o755), os.Chmod(l.Path(), 0o644)); err != nil {
		t.Fatal(err)
	}
	l, log = open(t, folder, slog.LevelInfo)
	log.Info("again")
	private(t, folder, 0o700)
	private(t, l.Path(), 0o600)
	if b, err := os.ReadFile(l.Path()); err != nil || strings.Count(string(b), "\n") != 2 {
		t.Errorf("the file of the first start is not gone on with: %q, %v", b, err)
	}
}

func TestLogIsBounded(t *testing.T) {
	l, log := open(t, t.TempDir(), slog.LevelDebug)
	var wg sync.WaitGroup
	for g := range 4 { // together more than all files may hold
		wg.Go(func() {
			for i := range 250 {
				log.Debug("frame", "from", g, "i", i, "frame", strings.Repeat("x", 60<<10-i))
			}
		})
	}
	wg.Wait()
	log.Info("last")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	log.Info("after the end")
	files, err := os.ReadDir(filepath.Dir(l.Path()))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != backups+1 {
		t.Errorf("%d files, want %d", len(files), backups+1)
	}
	for _, file := range files {
		private(t, filepath.Join(filepath.Dir(l.Path()), file.Name()), 0o600)
		if info, err := file.Info(); err != nil || info.Size() > fileMegabytes<<20 {
			t.Errorf("%s: %d bytes, %v", file.Name(), info.Size(), err)
		}
	}
	recent := l.Recent()
	size := 0
	for _, line := range recent {
		size += len(line)
	}
	if size > ringBytes || len(recent) < 30 || !strings.HasSuffix(recent[len(recent)-2], "msg=last") || !strings.HasSuffix(recent[len(recent)-1], `msg="after the end"`) {
		t.Errorf("%d lines of %d bytes in memory", len(recent), size)
	}
	if b, err := os.ReadFile(l.Path()); err != nil || !strings.HasSuffix(string(b), "msg=last\n") {
		t.Errorf("the file does not end with the last line before its end: %v", err)
	}
}

func TestRecentIsTheLastThousand(t *testing.T) {
	l, log := open(t, t.TempDir(), slog.LevelInfo)
	for i := range 2500 {
		log.Info("line", "i", i)
	}
	recent := l.Recent()
	if len(recent) != 1000 {
		t.Fatalf("%d lines", len(recent))
	}
	for i, line := range recent {
		if !strings.HasSuffix(line, fmt.Sprintf(" i=%d", 1500+i)) {
			t.Fatalf("line %d is %q", i, line)
		}
	}
}

func TestALineTooLongIsLeftOutWhole(t *testing.T) {
	l, log := open(t, t.TempDir(), slog.LevelInfo)
	log.Info("frame", "frame", strings.Repeat("canary", 20_000))
	b, err := os.ReadFile(l.Path())
	got := l.Recent()
	if err != nil || len(got) != 1 || strings.Contains(string(b), "canary") || !strings.Contains(got[0], "level=INFO msg=\"a line of 1200") || string(b) != got[0]+"\n" {
		t.Errorf("%q, %q, %v", got, b, err)
	}
}

func TestHide(t *testing.T) {
	const secret = `Sø p&"1`
	l, log := open(t, t.TempDir(), slog.LevelInfo)
	l.Hide(secret)
	l.Hide("another")
	l.Hide("")
	log.Info("in the message: "+secret, "error", errors.New("refused: "+secret), "frame", inJSON(secret, true), "bytes", []byte(secret), "other", "another")
	b, err := os.ReadFile(l.Path())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(b), strings.Join(l.Recent(), "\n")} {
		if strings.Contains(text, `p&`) || strings.Contains(text, `p\u0026`) || strings.Contains(text, "another") || strings.Count(text, hidden) != 5 {
			t.Errorf("%s", text)
		}
	}
}

func TestALogWithoutAFileIsOfUse(t *testing.T) {
	inTheWay := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := OpenLog(filepath.Join(inTheWay, "calltray"), slog.LevelInfo)
	if err == nil || l.Err() == nil {
		t.Errorf("errors: %v, %v", err, l.Err())
	}
	slog.New(l.Handler()).Info("kept")
	if got := l.Recent(); len(got) != 1 || l.Close() != nil {
		t.Errorf("%q", got)
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", dir)
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	if got := Folder(); got != filepath.Join(dir, "calltray") {
		t.Error(got)
	}
}
