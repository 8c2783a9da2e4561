CREATE TABLE sources (
	id INTEGER PRIMARY KEY,
	kind TEXT NOT NULL,              -- file, or folder
	address TEXT NOT NULL UNIQUE,
	position INTEGER NOT NULL DEFAULT 0, -- their names go before those of higher ones
	refreshed INTEGER NOT NULL DEFAULT 0, -- when that worked last
	mark TEXT NOT NULL DEFAULT '',   -- by which a source is seen to have changed
	error TEXT NOT NULL DEFAULT '',  -- why the last refresh did not work
	report TEXT NOT NULL DEFAULT ''
);

CREATE TABLE contacts (
	id INTEGER PRIMARY KEY,
	source INTEGER NOT NULL,         -- 0 is the user's own book
	name TEXT NOT NULL,
	company TEXT NOT NULL,
	note TEXT NOT NULL DEFAULT '',
	words TEXT NOT NULL              -- folded: what a search looks at
);
CREATE INDEX contacts_source ON contacts (source);

CREATE TABLE numbers (
	contact INTEGER NOT NULL REFERENCES contacts ON DELETE CASCADE,
	place INTEGER NOT NULL,
	label TEXT NOT NULL,
	number TEXT NOT NULL,            -- as it was written
	ending TEXT NOT NULL             -- its last digits, by which it is found
);
CREATE INDEX numbers_ending ON numbers (ending);
CREATE INDEX numbers_contact ON numbers (contact);
