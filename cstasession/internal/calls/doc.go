// Package calls holds the calls of one telephone or queue: a pure fold of CSTA events and snapshots into values
// of package csta. It does no I/O, starts no goroutine and reads no clock: the owner of a Table calls it from
// one goroutine and passes the time.
package calls
