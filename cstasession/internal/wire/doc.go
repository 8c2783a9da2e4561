// Package wire reads and writes what travels between a CSTA client and its gateway: frames, ECMA-323 XML and
// the hub's JSON, both decoded into one tree of elements, and the messages and events in it. It is pure: bytes
// and values in, values and bytes out.
//
// Everything a gateway sends is hostile until it is cleaned: ReadEvent and the other readers return cleaned
// text, Element.Text is raw, Printable and Scrubber.Clean make text safe to show and to log.
package wire
