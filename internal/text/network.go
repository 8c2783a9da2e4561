package text

import (
	"crypto/x509"
	"errors"
	"net/http"
	"strings"

	"calltray/cstasession/csta"
)

// explainWay explains a problem on the path to the gateway: with a proxy, a web server, another host.
func explainWay(err error) Message {
	var proxy *csta.ProxyError
	var status *csta.StatusError
	var other *csta.OtherHostError
	switch {
	case errors.As(err, &other):
		return New("other-host", "{{.Entered}} wants to send your login to another server, {{.Host}}: allow it only if the administrator of the PBX knows that name.",
			"Entered", Plain(other.Entered, maxHost), "Host", Plain(other.Host, maxHost))
	case errors.As(err, &proxy):
		return explainProxy(proxy)
	case errors.As(err, &status):
		return explainStatus(status)
	case errors.Is(err, csta.ErrProxyScheme):
		return New("proxy-kind", "The proxy of this computer is of a kind that Calltray cannot use: its address must begin with http://, https:// or socks5://.")
	case errors.Is(err, csta.ErrWebPage):
		return New("captive-portal", "A web page answers in place of the PBX: if this network asks for a sign-in, open a browser; otherwise look at the address in the settings.")
	case errors.Is(err, csta.ErrNoWebSocket):
		return New("no-websockets", "The web server in front of the PBX does not let WebSockets through: ask the administrator of the PBX to allow them.")
	}
	return Message{}
}

// maxHost is how much of a host's name is shown in a sentence.
const maxHost = 60

func explainProxy(e *csta.ProxyError) Message {
	name := Plain(e.Proxy, maxHost)
	switch {
	case e.Code == 0 && errors.Is(e, csta.ErrProxyScheme):
		return New("proxy-kind", "The proxy of this computer is of a kind that Calltray cannot use: its address must begin with http://, https:// or socks5://.")
	case e.Code == 0:
		return New("proxy-silent", "The proxy {{.Proxy}} does not answer: look at the network connection, and at the proxy's address.", "Proxy", name)
	case e.Code == http.StatusProxyAuthRequired && !e.WantsPassword():
		return New("proxy-scheme", "The proxy {{.Proxy}} only accepts a sign-in by {{.Schemes}}, which Calltray does not have: ask your network's administrator to let Calltray through.",
			"Proxy", name, "Schemes", Plain(strings.Join(e.Schemes, ", "), 40))
	case e.Code == http.StatusProxyAuthRequired && e.SignedIn:
		return New("proxy-password", "The proxy {{.Proxy}} does not accept the user name and password: type them again in the settings, under General.", "Proxy", name)
	case e.Code == http.StatusProxyAuthRequired:
		return New("proxy-login", "The proxy {{.Proxy}} wants a user name and password: type them in the settings, under General.", "Proxy", name)
	case e.Code == http.StatusForbidden:
		return New("proxy-forbids", "The proxy {{.Proxy}} does not allow connections to the PBX: ask your network's administrator to allow them.", "Proxy", name)
	case e.Code >= 500:
		return New("proxy-unreachable", "The proxy {{.Proxy}} cannot reach the PBX: Calltray tries again by itself; if it lasts, tell your network's administrator.", "Proxy", name)
	}
	return New("proxy-failed", "The proxy {{.Proxy}} did not make the connection: ask your network's administrator whether it allows CONNECT.", "Proxy", name)
}

func explainStatus(e *csta.StatusError) Message {
	switch e.Code {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return New("moved", "The server has another address now: ask the administrator of the PBX for it, and put it into the settings.")
	case http.StatusUnauthorized:
		return New("web-login", "The web server in front of the PBX wants a sign-in of its own: ask the administrator of the PBX for the address that Calltray can use.")
	case http.StatusForbidden:
		return New("web-forbids", "The web server in front of the PBX refuses this computer: ask the administrator of the PBX to allow it.")
	case http.StatusTooManyRequests:
		return New("too-many-requests", "The server has had too many requests from here: Calltray waits as long as it asks, and tries again by itself.")
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return New("pbx-down", "The web server is there, but not the PBX behind it: Calltray tries again by itself; if it lasts, tell the administrator of the PBX.")
	case http.StatusServiceUnavailable, http.StatusRequestTimeout:
		return New("server-busy", "The server is too busy or being maintained: Calltray waits and tries again by itself.")
	case http.StatusNetworkAuthenticationRequired:
		return New("network-login", "This network asks for a sign-in: open a browser and sign in; Calltray then connects by itself.")
	}
	if e.Code >= 500 {
		return New("server-fault", "The server has a fault: Calltray tries again by itself; if it lasts, tell the administrator of the PBX.")
	}
	return Message{}
}

// explainHandshake explains why there is no secure connection with a server, before or because of its
// certificate.
func explainHandshake(err error) Message {
	var host x509.HostnameError
	switch {
	case errors.Is(err, csta.ErrTLSVersion):
		return New("tls-version", "The server only has an old, unsafe version of TLS: ask the administrator of the PBX to turn on TLS 1.2 or 1.3.")
	case errors.Is(err, csta.ErrTLSCipher):
		return New("tls-cipher", "The server offers no safe encryption: ask the administrator of the PBX to turn on TLS 1.3, or ECDHE in TLS 1.2.")
	case errors.Is(err, csta.ErrCertificateBroken):
		return New("certificate-malformed", "The server's certificate is malformed: ask the administrator of the PBX for a new one.")
	case errors.As(err, &host) && commonNameOnly(host.Certificate):
		return New("certificate-common-name", "The server's certificate has a common name only: ask the administrator of the PBX for a new one with a SAN, or compare and trust it in the settings.")
	}
	return Message{}
}

func commonNameOnly(c *x509.Certificate) bool {
	return c.Subject.CommonName != "" && len(c.DNSNames)+len(c.IPAddresses)+len(c.EmailAddresses)+len(c.URIs) == 0
}
