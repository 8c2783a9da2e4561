package systemproxy

import (
	"context"
	"net/url"
	"strings"
	"sync"

	"github.com/mattn/go-ieproxy"
)

// reloading guards the settings, which ieproxy keeps in a package variable.
var reloading sync.Mutex

// find asks Windows. (WinHTTP: WinHttpGetIEProxyConfigForCurrentUser, WinHttpGetProxyForUrl)
func find(_ context.Context, address string) (proxy, from string) {
	reloading.Lock()
	conf := ieproxy.ReloadConf() // they may have changed with the network
	reloading.Unlock()
	if conf.Automatic.Active {
		if proxy := conf.Automatic.FindProxyForURL(address); proxy != "" {
			return proxy, "PAC"
		}
	}
	u, err := url.Parse(address)
	if err != nil || !conf.Static.Active || excepted(u.Hostname(), conf.Static.NoProxy) {
		return "", ""
	}
	for _, kind := range []string{u.Scheme, "https", "http", ""} {
		if proxy := conf.Static.Protocols[kind]; proxy != "" {
			return proxy, "Windows"
		}
	}
	if proxy := conf.Static.Protocols["socks"]; proxy != "" {
		return "socks5://" + strings.TrimPrefix(proxy, "socks://"), "Windows"
	}
	return "", ""
}
