package cstasession

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/pbxsim"
)

// selfSigned is a certificate that no authority vouches for.
func selfSigned(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "pbx.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"pbx.test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// secured listens with a certificate, on both gateways.
func secured(t *testing.T, pbx *pbxsim.PBX, cert tls.Certificate) []string {
	t.Helper()
	conf := &tls.Config{Certificates: []tls.Certificate{cert}}
	overTLS, err := pbx.ListenTLS("127.0.0.1:0", conf)
	if err != nil {
		t.Fatal(err)
	}
	overHTTPS, err := pbx.ListenHTTPS("127.0.0.1:0", conf)
	if err != nil {
		t.Fatal(err)
	}
	return []string{overTLS, overHTTPS}
}

func TestPinnedCertificate(t *testing.T) {
	pbx := pbxsim.New(pbxsim.Config{})
	t.Cleanup(func() { pbx.Close() })
	cert := selfSigned(t)
	for _, address := range secured(t, pbx, cert) {
		cfg := config(address)
		var unverified *tls.CertificateVerificationError
		if err := Try(within(t), cfg); !errors.As(err, &unverified) || csta.Fingerprint(unverified.UnverifiedCertificates[0]) != csta.Fingerprint(cert.Leaf) {
			t.Errorf("%s, not pinned: got %v, want an error with the certificate", address, err)
		}
		cfg.Pin = strings.ToLower(csta.Fingerprint(cert.Leaf))
		if err := Try(within(t), cfg); err != nil {
			t.Errorf("%s, pinned: %v", address, err)
		}
		other := selfSigned(t)
		cfg.Pin = csta.Fingerprint(other.Leaf)
		var changed *csta.PinError
		if err := Try(within(t), cfg); !errors.As(err, &changed) || changed.Pinned != cfg.Pin || changed.Shown != csta.Fingerprint(cert.Leaf) {
			t.Errorf("%s, another one pinned: got %v, want both fingerprints", address, err)
		}
	}
}

func TestCheckReportsItsSteps(t *testing.T) {
	pbx := pbxsim.New(pbxsim.Config{Outside: pbxsim.Demo})
	t.Cleanup(func() { pbx.Close() })
	cert := selfSigned(t)
	trusted := x509.NewCertPool()
	trusted.AddCert(cert.Leaf)
	session := []string{"login", "monitor"}
	for _, test := range []struct {
		name   string
		change func(*Config)
		number string
		want   []string // the last one fails unless ok
		ok     bool
	}{
		{"good", func(*Config) {}, "", session, true},
		{"with a call", func(*Config) {}, "22334455", append(session, "call"), true},
		{"wrong password", func(c *Config) { c.Password = csta.NewPassword("wrong") }, "", session[:1], false},
		{"unknown extension", func(c *Config) { c.Device = "299" }, "", session, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, address := range secured(t, pbx, cert) {
				cfg := config(address)
				cfg.RootCAs = trusted
				test.change(&cfg)
				var names []string
				var last Step
				err := Check(within(t), cfg, test.number, func(s Step) { names, last = append(names, s.Name), s })
				want := []string{"proxy", "address", "connection", "certificate"}
				if strings.HasPrefix(address, "https") {
					want = append(want, "negotiation", "transport")
				}
				want = append(want, test.want...)
				if !slices.Equal(names, want) || (err == nil) != test.ok || last.Err != err {
					t.Errorf("%s: got %v and %v, want %v", address, names, err, want)
				}
			}
		})
	}
}
