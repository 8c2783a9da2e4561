-- Times are milliseconds of Unix.

CREATE TABLE calls (
	id INTEGER PRIMARY KEY,
	kind TEXT NOT NULL,              -- call, offline, or not running: times in which no call was seen
	linkage TEXT NOT NULL DEFAULT '',
	call_id TEXT NOT NULL DEFAULT '',
	device TEXT NOT NULL DEFAULT '', -- of our leg
	direction TEXT NOT NULL DEFAULT '',
	number TEXT NOT NULL DEFAULT '', -- as it would be dialled; '' when withheld
	tail TEXT NOT NULL DEFAULT '',   -- its last digits, by which numbers are compared
	name TEXT NOT NULL DEFAULT '',
	company TEXT NOT NULL DEFAULT '',
	via TEXT NOT NULL DEFAULT '',
	via_name TEXT NOT NULL DEFAULT '',
	dialled INTEGER NOT NULL DEFAULT 0, -- from this program
	first INTEGER NOT NULL,          -- when the first attempt of the call began
	began INTEGER NOT NULL,
	answered INTEGER NOT NULL DEFAULT 0,
	ended INTEGER NOT NULL DEFAULT 0, -- 0 while it goes on, -1 when that is not known
	outcome TEXT NOT NULL DEFAULT '',
	attempts INTEGER NOT NULL DEFAULT 1,
	by_number TEXT NOT NULL DEFAULT '', -- who answered it elsewhere
	by_name TEXT NOT NULL DEFAULT '',
	passed_to TEXT NOT NULL DEFAULT '',
	settled INTEGER NOT NULL DEFAULT 0, -- when; of a missed call
	settled_how TEXT NOT NULL DEFAULT '',
	settled_by TEXT NOT NULL DEFAULT '', -- a colleague's number, and name
	settled_name TEXT NOT NULL DEFAULT '',
	note TEXT NOT NULL DEFAULT '',
	words TEXT NOT NULL DEFAULT '',  -- folded: what a search looks at
	note_words TEXT NOT NULL DEFAULT ''
);
CREATE INDEX calls_began ON calls (began, id);
CREATE INDEX calls_tail ON calls (tail) WHERE tail != '';
CREATE INDEX calls_open ON calls (began, id) WHERE outcome = 'missed' AND settled = 0;

CREATE TABLE facts (
	name TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;
