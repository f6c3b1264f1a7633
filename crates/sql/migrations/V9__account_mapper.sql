-- Where people are paid.
CREATE TABLE account_mapper_address (
    person  BLOB    NOT NULL PRIMARY KEY,
    body    TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
