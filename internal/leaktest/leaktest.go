// Package leaktest is the leak check that every TestMain ends with: when its tests are over, no goroutine of ours
// or of a library that we answer for may be left.
package leaktest

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// Any is the word for Main that stands in the stack of every goroutine but the first: for a package whose libraries
// may leave none either.
const Any = "created by "

// patience is how long goroutines have to end after the last test. Only a failing run waits so long.
const patience = 10 * time.Second

// Main runs the tests of a package and exits, with code 1 when they passed but left a goroutine of this module, or
// one with any of these words in its stack. The goroutines of package testing and of os/signal do not count. Call it
// from TestMain, as its last line.
func Main(m *testing.M, words ...string) {
	code := m.Run()
	if left := wait(words...); code == 0 && left != "" {
		fmt.Fprintln(os.Stderr, "goroutines are left:\n"+left)
		code = 1
	}
	os.Exit(code)
}

// wait returns the stacks of the goroutines of ours that do not end.
func wait(words ...string) string {
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		left := ours(words)
		if left == "" || time.Now().After(deadline) {
			return left
		}
	}
}

// ours returns the stacks of all other goroutines that are in this module, or have one of the words in them.
func ours(words []string) string {
	buf := make([]byte, 4<<20)
	var list []string
	for i, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		has := func(word string) bool { return strings.Contains(stack, word) }
		if i == 0 {
			continue // the caller
		}
		if has("calltray/") || !has("testing.") && !has("os/signal.") && slices.ContainsFunc(words, has) {
			list = append(list, stack)
		}
	}
	return strings.Join(list, "\n\n")
}
