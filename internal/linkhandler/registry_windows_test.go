package linkhandler

import (
	"errors"
	"testing"

	"golang.org/x/sys/windows/registry"
)

// The test uses the registry of the machine that it runs on, with a name that no program has.
func TestRegistry(t *testing.T) {
	h := Handler{ID: "dk.calltray.Test", Name: "CalltrayTest", Command: []string{`C:\Program Files\Calltray\calltray.exe`}}
	t.Cleanup(func() { _ = h.Unregister() })
	if s, err := h.State(); s.Registered || s.Default || err != nil {
		t.Errorf("before: %+v, %v", s, err)
	}
	for range 2 {
		if err := h.Register(); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := h.State(); !s.Registered || err != nil {
		t.Errorf("registered: %+v, %v", s, err)
	}
	for _, v := range [][3]string{
		{`Software\Classes\CalltrayTest.Link\shell\open\command`, "", `"C:\Program Files\Calltray\calltray.exe" "%1"`},
		{`Software\CalltrayTest\Capabilities\URLAssociations`, "callto", "CalltrayTest.Link"},
		{`Software\RegisteredApplications`, "CalltrayTest", `Software\CalltrayTest\Capabilities`},
	} {
		if got, err := get(v[0], v[1]); got != v[2] || err != nil {
			t.Errorf("%s %s: %q, %v; want %q", v[0], v[1], got, err, v[2])
		}
	}
	for range 2 {
		if err := h.Unregister(); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{`Software\Classes\CalltrayTest.Link`, `Software\CalltrayTest`} {
		if key, err := registry.OpenKey(registry.CURRENT_USER, path, registry.QUERY_VALUE); !errors.Is(err, registry.ErrNotExist) {
			key.Close()
			t.Errorf("%s is left behind", path)
		}
	}
	if got, err := get(`Software\RegisteredApplications`, "CalltrayTest"); got != "" || err != nil {
		t.Errorf("still registered: %q, %v", got, err)
	}
}
