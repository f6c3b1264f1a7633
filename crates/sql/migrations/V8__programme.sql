-- Every version of every programme's statement.
CREATE TABLE programme (
    id          BLOB    NOT NULL,
    version     INTEGER NOT NULL,
    salt        BLOB    NOT NULL,
    body        TEXT    NOT NULL,
    PRIMARY KEY (id, version)
) STRICT, WITHOUT ROWID;

-- What was decided about whom, with the facts that it was decided on.
CREATE TABLE programme_decision (
    id          BLOB    NOT NULL PRIMARY KEY,
    unit        BLOB    NOT NULL,
    programme   BLOB    NOT NULL,
    salt        BLOB    NOT NULL,
    body        TEXT    NOT NULL
) STRICT;

CREATE INDEX programme_decision_by_unit ON programme_decision (unit, id);
CREATE INDEX programme_decision_by_programme ON programme_decision (programme, id);

-- How enrolments began. `settled` is where one stands from `settled_from` on
-- while nothing has happened to it; null once something has.
CREATE TABLE programme_enrolment (
    id           BLOB    NOT NULL PRIMARY KEY,
    unit         BLOB    NOT NULL,
    programme    BLOB    NOT NULL,
    settled      TEXT,
    settled_from TEXT    NOT NULL,
    salt         BLOB    NOT NULL,
    body         TEXT    NOT NULL
) STRICT;

CREATE INDEX programme_enrolment_by_unit ON programme_enrolment (unit, id);
CREATE INDEX programme_enrolment_by_programme ON programme_enrolment (programme, id);

-- What happened to them, in the order in which it was recorded.
CREATE TABLE programme_event (
    id          BLOB    NOT NULL PRIMARY KEY,
    enrolment   BLOB    NOT NULL REFERENCES programme_enrolment (id),
    position    INTEGER NOT NULL,
    salt        BLOB    NOT NULL,
    body        TEXT    NOT NULL,
    UNIQUE (enrolment, position)
) STRICT;

CREATE TABLE programme_cycle (
    id          BLOB    NOT NULL PRIMARY KEY,
    salt        BLOB    NOT NULL,
    body        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- `for_cycle` is the cycle that an entitlement is for; of arrears, the one
-- that was missed.
CREATE TABLE programme_entitlement (
    id          BLOB    NOT NULL PRIMARY KEY,
    enrolment   BLOB    NOT NULL,
    cycle       BLOB    NOT NULL,
    unit        BLOB    NOT NULL,
    for_cycle   BLOB    NOT NULL,
    salt        BLOB    NOT NULL,
    body        TEXT    NOT NULL
) STRICT;

CREATE INDEX programme_entitlement_by_enrolment ON programme_entitlement (enrolment, id);
CREATE INDEX programme_entitlement_by_cycle ON programme_entitlement (cycle, id);
CREATE INDEX programme_entitlement_by_unit ON programme_entitlement (unit, for_cycle, id);
