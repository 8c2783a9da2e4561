//go:build linux

package cli

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"calltray/pbxsim"
)

// authority is a certificate authority that a test's programs trust, by way of SSL_CERT_FILE.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{cert: &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Calltray's test authority"},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}}
	var der []byte
	der, a.key = signed(t, a.cert, nil)
	var err error
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.file = filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(a.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

// signed makes a certificate with a new key, signed by the authority, or by itself if that is nil.
func signed(t *testing.T, template *x509.Certificate, by *authority) ([]byte, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	return der, key
}

// server is the configuration of a TLS server of that name or address, valid until then.
func (a *authority) server(t *testing.T, host string, until time.Time) *tls.Config {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "pbx.test"},
		NotBefore: until.Add(-12 * time.Hour), NotAfter: until,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, key := signed(t, template, a)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// TestCheck: what "calltray check" says of a server that is well, and of each way in which one is not: the
// step that fails, the sentence under it, the exit code. With -v it prints the table.
func TestCheck(t *testing.T) {
	trusted, stranger := newAuthority(t), newAuthority(t)
	here, tomorrow := "127.0.0.1", time.Now().Add(10*time.Hour)
	const (
		address     = "The server's name is known"
		connection  = "The server can be reached"
		certificate = "The server is the right one"
		gateway     = "There is a gateway at the address"
		login       = "The PBX accepts the login"
		monitor     = "The PBX tells of this extension's calls"
		well        = "Everything works: calls would be seen. There is no display here to show them on."
	)
	cases := []struct {
		name      string
		conf      *tls.Config // of a server with TLS; nil is one without
		faults    func(*pbxsim.Behaviour)
		elsewhere func(t *testing.T, gateway string) string // the address, if not the PBX's
		change    func(env []string) []string
		step      string // that fails; "" if none does
		hubStep   string // over SignalR, if another
		sentence  string // one of those between bars: which one depends on the network
		overHub   string // the sentence over SignalR, where it is another
	}{
		{name: "good server, plain",
			sentence: well},
		{name: "good server, TLS", conf: trusted.server(t, here, tomorrow),
			sentence: well},
		{name: "wrong password", conf: trusted.server(t, here, tomorrow), change: set("CALLTRAY_PASSWORD", "wrong"), step: login,
			sentence: "The PBX refused the login (invalidApplicationInfo): look at the user ID, the password and the PBX domain in the settings."},
		{name: "expired certificate", conf: trusted.server(t, here, time.Now().Add(-time.Hour)), step: certificate,
			sentence: "The server's certificate has expired, or this computer's clock is wrong: look at the clock, then ask the administrator of the PBX."},
		{name: "certificate of another host", conf: trusted.server(t, "pbx.example.dk", tomorrow), step: certificate,
			sentence: "The server's certificate is for another name: look at the address in the settings."},
		{name: "unknown authority", conf: stranger.server(t, here, tomorrow), step: certificate,
			sentence: "The server's certificate comes from an authority that this computer does not trust: ask the administrator of the PBX, or compare and trust it in the settings."},
		{name: "closed port", elsewhere: closedPort, step: connection,
			sentence: "The server refuses connections at this port: look at the address in the settings, or wait until it is started."},
		{name: "unknown host", elsewhere: unknownHost, step: address,
			sentence: "There is no computer of the name pbx.calltray.invalid: look at the address in the settings." +
				"|The name pbx.calltray.invalid cannot be looked up now: look at the network connection."},
		{name: "web server that is no hub", elsewhere: webServer, step: login, hubStep: gateway,
			sentence: "Something answers at this address, but it is no CSTA gateway: look at the address and its port in the settings.",
			overHub:  "A web page answers in place of the PBX: if this network asks for a sign-in, open a browser; otherwise look at the address in the settings."},
		{name: "TLS where there is none", elsewhere: tlsToPlain, step: certificate,
			sentence: "The server does not speak TLS at this port: look whether the address in the settings should begin with tcp:// or http://."},
		{name: "no MonitorStart", faults: func(b *pbxsim.Behaviour) { b.Unsupported = "MonitorStart" }, step: monitor,
			sentence: "The PBX does not tell this account of calls (serviceNotSupported): ask its administrator to allow monitoring."},
		{name: "unknown extension", change: set("CALLTRAY_DEVICE", "999"), step: monitor,
			sentence: "The PBX does not know this extension: look at the extension in the settings."},
	}
	type row struct {
		name, gateway, step, sentence string
		code                          int
	}
	var rows []*row
	t.Run("servers", func(t *testing.T) {
		for _, tc := range cases {
			for _, gateway := range []string{"tcp", "signalr"} {
				r := &row{name: tc.name, gateway: gateway}
				rows = append(rows, r)
				t.Run(tc.name+"/"+gateway, func(t *testing.T) {
					t.Parallel()
					x := newExchange(t, anna)
					if tc.faults != nil {
						x.Set(tc.faults)
					}
					url := map[string]string{"tcp": x.tcp, "signalr": x.http}[gateway]
					switch {
					case tc.elsewhere != nil:
						url = tc.elsewhere(t, gateway)
					case tc.conf != nil:
						var err error
						if url, err = map[string]func(string, *tls.Config) (string, error){"tcp": x.ListenTLS, "signalr": x.ListenHTTPS}[gateway]("127.0.0.1:0", tc.conf); err != nil {
							t.Fatal(err)
						}
					}
					env := append(x.env(url, anna, "200"), "SSL_CERT_FILE="+trusted.file, "SSL_CERT_DIR="+t.TempDir())
					if tc.change != nil {
						env = tc.change(env)
					}
					p := start(t, env, "check")
					r.code = p.finish(t)
					r.step, r.sentence = failure(p.printed.String())
					wantCode, wantStep := 0, tc.step
					if gateway == "signalr" && tc.hubStep != "" {
						wantStep = tc.hubStep
					}
					if tc.step != "" {
						wantCode = 1
					}
					sentence := tc.sentence
					if gateway == "signalr" && tc.overHub != "" {
						sentence = tc.overHub
					}
					if r.code != wantCode || r.step != wantStep || !slices.Contains(strings.Split(sentence, "|"), r.sentence) {
						t.Errorf("exit code %d, want %d; failing step %q, want %q; sentence %q, want %q\n%s%s", r.code, wantCode, r.step, wantStep, r.sentence, sentence, &p.printed, &p.stderr)
					}
				})
			}
		}
	})
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "server\tgateway\texit code\tfailing step\tsentence")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\n", r.name, r.gateway, r.code, r.step, r.sentence)
	}
	w.Flush()
	t.Logf("\n%s", &table)
}

// failure finds the step that failed in what check printed, and the sentence about it; or "" and the
// sentence at the end.
func failure(printed string) (step, sentence string) {
	lines := strings.Split(strings.TrimSpace(printed), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "FAILED") && i+1 < len(lines) {
			_, step, _ = strings.Cut(line, " ms  ")
			step, _, _ = strings.Cut(step, " (")
			return step, strings.TrimSpace(strings.Join(lines[i+1:], "\n"))
		}
	}
	return "", lines[len(lines)-1]
}

func scheme(gateway, host string) string {
	if gateway == "tcp" {
		return "tcp://" + host
	}
	return "http://" + host + "/csta"
}

func closedPort(t *testing.T, gateway string) string {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	return scheme(gateway, closed.Addr().String())
}

// unknownHost is under a name that will never be there. (RFC 6761 §6.4)
func unknownHost(_ *testing.T, gateway string) string {
	return scheme(gateway, "pbx.calltray.invalid:7000")
}

// webServer answers every request with a page.
func webServer(t *testing.T, gateway string) string {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintln(w, "<!DOCTYPE html><title>Welcome</title><p>It works!")
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return scheme(gateway, s.Listener.Addr().String())
}

// tlsToPlain is a server without TLS, asked with it.
func tlsToPlain(t *testing.T, gateway string) string {
	address := webServer(t, gateway)
	return strings.NewReplacer("tcp:", "tls:", "http:", "https:").Replace(address)
}
