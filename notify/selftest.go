package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"calltray/internal/text"
)

// Why a notification could not be shown, for errors.Is.
var (
	ErrNoService error = text.Errorf("no-notifications", "The desktop has no service for notifications: only the popup announces calls.")
	ErrNoAnswer  error = text.Errorf("notifications-silent", "The desktop's service for notifications does not answer: only the popup announces calls.")
	ErrClosed    error = text.Errorf("notifications-closed", "Notifications have ended: start Calltray again.")
)

// maxSentence is how much of a sentence of ours is shown, in characters: more than any can have, even with a
// server's text in it.
const maxSentence = 400

// testLimit is how long a test notification may take: the desktop may have to start its service first.
const testLimit = 10 * time.Second

// test is a test notification that somebody waits for, or another one of which nothing is tracked.
type test struct {
	notice notice
	done   chan error      // has room for the result
	gone   <-chan struct{} // closed when nobody waits any more
}

func (cfg Config) testNotice() notice {
	return notice{kind: noticeTest, key: "test", title: cfg.Say("This is how an incoming call is announced"), body: cfg.Say("Only a test: nobody is calling.")}
}

// Test shows a notification that says that it is a test, and that disappears after some seconds. It returns nil
// when the desktop's notification service has accepted it, which is all that can be known: whether it is
// visible is up to the desktop ("do not disturb"). Otherwise the error says why not: ErrNoService; ErrNoAnswer
// after ten seconds, or when ctx ends; ErrClosed; or the service's own.
func (n *Notifier) Test(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, testLimit)
	defer cancel()
	t := test{notice: n.cfg.testNotice(), done: make(chan error, 1), gone: ctx.Done()}
	select {
	case n.tests <- t:
	case <-n.quit:
		return ErrClosed
	case <-ctx.Done():
		return gaveUp(ctx)
	}
	select {
	case err := <-t.done:
		return err
	case <-n.quit:
		return ErrClosed
	case <-ctx.Done():
		return gaveUp(ctx)
	}
}

// Tell shows a notification with a sentence, which disappears after some seconds. It does not block, and fails
// silently if notifications cannot be shown.
func (n *Notifier) Tell(sentence string) {
	t := test{notice: notice{kind: noticeTest, key: "told", title: n.cfg.AppName, body: clean(sentence, maxSentence)}, done: make(chan error, 1)}
	go func() {
		select {
		case n.tests <- t:
		case <-n.quit:
		}
	}()
}

func gaveUp(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", ErrNoAnswer, context.Cause(ctx))
	}
	return context.Cause(ctx)
}
