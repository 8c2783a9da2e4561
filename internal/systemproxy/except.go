package systemproxy

import "strings"

// excepted reports whether a host matches a list of exceptions, separated by commas or semicolons: names, with
// * as a wildcard, and <local> for those without a dot. (Windows' ProxyOverride)
func excepted(host, list string) bool {
	host = strings.ToLower(host)
	for _, pattern := range strings.FieldsFunc(strings.ToLower(list), func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		if pattern == "<local>" && !strings.ContainsAny(host, ".:") || like(host, pattern) {
			return true
		}
	}
	return false
}

// like reports whether a name matches a pattern with * as a wildcard.
func like(name, pattern string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return name == pattern
	}
	if !strings.HasPrefix(name, parts[0]) {
		return false
	}
	name = name[len(parts[0]):]
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(name, part)
		if at < 0 {
			return false
		}
		name = name[at+len(part):]
	}
	return strings.HasSuffix(name, parts[len(parts)-1])
}
