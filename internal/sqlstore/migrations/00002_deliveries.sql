-- +goose Up
CREATE TABLE other_notices (
    id           TEXT   NOT NULL PRIMARY KEY,
    address      TEXT   NOT NULL,
    address_hash TEXT   NOT NULL,
    asked_domain TEXT   NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE INDEX other_notices_address ON other_notices (address_hash);
CREATE INDEX other_notices_created ON other_notices (created_at);

-- The outbox. The indexes of the queue leave out what is finished, so that it stays fast however many
-- deliveries are kept.
CREATE TABLE deliveries (
    id           TEXT   NOT NULL PRIMARY KEY,
    kind         TEXT   NOT NULL,
    case_id      TEXT   NOT NULL REFERENCES cases (id),
    challenge_id TEXT   NOT NULL,
    aside_id     TEXT   NOT NULL,
    notice_id    TEXT   NOT NULL,
    account_id   TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    refusal      TEXT   NOT NULL,
    reason       TEXT   NOT NULL,
    attempts     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    leased_by    TEXT   NOT NULL,
    leased_until BIGINT NOT NULL,
    lease        BIGINT NOT NULL, -- number of the call that leased it, 0 for none
    accepted_at  BIGINT NOT NULL,
    changed_at   BIGINT NOT NULL,
    provider_id  TEXT   NOT NULL,
    seq          BIGINT NOT NULL
);
CREATE INDEX deliveries_case ON deliveries (case_id);
CREATE INDEX deliveries_due ON deliveries (due_at, seq, created_at) WHERE state = 'queued';
CREATE INDEX deliveries_lease ON deliveries (lease) WHERE lease <> 0;
CREATE INDEX deliveries_notice ON deliveries (notice_id) WHERE notice_id <> '';

-- +goose Down
DROP TABLE deliveries;
DROP TABLE other_notices;
