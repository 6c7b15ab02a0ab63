-- +goose Up
-- The address keys that this database has been used with: hashes of addresses made with one are nobody's with
-- another. A seal is made with its key and tells nothing of it.
CREATE TABLE seals (
    seal TEXT   NOT NULL PRIMARY KEY,
    at   BIGINT NOT NULL -- the first time
);

-- +goose Down
DROP TABLE seals;
