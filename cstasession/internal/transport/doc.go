// Package transport carries CSTA messages to a gateway and back: ECMA-323 XML over TCP or TLS, and JSON over an
// ASP.NET Core SignalR hub. It knows negotiation, proxies and certificates; what the messages say is package
// wire's.
//
// Dial returns one link, which is never made again: who wants another dials again.
package transport
