-- +goose Up
CREATE TABLE counters (
    name       TEXT   NOT NULL,
    bucket     BIGINT NOT NULL,
    n          BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (name, bucket)
);
CREATE INDEX counters_expiry ON counters (expires_at);

CREATE TABLE claims (
    name    TEXT   NOT NULL PRIMARY KEY,
    ends_at BIGINT NOT NULL
);
CREATE INDEX claims_end ON claims (ends_at);

CREATE TABLE stops (
    address_hash TEXT   NOT NULL PRIMARY KEY,
    ends_at      BIGINT NOT NULL
);
CREATE INDEX stops_end ON stops (ends_at);

-- +goose Down
DROP TABLE stops;
DROP TABLE claims;
DROP TABLE counters;
