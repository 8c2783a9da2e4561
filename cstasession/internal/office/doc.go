// Package office is what is known of the other extensions and the queues of a PBX, and of the settings of our own
// telephone: a pure fold of events and answers. It returns what changed and which questions are open; it does no
// I/O, starts no goroutine, and asks no clock. Whoever owns an Office calls it from one goroutine.
package office
