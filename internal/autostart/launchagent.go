package autostart

import (
	"bytes"
	"encoding/xml"
)

// launchAgent is the property list of a launch agent (launchd.plist(5)).
func (e Entry) launchAgent() []byte {
	var b bytes.Buffer
	text := func(s string) string {
		var escaped bytes.Buffer
		_ = xml.EscapeText(&escaped, []byte(s)) // writing to a buffer does not fail
		return "<string>" + escaped.String() + "</string>\n"
	}
	b.WriteString(xml.Header)
	b.WriteString(`<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	` + text(e.ID) + `	<key>ProgramArguments</key>
	<array>
`)
	for _, arg := range e.Command {
		b.WriteString("\t\t" + text(arg))
	}
	b.WriteString(`	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>LimitLoadToSessionType</key>
	<string>Aqua</string>
	<key>ProcessType</key>
	<string>Interactive</string>
</dict>
</plist>
`)
	return b.Bytes()
}
