// Package office holds what is known about the other extensions and the queues of a PBX, and about the settings
// of our own telephone: a pure fold of events and answers. It returns what changed and which questions are
// open; it does no I/O, starts no goroutine, and reads no clock. The owner of an Office calls it from one
// goroutine.
package office
