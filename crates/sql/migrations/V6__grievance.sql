-- Complaints as they are now. Beside the body are the columns by which they
-- are listed; `owner` and `role` are there while a case is open.
CREATE TABLE grievance_case (
    id            BLOB    NOT NULL PRIMARY KEY,
    version       INTEGER NOT NULL,
    receipt       BLOB    NOT NULL UNIQUE,
    state         TEXT    NOT NULL,
    is_open       INTEGER NOT NULL,
    untold        INTEGER NOT NULL,
    role          TEXT,
    owner         BLOB,
    waiting_since INTEGER NOT NULL,
    salt          BLOB    NOT NULL,
    body          TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX grievance_case_open ON grievance_case (is_open, id);
CREATE INDEX grievance_case_untold ON grievance_case (untold, id);
CREATE INDEX grievance_case_in_state ON grievance_case (state, id);
CREATE INDEX grievance_case_with_role ON grievance_case (role, id);
CREATE INDEX grievance_case_owned ON grievance_case (owner, id);

-- What was done to them, for ever.
CREATE TABLE grievance_event (
    case_id       BLOB    NOT NULL,
    version       INTEGER NOT NULL,
    salt          BLOB    NOT NULL,
    body          TEXT    NOT NULL,
    PRIMARY KEY (case_id, version)
) STRICT, WITHOUT ROWID;
