package transport

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"math/big"
	"sync"
	"testing"
	"time"
)

// negativeSerial is a certificate whose serial number is below zero, as some appliances make them.
// x509.CreateCertificate would not: one bit of a good one is turned, and it is signed again.
func negativeSerial(t *testing.T) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(0x7fabcdef), Subject: pkix.Name{CommonName: "pbx"}, NotAfter: time.Now().Add(time.Hour),
	}, &x509.Certificate{SerialNumber: big.NewInt(1)}, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	var parts struct {
		Body      asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(good, &parts); err != nil {
		t.Fatal(err)
	}
	body := bytes.Replace(parts.Body.FullBytes, []byte{0x7f, 0xab, 0xcd, 0xef}, []byte{0x80, 0xab, 0xcd, 0xef}, 1)
	sum := sha256.Sum256(body)
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	parts.Body = asn1.RawValue{FullBytes: body}
	parts.Signature = asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	raw, err := asn1.Marshal(parts)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

// shakingHands is a server that shakes hands in TLS, and no more, until the test ends.
func shakingHands(t *testing.T, config *tls.Config) (address string) {
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				_ = conn.(*tls.Conn).Handshake()
				_, _ = io.Copy(io.Discard, conn)
			})
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return l.Addr().String()
}
