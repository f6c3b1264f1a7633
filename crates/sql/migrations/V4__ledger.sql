-- Amounts and ids are 16 bytes, the first the most significant. Times are
-- nanoseconds since 1970 and are never two alike. Accounts and transfers are
-- numbered from 1 in the order in which they were opened and booked, which is
-- also that of their times; no number is left out.
CREATE TABLE ledger_account (
    number          INTEGER NOT NULL PRIMARY KEY,
    id              BLOB    NOT NULL UNIQUE,
    timestamp       INTEGER NOT NULL,
    ledger          INTEGER NOT NULL,
    code            INTEGER NOT NULL,
    flags           INTEGER NOT NULL,
    user_data_128   BLOB    NOT NULL,
    user_data_64    INTEGER NOT NULL,
    user_data_32    INTEGER NOT NULL
) STRICT;

-- How 32 accounts stand, one after another by their numbers, 74 bytes each:
-- debits pending and posted, credits pending and posted, the number of the
-- last transfer (8 bytes), how many there are since the last milestone
-- (1 byte), whether it is closed (1 byte). Together, because a large batch
-- changes most of them.
CREATE TABLE ledger_standing (
    block           INTEGER NOT NULL PRIMARY KEY,
    accounts        BLOB    NOT NULL
) STRICT;

-- What was booked; never changed. Each transfer names the one before it in the
-- statement of its debit account, and in that of its credit account (0: none).
CREATE TABLE ledger_transfer (
    number          INTEGER NOT NULL PRIMARY KEY,
    id              BLOB    NOT NULL UNIQUE,
    timestamp       INTEGER NOT NULL,
    debit_account   INTEGER NOT NULL,
    credit_account  INTEGER NOT NULL,
    debit_before    INTEGER NOT NULL,
    credit_before   INTEGER NOT NULL,
    amount          BLOB    NOT NULL,
    code            INTEGER NOT NULL,
    flags           INTEGER NOT NULL,
    user_data_128   BLOB, -- NULL: zero
    user_data_64    INTEGER NOT NULL,
    user_data_32    INTEGER NOT NULL,
    timeout_seconds INTEGER NOT NULL,
    settles         INTEGER, -- what it posts or voids
    debit_after     BLOB, -- the balances after it, of an account with history
    credit_after    BLOB
) STRICT;

-- Every 64th transfer of an account: where to step into its statement.
CREATE TABLE ledger_milestone (
    account         INTEGER NOT NULL,
    transfer        INTEGER NOT NULL,
    PRIMARY KEY (account, transfer)
) STRICT, WITHOUT ROWID;

-- What became of each pending transfer. Only what can still expire is due.
CREATE TABLE ledger_pending (
    transfer        INTEGER NOT NULL PRIMARY KEY,
    state           INTEGER NOT NULL,
    due             INTEGER,
    debit_account   INTEGER NOT NULL,
    credit_account  INTEGER NOT NULL
) STRICT;

CREATE INDEX ledger_pending_due ON ledger_pending (due) WHERE due IS NOT NULL;
CREATE INDEX ledger_pending_debit ON ledger_pending (debit_account, due) WHERE due IS NOT NULL;
CREATE INDEX ledger_pending_credit ON ledger_pending (credit_account, due) WHERE due IS NOT NULL;

-- Ids that failed for a reason that may pass, and must not succeed later.
CREATE TABLE ledger_burnt (
    transfer        BLOB    NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Another one after every write: whoever remembers how accounts stood knows by
-- it whether they still do.
CREATE TABLE ledger_mark (
    mark            BLOB    NOT NULL
) STRICT;

INSERT INTO ledger_mark (mark) VALUES (zeroblob(16));
