package native

import (
	"context"
	"testing"
	"time"

	"golang.org/x/sys/windows/registry"
)

// The task bar of the user whom the test runs as is said to be light and dark, and what was there is put back.
func TestWatchPanel(t *testing.T) {
	const value = "SystemUsesLightTheme"
	key, existed, err := registry.CreateKey(registry.CURRENT_USER, personalize, registry.QUERY_VALUE|registry.SET_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	before, _, missing := key.GetIntegerValue(value)
	t.Cleanup(func() {
		if missing == nil {
			_ = key.SetDWordValue(value, uint32(before))
		} else {
			_ = key.DeleteValue(value)
		}
		key.Close()
		if !existed {
			_ = registry.DeleteKey(registry.CURRENT_USER, personalize)
		}
	})
	put := func(light uint32) {
		t.Helper()
		if err := key.SetDWordValue(value, light); err != nil {
			t.Fatal(err)
		}
	}

	put(1)
	ctx, cancel := context.WithCancel(t.Context())
	reports, ended := make(chan bool, 100), make(chan struct{})
	go func() {
		defer close(ended)
		(&Desk{}).WatchPanel(ctx, func(dark bool) { reports <- dark })
	}()
	until := func(want bool) {
		t.Helper()
		limit := time.After(30 * time.Second)
		for {
			select {
			case dark := <-reports:
				if dark == want {
					return
				}
			case <-limit:
				t.Fatalf("dark was never reported to be %v", want)
			}
		}
	}
	until(false)
	for range 3 {
		put(0)
		until(true)
		put(1)
		until(false)
	}
	cancel()
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		t.Error("the watch does not end")
	}
}
