package cstasession

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

// serveRaw is a server of some other kind: each connection gets a bufio.Reader to wait for the login with.
func serveRaw(t *testing.T, serve func(net.Conn, *bufio.Reader)) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.SetDeadline(time.Now().Add(patience))
			serve(conn, bufio.NewReader(conn))
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

// says answers the login with some bytes, and leaves when the client does.
func says(text string) func(net.Conn, *bufio.Reader) {
	return func(conn net.Conn, in *bufio.Reader) {
		_, _ = in.ReadString(0)
		_, _ = io.WriteString(conn, text)
		_, _ = io.Copy(io.Discard, in)
	}
}

// TestServersOfOtherKinds: each is found out at once, and said to be what it is: no gateway.
func TestServersOfOtherKinds(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	pbx := pbxsim.New(pbxsim.Config{})
	t.Cleanup(func() { pbx.Close() })
	gateway, err := pbx.ListenTCP("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for name, url := range map[string]string{
		"a web server":                      "tcp://" + web.Listener.Addr().String(),
		"a login shell":                     "tcp://" + serveRaw(t, says("SSH-2.0-OpenSSH_9.7\r\n")),
		"a mail server":                     "tcp://" + serveRaw(t, says("220 mail.example.dk ESMTP\r\n")),
		"a few bytes":                       "tcp://" + serveRaw(t, says("?")),
		"a port that wants TLS":             "tcp://" + serveRaw(t, says("\x15\x03\x01\x00\x02\x02\x46")),
		"trap 1: UTF-16 with a mark":        "tcp://" + serveRaw(t, says("\xff\xfe<\x00a\x00/\x00>\x00")),
		"trap 1: UTF-16, the other way":     "tcp://" + serveRaw(t, says("\xfe\xff\x00<\x00a\x00/\x00>")),
		"trap 1: UTF-16 without a mark":     "tcp://" + serveRaw(t, says("<\x00?\x00x\x00m\x00l\x00")),
		"trap 1: UTF-16, without and other": "tcp://" + serveRaw(t, says("\x00<\x00?\x00x\x00m\x00l")),
		"a TLS address of a plain gateway":  strings.Replace(gateway, "tcp:", "tls:", 1),
		"a TLS address of a shell": "tls://" + serveRaw(t, func(conn net.Conn, in *bufio.Reader) {
			_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH_9.7\r\n")
			_, _ = io.Copy(io.Discard, in)
		}),
		"a hub's address of a web server":   web.URL + "/csta",
		"a hub's TLS address, plain inside": strings.Replace(web.URL, "http:", "https:", 1) + "/csta",
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			err := Try(within(t), config(url))
			if !errors.Is(err, csta.ErrProtocol) {
				t.Errorf("got %v, want %v", err, csta.ErrProtocol)
			}
			if strings.Contains(name, "UTF-16") && (err == nil || !strings.Contains(err.Error(), "UTF-16")) {
				t.Errorf("got %v, want it to say UTF-16", err)
			}
			if took := time.Since(began); took > patience/2 {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	var refused *net.OpError
	for _, scheme := range []string{"tcp", "tls", "http", "https"} {
		if err := Try(within(t), config(scheme+"://"+l.Addr().String())); !errors.As(err, &refused) || errors.Is(err, csta.ErrProtocol) {
			t.Errorf("%s, a closed port: got %v, want a *net.OpError", scheme, err)
		}
		var unknown *net.DNSError
		if err := Try(within(t), config(scheme+"://pbx.invalid:7000")); !errors.As(err, &unknown) {
			t.Errorf("%s, no such host: got %v, want a *net.DNSError", scheme, err)
		}
	}
}

// authority is a certificate authority of the test's own.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{}
	made := a.issue(t, func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
	})
	a.key = made.PrivateKey.(*ecdsa.PrivateKey)
	a.cert = made.Leaf
	return a
}

// issue makes a certificate for 127.0.0.1, changed as asked; an authority without a key signs itself.
func (a *authority) issue(t *testing.T, change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "gateway"},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if change != nil {
		change(template)
	}
	parent, signer := a.cert, a.key
	if signer == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: cert}
}

func TestCertificates(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	unknown := func(err error) bool { var e x509.UnknownAuthorityError; return errors.As(err, &e) }
	for _, test := range []struct {
		name string
		cert tls.Certificate
		want func(error) bool
	}{
		{"good", ca.issue(t, nil), func(err error) bool { return err == nil }},
		{"of an unknown authority", stranger.issue(t, nil), unknown},
		{"signed by itself", (&authority{}).issue(t, nil), unknown},
		{"of another host", ca.issue(t, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"other.example.dk"} }),
			func(err error) bool { var e x509.HostnameError; return errors.As(err, &e) }},
		{"expired", ca.issue(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) }),
			func(err error) bool {
				var e x509.CertificateInvalidError
				return errors.As(err, &e) && e.Reason == x509.Expired
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			pbx := pbxsim.New(pbxsim.Config{})
			t.Cleanup(func() { pbx.Close() })
			for _, url := range secured(t, pbx, test.cert) {
				cfg := config(url)
				cfg.RootCAs = roots
				if err := Try(within(t), cfg); !test.want(err) || errors.Is(err, csta.ErrProtocol) {
					t.Errorf("%s: got %v", url, err)
				}
			}
		})
	}
}

// TestOverAWire plays a call through what networks do to a stream.
func TestOverAWire(t *testing.T) {
	for name, behaviour := range map[string]pbxsim.Behaviour{
		"trap 4: pieces of a byte":      {Chunk: 1},
		"trap 4: pieces of three":       {Chunk: 3, Prolog: true},
		"trap 5: gathered":              {Coalesce: 20 * time.Millisecond},
		"trap 6: no namespace":          {NoNamespace: true, PrivateData: "first"},
		"trap 7: upper case":            {Case: "upper"},
		"trap 7: lower case":            {Case: "lower"},
		"trap 10: every event twice":    {Duplicates: true},
		"trap 18: events before answer": {EventsFirst: true, NoRequestID: true},
	} {
		t.Run(name, func(t *testing.T) {
			overBoth(t, pbxsim.Config{Behaviour: behaviour}, func(t *testing.T, pbx *pbxsim.PBX, url string) {
				c := start(t, config(url))
				c.await("online", online)
				call, err := pbx.Call("22334455", "200", "Ærø Bageri 漢🙂")
				if err != nil {
					t.Fatal(err)
				}
				ringing := c.phase(csta.Ringing)
				if ringing.Remote.Name != "Ærø Bageri 漢🙂" {
					t.Errorf("got %q", ringing.Remote.Name)
				}
				pbx.InjectMalformed()
				pbx.InjectUnknown()
				if err := c.AnswerCall(within(t), ringing.ID); err != nil {
					t.Fatal(err)
				}
				c.phase(csta.Active)
				if err := call.Clear("22334455"); err != nil {
					t.Fatal(err)
				}
				c.phase(csta.Ended)
				if id, err := c.MakeCall(within(t), "201"); err != nil {
					t.Errorf("MakeCall: %v", err)
				} else if err := c.ClearConnection(within(t), id); err != nil {
					t.Errorf("ClearConnection: %v", err)
				}
				if got, want := c.phases(), []string{"ringing", "active", "ended", "calling", "ended"}; len(got) < 4 || !slices.Equal(got[:4], want[:4]) || got[len(got)-1] != "ended" {
					t.Errorf("phases: got %v, want %v", got, want)
				}
			})
		})
	}
}
