package main

import (
	"context"
	"sync"

	"calltray/cstasession/csta"
)

// feed carries news from a session, which must not be kept waiting, to a reader that may be slow (a
// pager, a pipe): a State, a Colleague or a Queue. It is a queue without a limit, in order.
type feed struct {
	mu   sync.Mutex
	news []any
	err  error         // why no more will come
	more chan struct{} // holds one token when there may be news
}

func newFeed() *feed { return &feed{more: make(chan struct{}, 1)} }

func (f *feed) put(news any) { f.change(func() { f.news = append(f.news, news) }) }

func (f *feed) end(err error) { f.change(func() { f.err = err }) }

func (f *feed) change(how func()) {
	f.mu.Lock()
	how()
	f.mu.Unlock()
	select {
	case f.more <- struct{}{}:
	default:
	}
}

// any returns what came next, as soon as there is something. One goroutine may call it.
func (f *feed) any(ctx context.Context) (any, error) {
	for {
		f.mu.Lock()
		if len(f.news) > 0 {
			next := f.news[0]
			f.news = f.news[1:]
			f.mu.Unlock()
			return next, nil
		}
		err := f.err
		f.mu.Unlock()
		if err != nil {
			return nil, err
		}
		select {
		case <-f.more:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// next returns the next state, and skips other news.
func (f *feed) next(ctx context.Context) (csta.State, error) {
	for {
		news, err := f.any(ctx)
		if st, ok := news.(csta.State); ok || err != nil {
			return st, err
		}
	}
}

// online skips states until the session is online, and returns that one. A first attempt that fails is
// an error: whoever waits at a command line wants to know, not to wait.
func (f *feed) online(ctx context.Context) (csta.State, error) {
	for {
		st, err := f.next(ctx)
		switch {
		case err != nil:
			return st, err
		case st.Status == csta.Online:
			return st, nil
		case st.Err != nil:
			return st, st.Err
		}
	}
}
