package systemproxy

import "strings"

// readScutil parses the output of scutil --proxy: it returns the proxy for a host, "" for none. A PAC file is
// only named there, and ignored.
func readScutil(text, host string) string {
	values := map[string]string{}
	var exceptions []string
	for line := range strings.SplitSeq(text, "\n") {
		key, value, pair := strings.Cut(strings.TrimSpace(line), " : ")
		if !pair {
			continue
		}
		if key = strings.TrimSpace(key); strings.Trim(key, "0123456789") == "" {
			exceptions = append(exceptions, value) // of ExceptionsList, the only list
		}
		values[key] = value
	}
	if excepted(host, strings.Join(exceptions, ",")) || values["ExcludeSimpleHostnames"] == "1" && !strings.Contains(host, ".") {
		return ""
	}
	for _, kind := range []struct{ key, scheme string }{{"HTTPS", "http"}, {"HTTP", "http"}, {"SOCKS", "socks5"}} {
		if values[kind.key+"Enable"] == "1" && values[kind.key+"Proxy"] != "" {
			return kind.scheme + "://" + values[kind.key+"Proxy"] + ":" + values[kind.key+"Port"]
		}
	}
	return ""
}
