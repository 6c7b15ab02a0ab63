-- Times are milliseconds since 1970 UTC, 0 for none. seq orders rows of the same millisecond.
-- One text for SQLite and PostgreSQL: TEXT, BIGINT, partial indexes, no defaults that differ.

-- +goose Up
CREATE TABLE cases (
    id           TEXT   NOT NULL PRIMARY KEY,
    reference    TEXT   NOT NULL UNIQUE,
    created_at   BIGINT NOT NULL,
    language     TEXT   NOT NULL,
    entry        TEXT   NOT NULL,
    browser      TEXT   NOT NULL,
    address      TEXT   NOT NULL,
    address_hash TEXT   NOT NULL,
    last_act     TEXT   NOT NULL,
    ended_at     BIGINT NOT NULL
);
CREATE INDEX cases_created ON cases (created_at);
CREATE INDEX cases_address ON cases (address_hash);

CREATE TABLE sessions (
    lineage    TEXT   NOT NULL PRIMARY KEY,
    id_hash    TEXT   NOT NULL UNIQUE,
    case_id    TEXT   NOT NULL, -- '' for none
    prefill    TEXT   NOT NULL,
    draft      TEXT   NOT NULL,
    held       TEXT   NOT NULL, -- JSON: purpose to challenge id; '' for none
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_case ON sessions (case_id) WHERE case_id <> '';
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE challenges (
    id            TEXT   NOT NULL PRIMARY KEY,
    key_id        TEXT   NOT NULL,
    purpose       TEXT   NOT NULL,
    case_id       TEXT   NOT NULL REFERENCES cases (id),
    address       TEXT   NOT NULL,
    address_hash  TEXT   NOT NULL,
    account_id    TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    tries         BIGINT NOT NULL,
    used_at       BIGINT NOT NULL,
    claimed_until BIGINT NOT NULL,
    seq           BIGINT NOT NULL
);
CREATE INDEX challenges_case ON challenges (case_id);
CREATE INDEX challenges_address ON challenges (address_hash);

CREATE TABLE proofs (
    lineage      TEXT   NOT NULL,
    address_hash TEXT   NOT NULL,
    case_id      TEXT   NOT NULL,
    address      TEXT   NOT NULL,
    via          TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    seq          BIGINT NOT NULL,
    PRIMARY KEY (lineage, address_hash)
);
CREATE INDEX proofs_case ON proofs (case_id);
CREATE INDEX proofs_address ON proofs (address_hash);
CREATE INDEX proofs_expiry ON proofs (expires_at);

CREATE TABLE hand_offs (
    case_id      TEXT   NOT NULL REFERENCES cases (id),
    kind         TEXT   NOT NULL,
    address      TEXT   NOT NULL,
    address_hash TEXT   NOT NULL,
    message      TEXT   NOT NULL,
    evidence     TEXT   NOT NULL, -- JSON; '' for none
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (case_id, kind)
);
CREATE INDEX hand_offs_address ON hand_offs (address_hash);

CREATE TABLE found (
    case_id    TEXT   NOT NULL REFERENCES cases (id),
    account_id TEXT   NOT NULL,
    situation  TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    seq        BIGINT NOT NULL,
    PRIMARY KEY (case_id, account_id, situation)
);

-- The audit trail outlives its case and names it by reference alone.
CREATE TABLE audit (
    reference    TEXT   NOT NULL,
    seq          BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    act          TEXT   NOT NULL,
    address_hash TEXT   NOT NULL,
    detail       TEXT   NOT NULL,
    PRIMARY KEY (reference, seq)
);
CREATE INDEX audit_address ON audit (address_hash) WHERE address_hash <> '';
CREATE INDEX audit_at ON audit (at);

-- Cases chosen for removal. Filled and emptied within one transaction, so that nobody else sees a row.
CREATE TABLE doomed (
    case_id TEXT NOT NULL PRIMARY KEY
);

-- +goose Down
DROP TABLE doomed;
DROP TABLE audit;
DROP TABLE found;
DROP TABLE hand_offs;
DROP TABLE proofs;
DROP TABLE challenges;
DROP TABLE sessions;
DROP TABLE cases;
