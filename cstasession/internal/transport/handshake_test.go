package transport

import (
	"crypto/tls"
	"errors"
	"net/http/httptest"
	"testing"

	"calltray/cstasession/csta"
)

// Handshakes that fail before there is a certificate to judge say what is wrong.
func TestHandshakeErrors(t *testing.T) {
	good := httptest.NewUnstartedServer(nil)
	good.StartTLS()
	defer good.Close()
	for _, c := range []struct {
		name   string
		config *tls.Config
		want   error
	}{
		{"TLS 1.0 only", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}, csta.ErrTLSVersion},
		{"TLS 1.1 only", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, csta.ErrTLSVersion},
		{"RSA key exchange only", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}}, csta.ErrTLSCipher},
		{"negative serial number", &tls.Config{Certificates: []tls.Certificate{negativeSerial(t)}}, csta.ErrCertificateBroken},
	} {
		if c.config.Certificates == nil {
			c.config.Certificates = good.TLS.Certificates
		}
		address := shakingHands(t, c.config)
		for _, scheme := range []string{"tls", "https"} {
			_, err := Dial(within(t), optionsFor(scheme+"://"+address))
			if !errors.Is(err, c.want) {
				t.Errorf("%s over %s: got %v, want %v", c.name, scheme, err, c.want)
			}
		}
	}
}
