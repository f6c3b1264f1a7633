-- What people were asked, what they said and what became of it.
CREATE TABLE consent (
    id          BLOB    NOT NULL PRIMARY KEY,
    subject     BLOB    NOT NULL,
    position    INTEGER NOT NULL,
    salt        BLOB    NOT NULL,
    body        TEXT    NOT NULL,
    UNIQUE (subject, position)
) STRICT, WITHOUT ROWID;

-- The uses that were granted on consent.
CREATE TABLE consent_use (
    id          BLOB    NOT NULL PRIMARY KEY,
    salt        BLOB    NOT NULL,
    body        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- On which consents each use was counted.
CREATE TABLE consent_use_counted (
    consent     BLOB    NOT NULL,
    position    INTEGER NOT NULL,
    decided_at  INTEGER NOT NULL,
    use_id      BLOB    NOT NULL,
    PRIMARY KEY (consent, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX consent_use_by_time ON consent_use_counted (consent, decided_at);

-- For each person, the latest moment for which a use was decided.
CREATE TABLE consent_check (
    subject     BLOB    NOT NULL PRIMARY KEY,
    latest      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
