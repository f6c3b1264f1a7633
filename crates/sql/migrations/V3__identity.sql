-- The codes that were sent, as tags, and how they were tried.
CREATE TABLE code_challenge (
    id          BLOB    NOT NULL PRIMARY KEY,
    person      BLOB    NOT NULL,
    issued_at   INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    state       TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    body        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX code_challenge_by_person ON code_challenge (person, issued_at);

-- One open challenge a person: of two that are issued at once, one fails.
CREATE UNIQUE INDEX code_challenge_open ON code_challenge (person) WHERE state = 'open';

CREATE INDEX code_challenge_by_end ON code_challenge (expires_at);

-- Whom the usual methods do not serve, and who answers for them. An attester's
-- exceptions are numbered: of two that are granted at once, one fails.
CREATE TABLE exception (
    id          BLOB    NOT NULL PRIMARY KEY,
    person      BLOB    NOT NULL,
    attester    BLOB    NOT NULL,
    position    INTEGER NOT NULL,
    review_by   TEXT    NOT NULL,
    until       INTEGER NOT NULL,
    uses        INTEGER NOT NULL,
    used        INTEGER NOT NULL,
    revoked     INTEGER NOT NULL,
    body        TEXT    NOT NULL,
    UNIQUE (attester, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX exception_by_person ON exception (person, id);

CREATE INDEX exception_by_review ON exception (review_by, id) WHERE revoked = 0;

-- The uses of exceptions, numbered too.
CREATE TABLE exception_use (
    id          BLOB    NOT NULL PRIMARY KEY,
    exception   BLOB    NOT NULL,
    number      INTEGER NOT NULL,
    body        TEXT    NOT NULL,
    UNIQUE (exception, number)
) STRICT, WITHOUT ROWID;
