package cstasession

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"log/slog"
	"strings"
)

// scrubber takes one secret out of texts, in every form in which it travels: as it is, escaped for
// XML, and escaped for JSON. A server may quote the login that it refuses.
type scrubber []string

func newScrubber(p Password) scrubber {
	secret := p.Reveal()
	if secret == "" {
		return nil
	}
	var inXML bytes.Buffer
	_ = xml.EscapeText(&inXML, []byte(secret)) // a buffer does not fail
	inJSON, _ := json.Marshal(secret)          // nor does a string
	return scrubber{secret, inXML.String(), string(inJSON[1 : len(inJSON)-1])}
}

func (s scrubber) scrub(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, redacted)
	}
	return text
}

// frame is a frame for a log. It is redacted only if the log wants it.
func (s scrubber) frame(b []byte) slog.LogValuer { return loggedFrame{b, s} }

type loggedFrame struct {
	frame []byte
	scrub scrubber
}

// LogValue returns nothing of a login, since one that cannot be read may hold its password anywhere;
// otherwise the frame itself, cleaned and bounded, without the secret.
func (f loggedFrame) LogValue() slog.Value {
	low := bytes.ToLower(f.frame)
	for _, sign := range []string{"password", "<startapplicationsession>", `"startapplicationsession"`} {
		if bytes.Contains(low, []byte(sign)) {
			return slog.StringValue(redacted)
		}
	}
	return slog.StringValue(printable(f.scrub.scrub(string(f.frame))))
}
