package journal

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"calltray/cstasession/csta"
	"calltray/internal/store"
)

// A write that the database never takes keeps nothing else back.
func TestRefusedWrite(t *testing.T) {
	d := newDesk(t)
	st, err := d.Ready(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.DB().Exec("CREATE TRIGGER odd BEFORE INSERT ON calls WHEN NEW.number = '20000001' BEGIN SELECT RAISE(ABORT, 'odd'); END"); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		d.over(incoming(fmt.Sprint(i), fmt.Sprint("l", i), fmt.Sprint(20000000+i), "Bo", i), csta.Missed)
	}
	d.restart() // writes what came while the disk was busy
	rows := d.rows(Query{Filter: Missed})
	if len(rows) != 2 || rows[0].Number != "20000002" || d.Trouble() != nil {
		t.Errorf("%d rows are on the disk, trouble %v: %+v", len(rows), d.Trouble(), rows)
	}
}

// With a full disk, calls continue, are listed, and are written when there is space.
func TestNoRoom(t *testing.T) {
	d := newDesk(t)
	st, err := d.Ready(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var pages int
	if err := st.DB().QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := st.DB().Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil { // what a full disk is to SQLite: SQLITE_FULL
		t.Fatal(err)
	}
	for i := range 300 {
		d.over(incoming(fmt.Sprint(i), fmt.Sprint("l", i), fmt.Sprint(20000000+i), strings.Repeat("x", 80), i), csta.Missed)
	}
	limit := time.Now().Add(10 * time.Second)
	for d.Trouble() == nil && time.Now().Before(limit) {
		<-d.changed
	}
	var e *store.Error
	if !errors.As(d.Trouble(), &e) || e.Kind != store.Full {
		t.Fatalf("the trouble is %v", d.Trouble())
	}
	rows, err := d.List(t.Context(), Query{})
	if err != nil || len(rows) != 300 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if rows, err = d.List(t.Context(), Query{Limit: 10, Filter: Missed}); err != nil || len(rows) < 10 || rows[0].Number != "20000299" {
		t.Errorf("the first of %d is %+v, %v", len(rows), rows[0], err)
	}
	if _, err := st.DB().Exec("PRAGMA max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	d.SetKeep(0) // something to write
	if rows := d.rows(Query{}); len(rows) != 300 || d.Trouble() != nil {
		t.Errorf("%d rows, trouble %v", len(rows), d.Trouble())
	}
	d.restart()
	if rows := d.rows(Query{Filter: Missed}); len(rows) != 300 {
		t.Errorf("%d rows are on the disk", len(rows))
	}
}
