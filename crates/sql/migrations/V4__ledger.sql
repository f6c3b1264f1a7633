-- Amounts and ids are 16 bytes, the first the most significant. Times are
-- nanoseconds since 1970 and are never two alike.
CREATE TABLE ledger_account (
    id              BLOB    NOT NULL PRIMARY KEY,
    timestamp       INTEGER NOT NULL UNIQUE,
    ledger          INTEGER NOT NULL,
    code            INTEGER NOT NULL,
    flags           INTEGER NOT NULL,
    user_data_128   BLOB    NOT NULL,
    user_data_64    INTEGER NOT NULL,
    user_data_32    INTEGER NOT NULL,
    closed          INTEGER NOT NULL,
    debits_pending  BLOB    NOT NULL,
    debits_posted   BLOB    NOT NULL,
    credits_pending BLOB    NOT NULL,
    credits_posted  BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

-- In the order in which they were booked; never changed.
CREATE TABLE ledger_transfer (
    timestamp       INTEGER NOT NULL PRIMARY KEY,
    id              BLOB    NOT NULL UNIQUE,
    debit_account   BLOB    NOT NULL,
    credit_account  BLOB    NOT NULL,
    amount          BLOB    NOT NULL,
    pending_id      BLOB,
    user_data_128   BLOB    NOT NULL,
    user_data_64    INTEGER NOT NULL,
    user_data_32    INTEGER NOT NULL,
    timeout_seconds INTEGER NOT NULL,
    ledger          INTEGER NOT NULL,
    code            INTEGER NOT NULL,
    flags           INTEGER NOT NULL
) STRICT;

-- An index ends in the table's key, so each gives a statement by time.
CREATE INDEX ledger_transfer_debit ON ledger_transfer (debit_account);
CREATE INDEX ledger_transfer_credit ON ledger_transfer (credit_account);

-- What became of each pending transfer. Only what can still expire is due.
CREATE TABLE ledger_pending (
    transfer        BLOB    NOT NULL PRIMARY KEY,
    state           INTEGER NOT NULL,
    due             INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX ledger_pending_due ON ledger_pending (due) WHERE due IS NOT NULL;

-- Ids that failed for a reason that may pass, and must not succeed later.
CREATE TABLE ledger_burnt (
    transfer        BLOB    NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Balances of accounts with history after each of their transfers.
CREATE TABLE ledger_balance (
    account         BLOB    NOT NULL,
    timestamp       INTEGER NOT NULL,
    debits_pending  BLOB    NOT NULL,
    debits_posted   BLOB    NOT NULL,
    credits_pending BLOB    NOT NULL,
    credits_posted  BLOB    NOT NULL,
    PRIMARY KEY (account, timestamp)
) STRICT, WITHOUT ROWID;
