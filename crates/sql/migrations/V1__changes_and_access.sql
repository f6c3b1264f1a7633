-- The news of every store, in commit order within its feed.
CREATE TABLE change (
    feed         TEXT    NOT NULL,
    position     INTEGER NOT NULL,
    recorded_at  INTEGER NOT NULL,
    actor        BLOB    NOT NULL,
    purpose      TEXT    NOT NULL,
    correlation  BLOB    NOT NULL,
    effective_on TEXT,
    entity       TEXT    NOT NULL,
    id           BLOB    NOT NULL,
    kind         TEXT    NOT NULL,
    commitment   BLOB    NOT NULL,
    PRIMARY KEY (feed, position)
) STRICT, WITHOUT ROWID;

-- Who looked at personal data.
CREATE TABLE access (
    id          BLOB    NOT NULL PRIMARY KEY,
    position    INTEGER NOT NULL UNIQUE,
    body        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE access_subject (
    subject     BLOB    NOT NULL,
    position    INTEGER NOT NULL,
    PRIMARY KEY (subject, position)
) STRICT, WITHOUT ROWID;
