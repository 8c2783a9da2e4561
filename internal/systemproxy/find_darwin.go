package systemproxy

import (
	"context"
	"net/url"
	"os/exec"
)

// find asks macOS. (scutil(8), --proxy)
func find(ctx context.Context, address string) (proxy, from string) {
	out, err := exec.CommandContext(ctx, "/usr/sbin/scutil", "--proxy").Output()
	u, bad := url.Parse(address)
	if err != nil || bad != nil {
		return "", ""
	}
	return readScutil(string(out), u.Hostname()), "macOS"
}
