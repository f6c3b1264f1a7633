-- Every write to a person, a unit or a membership, for ever. Days are counted
-- from the first day of the common era, times are microseconds.
CREATE TABLE registry_revision (
    entity       TEXT    NOT NULL,
    id           BLOB    NOT NULL,
    version      INTEGER NOT NULL,
    effective_on INTEGER NOT NULL,
    recorded_at  INTEGER NOT NULL,
    actor        BLOB    NOT NULL,
    purpose      TEXT    NOT NULL,
    correlation  BLOB    NOT NULL,
    command      BLOB    NOT NULL,
    act          INTEGER NOT NULL,
    salt         BLOB    NOT NULL,
    body         TEXT    NOT NULL,
    UNIQUE (entity, id, version),
    UNIQUE (command, act)
) STRICT;

-- What is below follows from the revisions: the last write of each entity, and
-- which one is shown, because it takes effect last.
CREATE TABLE registry_person (
    id            BLOB    NOT NULL PRIMARY KEY,
    version       INTEGER NOT NULL,
    recorded_at   INTEGER NOT NULL,
    shown         INTEGER NOT NULL,
    effective_on  INTEGER NOT NULL,
    born_earliest INTEGER,
    born_latest   INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE registry_unit (
    id           BLOB    NOT NULL PRIMARY KEY,
    version      INTEGER NOT NULL,
    recorded_at  INTEGER NOT NULL,
    shown        INTEGER NOT NULL,
    effective_on INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    place        BLOB
) STRICT, WITHOUT ROWID;

CREATE INDEX registry_unit_of_kind ON registry_unit (kind);
CREATE INDEX registry_unit_at_place ON registry_unit (place);

-- Which kind a unit is from which day on.
CREATE TABLE registry_unit_kind (
    unit         BLOB    NOT NULL,
    effective_on INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    PRIMARY KEY (unit, effective_on)
) STRICT, WITHOUT ROWID;

CREATE TABLE registry_membership (
    id          BLOB    NOT NULL PRIMARY KEY,
    unit        BLOB    NOT NULL,
    person      BLOB    NOT NULL,
    version     INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX registry_membership_in_unit ON registry_membership (unit);
CREATE INDEX registry_membership_of_person ON registry_membership (person);

-- By what people are found, as they are shown.
CREATE TABLE registry_word (
    word   TEXT    NOT NULL,
    person BLOB    NOT NULL,
    name   INTEGER NOT NULL,
    PRIMARY KEY (word, person, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE registry_phone (
    phone  TEXT NOT NULL,
    person BLOB NOT NULL,
    PRIMARY KEY (phone, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE registry_document (
    scheme TEXT NOT NULL,
    value  TEXT NOT NULL,
    person BLOB NOT NULL,
    PRIMARY KEY (scheme, value, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE registry_place (
    place  BLOB NOT NULL,
    person BLOB NOT NULL,
    PRIMARY KEY (place, person)
) STRICT, WITHOUT ROWID;
