-- Messages that were taken, by sender and id, until they are too old to come
-- again. Times in microseconds.
CREATE TABLE replay_taken (
    sender      TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    sent_at     INTEGER NOT NULL,
    PRIMARY KEY (sender, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX replay_taken_by_time ON replay_taken (sender, sent_at);

-- How many of a sender's are held, and the latest time of one that was
-- forgotten.
CREATE TABLE replay_sender (
    sender      TEXT    NOT NULL PRIMARY KEY,
    held        INTEGER NOT NULL,
    forgotten   INTEGER
) STRICT, WITHOUT ROWID;
