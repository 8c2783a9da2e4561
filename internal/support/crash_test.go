package support

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// crash is the child of TestCrash: it ends by a panic in another goroutine.
func crash(folder string) {
	if _, err := CatchCrashes(folder); err != nil {
		os.Exit(3)
	}
	go func() { panic("planted") }()
	select {}
}

// private fails the test when the path is open to others.
func private(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); runtime.GOOS != "windows" && got != want {
		t.Errorf("%s has the rights %v, want %v", filepath.Base(path), got, want)
	}
}

func TestCrash(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "state", "calltray")
	crashed := func() {
		t.Helper()
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "SUPPORT_TEST_CRASH="+folder)
		if out, err := child.CombinedOutput(); err == nil || !strings.Contains(string(out), "panic: planted") {
			t.Fatalf("the child did not crash: %v\n%s", err, out)
		}
	}
	crashed()
	private(t, folder, 0o700)
	private(t, filepath.Join(folder, crashFile), 0o600)

	// The next start tells it, the one after that does not.
	previous, err := CatchCrashes(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stopCatching)
	trace, err := os.ReadFile(previous)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"panic: planted", "crash_test.go:", "goroutine "} {
		if !strings.Contains(string(trace), want) {
			t.Errorf("no %q in the trace:\n%s", want, trace)
		}
	}
	private(t, previous, 0o600)
	stopCatching()
	if again, err := CatchCrashes(folder); err != nil || again != "" {
		t.Errorf("told twice: %q, %v", again, err)
	}
	if path, at, found := PreviousCrash(folder); !found || path != previous || time.Since(at) > time.Minute {
		t.Errorf("PreviousCrash: %q of %v, %t", path, at, found)
	}

	// Of many, the newest three stay.
	for i := range 5 {
		if err := os.WriteFile(filepath.Join(folder, crashFile), []byte("trace"), 0o644); err != nil {
			t.Fatal(err)
		}
		at := time.Date(2030, 1, 1, 0, 0, i, 0, time.UTC)
		if err := os.Chtimes(filepath.Join(folder, crashFile), at, at); err != nil {
			t.Fatal(err)
		}
		stopCatching()
		if previous, err = CatchCrashes(folder); err != nil {
			t.Fatal(err)
		}
		private(t, filepath.Join(folder, crashFile), 0o600)
	}
	kept, _ := filepath.Glob(filepath.Join(folder, crashGlob))
	if len(kept) != crashKept || kept[2] != previous || filepath.Base(previous) != "crash-20300101-000004.txt" {
		t.Errorf("kept %q, told %q", kept, previous)
	}
}

func TestNoCrash(t *testing.T) {
	folder := t.TempDir()
	t.Cleanup(stopCatching)
	if previous, err := CatchCrashes(folder); previous != "" || err != nil {
		t.Errorf("%q, %v", previous, err)
	}
	if path, _, found := PreviousCrash(folder); found {
		t.Errorf("found %q", path)
	}
	inTheWay := filepath.Join(folder, "file")
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := CatchCrashes(filepath.Join(inTheWay, "calltray")); err == nil {
		t.Error("a folder that cannot be made is no error")
	}
}

// stopCatching has the runtime forget the file: Windows neither renames nor removes one that is open.
func stopCatching() { _ = debug.SetCrashOutput(nil, debug.CrashOptions{}) }
