-- A search walks the contacts in the order in which it shows them, and ends when it has enough.
CREATE INDEX contacts_words ON contacts (source != 0, words);
