-- Disbursement: batches, the payments in them, and what happened to each.

CREATE TABLE disbursement_batch (
    id BLOB NOT NULL PRIMARY KEY,
    programme BLOB NOT NULL,
    cycle BLOB NOT NULL,
    body TEXT NOT NULL,
    totals TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX disbursement_batch_by_cycle ON disbursement_batch (programme, cycle, id);

CREATE TABLE disbursement_line (
    payment BLOB NOT NULL PRIMARY KEY,
    batch BLOB NOT NULL REFERENCES disbursement_batch (id),
    entitlement BLOB NOT NULL,
    replaces BLOB,
    state TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX disbursement_line_by_batch ON disbursement_line (batch, payment, state);

-- An entitlement has one first payment.
CREATE UNIQUE INDEX disbursement_line_first ON disbursement_line (entitlement)
    WHERE replaces IS NULL;

-- A payment that failed is stood in for once.
CREATE UNIQUE INDEX disbursement_line_successor ON disbursement_line (replaces)
    WHERE replaces IS NOT NULL;

CREATE TABLE disbursement_event (
    id BLOB NOT NULL PRIMARY KEY,
    payment BLOB NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX disbursement_event_by_payment ON disbursement_event (payment, version);
