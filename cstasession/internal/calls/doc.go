// Package calls is the calls of one telephone or queue: a pure fold of CSTA events and snapshots into values of
// package csta. It does no I/O, starts no goroutine, and asks no clock: whoever owns a Table calls it from one
// goroutine and says what time it is.
package calls
