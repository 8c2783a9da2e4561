// Package transport carries CSTA messages to a gateway and back: ECMA-323 XML over TCP or TLS, and JSON over an
// ASP.NET Core SignalR hub. It handles negotiation, proxies and certificates; the content of messages is left
// to package wire.
//
// Dial returns one link, which does not reconnect: to get another, dial again.
package transport
