package systemproxy

import (
	"context"
	"os/exec"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"calltray/internal/sessionbus"
)

// find asks the portal, which also evaluates a PAC file, and the settings of GNOME and similar desktops: a
// portal without GLib's module for these (glib-networking) knows no proxy, and reports none.
func find(ctx context.Context, address string) (proxy, from string) {
	if !sessionbus.Present() {
		return "", ""
	}
	if list, ok := portal(ctx, address); ok && !slices.Equal(list, []string{"direct://"}) {
		return strings.Join(list, ";"), "portal"
	}
	return desktop(ctx, address)
}

// portal asks org.freedesktop.portal.ProxyResolver. (XDG Desktop Portal documentation)
func portal(ctx context.Context, address string) (list []string, ok bool) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return nil, false
	}
	defer conn.Close()
	if conn.Auth(nil) != nil || conn.Hello() != nil {
		return nil, false
	}
	object := conn.Object("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop")
	if err := object.CallWithContext(ctx, "org.freedesktop.portal.ProxyResolver.Lookup", 0, address).Store(&list); err != nil {
		return nil, false
	}
	return list, true
}

// desktop reads org.gnome.system.proxy.
func desktop(ctx context.Context, address string) (proxy, from string) {
	get := func(schema, key string) string {
		out, err := exec.CommandContext(ctx, "gsettings", "get", schema, key).Output()
		if err != nil {
			return ""
		}
		return strings.Trim(strings.TrimSpace(string(out)), "'")
	}
	const schema = "org.gnome.system.proxy"
	if get(schema, "mode") != "manual" {
		return "", ""
	}
	host, _, _ := strings.Cut(address[strings.Index(address, "://")+3:], "/")
	if at := strings.LastIndexByte(host, ':'); at > strings.LastIndexByte(host, ']') {
		host = host[:at]
	}
	if excepted(strings.Trim(host, "[]"), strings.NewReplacer("[", "", "]", "", "'", "", "@as", "").Replace(get(schema, "ignore-hosts"))) {
		return "", ""
	}
	for _, kind := range []string{"https", "http", "socks"} {
		host, port := get(schema+"."+kind, "host"), get(schema+"."+kind, "port")
		if host == "" || port == "" || port == "0" {
			continue
		}
		scheme := "http"
		if kind == "socks" {
			scheme = "socks5"
		}
		return scheme + "://" + host + ":" + port, "desktop"
	}
	return "", ""
}
