// Package leaktest is the leak check with which every TestMain ends: when its tests are over, no goroutine may
// be left that is ours, or that belongs to a library we answer for.
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

// Any is an argument of Main that occurs in the stack of every goroutine but the first: for a package whose
// libraries must not leave any either.
const Any = "created by "

// patience is how long goroutines may take to end after the last test. Only a failing run waits that long.
const patience = 10 * time.Second

// Main runs the tests of a package and exits, with code 1 if they passed but left a goroutine of this module,
// or one with any of these words in its stack. The goroutines of package testing and of os/signal do not count.
// Call it in TestMain, as the last statement.
func Main(m *testing.M, words ...string) {
	code := m.Run()
	if left := wait(words...); code == 0 && left != "" {
		fmt.Fprintln(os.Stderr, "goroutines are left:\n"+left)
		code = 1
	}
	os.Exit(code)
}

// wait returns the stacks of our goroutines that do not end.
func wait(words ...string) string {
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		left := ours(words)
		if left == "" || time.Now().After(deadline) {
			return left
		}
	}
}

// ours returns the stacks of all other goroutines that are in this module, or contain one of the words.
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
