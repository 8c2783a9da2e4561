-- The start looks for calls that had not ended, and for the newest end.
CREATE INDEX calls_ended ON calls (ended);
