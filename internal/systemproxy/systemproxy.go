// Package systemproxy finds the proxy for an address in this computer's settings: Windows' (static, a PAC file,
// WPAD), the desktop's on Linux, macOS's.
package systemproxy

import (
	"context"
	"net/url"
	"strings"
	"time"
)

// limit is how long finding a proxy may take: a PAC file is loaded from the network, and evaluated.
const limit = 5 * time.Second

// Find returns the proxy for a web address, as http://host:port or socks5://host:port, and where it was found,
// in words for a reader; "" for no proxy, including when the settings cannot be read or do not answer in time.
// The system is only shown the scheme and the host of the address. Any goroutine may call it.
func Find(ctx context.Context, address *url.URL) (proxy, from string) {
	type found struct{ proxy, from string }
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	answer := make(chan found, 1)
	asked := (&url.URL{Scheme: address.Scheme, Host: address.Host, Path: "/"}).String()
	go func() { // the system call cannot be cancelled
		proxy, from := find(ctx, asked)
		answer <- found{first(proxy), from}
	}()
	select {
	case f := <-answer:
		if f.proxy == "" {
			return "", ""
		}
		return f.proxy, f.from
	case <-ctx.Done():
		return "", ""
	}
}

// first returns the first proxy in a list, as a URL: the list is "PROXY a:8080; DIRECT", from a PAC file,
// "http://a:8080", from portals, or "a:8080". The result is empty for a direct connection.
func first(list string) string {
	one, _, _ := strings.Cut(list, ";")
	one = strings.TrimSpace(one)
	if kind, rest, two := strings.Cut(one, " "); two {
		scheme := map[string]string{"PROXY": "http", "HTTP": "http", "HTTPS": "https", "SOCKS": "socks5", "SOCKS5": "socks5"}[strings.ToUpper(kind)]
		if scheme == "" {
			return ""
		}
		one = scheme + "://" + strings.TrimSpace(rest)
	}
	switch {
	case one == "" || strings.EqualFold(one, "DIRECT") || strings.HasPrefix(one, "direct:"):
		return ""
	case !strings.Contains(one, "://"):
		one = "http://" + one
	}
	return strings.Replace(one, "socks://", "socks5://", 1)
}
