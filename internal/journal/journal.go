package journal

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/store"
)

// Config configures a journal.
type Config struct {
	// Open opens the file. It is called once, on the journal's goroutine, so that a slow disk delays nobody
	// else.
	Open func(context.Context) *store.Store
	// OnChange is called on the journal's goroutine after rows were written, or when Trouble changes. It must
	// not block for long. May be nil.
	OnChange func()
	Logger   *slog.Logger // may be nil
	// Keep is how long rows are kept after they began; 0 is for ever.
	Keep time.Duration
	// Company, if set, returns the company that a number belongs to, "" if unknown. It must not block.
	Company func(number string) string
	// Private stops the recording of calls.
	Private bool
}

// Journal is the history of calls. Its methods may be called from any goroutine; those with a context wait for the
// disk, the others never do.
type Journal struct {
	cfg   Config
	store *store.Store  // must not be used before ready is closed
	wake  chan struct{} // there is something to write; holds one token
	stop  context.CancelFunc
	ended chan struct{}

	mu      sync.Mutex    // guards the following fields
	ready   chan struct{} // closed when the file is open
	early   []func()      // to be done when the file is open
	open    bool
	keep    time.Duration
	private bool
	trouble error
	unseen  Unseen

	queue   []write        // in order, what is not yet on the disk
	unsaved map[int64]*Row // the rows that queue refers to, by ID
	latest  int64          // the latest ID given

	status csta.Status
	gap    *Row   // the current one
	live   []*Row // active calls, as of the last state
	recent []*Row // the calls that ended last, newest first, to which later events may refer
	lost   []*Row // calls whose end nobody saw, and which may reappear

	took    map[string]csta.Party          // by linkage: the colleague who answered
	dialled map[csta.ConnectionID]struct{} // what this program dialled, until the session reports it
}

// write is a statement for the database.
type write struct {
	row  *Row // the row it is about; nil for none
	sql  string
	args []any
}

// The bounds of what is kept in memory.
const (
	maxQueue  = 20000
	maxRecent = 100
	maxTook   = 200
)

// retry is how long the journal waits before it retries a failed write.
const retry = 5 * time.Second

// closeLimit is how long writing the last rows may take.
const closeLimit = 3 * time.Second

// New returns a journal. It opens nothing: Start does.
func New(cfg Config) *Journal {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.OnChange == nil {
		cfg.OnChange = func() {}
	}
	return &Journal{cfg: cfg, ready: make(chan struct{}), wake: make(chan struct{}, 1), keep: cfg.Keep, private: cfg.Private,
		unsaved: map[int64]*Row{}, took: map[string]csta.Party{}, dialled: map[csta.ConnectionID]struct{}{}}
}

// Start opens the file on a goroutine of its own; Close must be called. A closed journal may be started again.
func (j *Journal) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	j.stop, j.ended = cancel, make(chan struct{})
	go j.run(ctx)
}

// Close writes what is left, for up to three seconds, and closes the file.
func (j *Journal) Close() {
	j.do(func() {
		j.put(nil, write{sql: "REPLACE INTO facts VALUES ('seen', ?)", args: []any{millis(time.Now())}})
	})
	j.stop()
	<-j.ended
	j.mu.Lock()
	defer j.mu.Unlock()
	j.open, j.ready = false, make(chan struct{})
	j.queue, j.live, j.recent, j.lost, j.gap, j.status = nil, nil, nil, nil, nil, csta.Offline
	clear(j.unsaved)
}

// Ready waits until the file is open, and returns it.
func (j *Journal) Ready(ctx context.Context) (*store.Store, error) {
	j.mu.Lock()
	ready := j.ready
	j.mu.Unlock()
	select {
	case <-ready:
		return j.store, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Trouble returns why not everything is being kept, as a *store.Error; nil if everything is.
func (j *Journal) Trouble() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.trouble
}

// run is the goroutine that writes.
func (j *Journal) run(ctx context.Context) {
	defer close(j.ended)
	last, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(closeLimit, cancel) })()
	j.begin(last)
	defer func() { _ = j.store.Close() }()
	hourly := time.NewTicker(time.Hour)
	defer hourly.Stop()
	for {
		closing := ctx.Err() != nil // checked before the queue is: what arrived while the disk was busy is written, too
		left := j.flush(last)
		if closing {
			return
		}
		var again <-chan time.Time
		if left {
			again = time.After(retry)
		}
		select {
		case <-ctx.Done():
		case <-j.wake:
		case <-again:
		case <-hourly.C:
			j.do(j.expire)
		}
	}
}

// begin opens the file, and does what was requested meanwhile.
func (j *Journal) begin(ctx context.Context) {
	j.store = j.cfg.Open(ctx)
	last, err := recall(ctx, j.store.DB())
	j.mu.Lock()
	if j.trouble = j.store.Trouble(); j.trouble == nil && err != nil {
		j.trouble = store.Explain(err)
	}
	if j.trouble != nil {
		j.cfg.Logger.Warn("the call history", "trouble", j.trouble)
	}
	j.latest, j.recent, j.lost = last.id, last.recent, last.lost
	if !last.seen.IsZero() {
		j.gapBegins(NotRunning, last.seen)
	}
	j.expire()
	j.open = true
	for _, f := range j.early {
		f()
	}
	j.early = nil
	close(j.ready)
	j.mu.Unlock()
	j.cfg.OnChange()
}

// do runs f, in order: now, or when the file is open.
func (j *Journal) do(f func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.open:
		f()
	case len(j.early) < maxQueue:
		j.early = append(j.early, f)
	}
}

// put queues a write: about a row or, if that is nil, about anything else. The caller holds mu.
func (j *Journal) put(r *Row, w write) {
	if r != nil {
		w.row = r
		j.unsaved[r.ID] = r
	}
	if len(j.queue) < maxQueue { // otherwise the disk has not accepted anything for weeks
		j.queue = append(j.queue, w)
	}
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// flush writes the queue, and reports whether something is left because the disk did not accept it.
func (j *Journal) flush(ctx context.Context) (left bool) {
	j.mu.Lock()
	queue := j.queue[:len(j.queue):len(j.queue)]
	j.mu.Unlock()
	if len(queue) == 0 {
		return false
	}
	err := j.transact(ctx, queue)
	unseen, failed := unseen(ctx, j.store.DB())
	j.mu.Lock()
	before := j.trouble
	if err == nil {
		j.queue = j.queue[len(queue):]
		clear(j.unsaved)
		for _, w := range j.queue { // queued while the disk was busy
			if w.row != nil && !w.row.gone {
				j.unsaved[w.row.ID] = w.row
			}
		}
		j.trouble = j.store.Trouble()
	} else {
		j.trouble = store.Explain(err)
	}
	if failed == nil {
		j.unseen = unseen
	}
	if (before == nil) != (j.trouble == nil) {
		j.cfg.Logger.Warn("the call history", "trouble", j.trouble)
	}
	j.mu.Unlock()
	j.cfg.OnChange()
	return err != nil
}

// transact executes statements, all or none, except that one that the database can never accept is skipped, so
// that it does not hold back all later ones.
func (j *Journal) transact(ctx context.Context, queue []write) error {
	tx, err := j.store.DB().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	for _, w := range queue {
		switch _, err := tx.ExecContext(ctx, w.sql, w.args...); {
		case store.Refused(err): // SQLite has undone only this statement
			j.cfg.Logger.Error("something of the call history cannot be kept", "sentence", w.sql, "err", err)
		case err != nil:
			return err
		}
	}
	return tx.Commit()
}

// row returns a row in memory, nil if it is not there. The caller holds mu.
func (j *Journal) row(id int64) *Row {
	for r := range j.inMemory() {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// inMemory yields the rows in memory, some of them twice. The caller holds mu.
func (j *Journal) inMemory() func(yield func(*Row) bool) {
	return func(yield func(*Row) bool) {
		if j.gap != nil && !yield(j.gap) {
			return
		}
		for _, list := range [][]*Row{j.live, j.recent, j.lost} {
			for _, r := range list {
				if !yield(r) {
					return
				}
			}
		}
		for _, r := range j.unsaved {
			if !yield(r) {
				return
			}
		}
	}
}

// expire deletes rows that are older than the period for which rows are kept. The caller holds mu.
func (j *Journal) expire() {
	if j.keep > 0 {
		j.put(nil, write{sql: "DELETE FROM calls WHERE began < ?", args: []any{millis(time.Now().Add(-j.keep))}})
	}
}

// SetKeep changes how long rows are kept; 0 is for ever.
func (j *Journal) SetKeep(keep time.Duration) {
	j.do(func() {
		j.keep = keep
		j.expire()
	})
}

// SetPrivate stops the recording of calls, or resumes it. Active calls are not affected.
func (j *Journal) SetPrivate(private bool) { j.do(func() { j.private = private }) }

// millis and moment convert the times in the file; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
