-- Pairs of people who may be one, the lower id first, and what was judged.
-- `doubt_ppm` is what lacks to certainty, in parts per million; `open_since`
-- is in microseconds.
CREATE TABLE duplicate_case (
    id          BLOB    NOT NULL PRIMARY KEY,
    lower       BLOB    NOT NULL,
    higher      BLOB    NOT NULL,
    version     INTEGER NOT NULL,
    is_open     INTEGER NOT NULL,
    doubt_ppm   INTEGER NOT NULL,
    open_since  INTEGER NOT NULL,
    body        TEXT    NOT NULL
) STRICT;

CREATE INDEX duplicate_case_by_lower ON duplicate_case (lower, id);
CREATE INDEX duplicate_case_by_higher ON duplicate_case (higher, id);

CREATE INDEX duplicate_case_likeliest ON duplicate_case (doubt_ppm, id) WHERE is_open = 1;
CREATE INDEX duplicate_case_longest_open ON duplicate_case (open_since, id) WHERE is_open = 1;
